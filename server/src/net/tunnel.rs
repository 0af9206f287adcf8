//! Asks a proxy for a tunnel to a host (`CONNECT`), and tells errors of the proxy from those of the endpoint.

use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Reason;
use super::reason::ProxyError;

/// The longest head of the proxy's response.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const AGENT: &str = concat!("Testbell/", env!("CARGO_PKG_VERSION"));

/// Opens a tunnel to `authority`, e.g. `example.com:443`. Afterwards the stream leads there.
///
/// # Errors
/// [`Reason::Proxy`] for any other response than 2xx.
pub(super) async fn open(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    authority: &str,
    authorization: Option<&HeaderValue>,
) -> Result<(), Reason> {
    let mut request =
        format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {AGENT}\r\n").into_bytes();
    if let Some(authorization) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(authorization.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let lost = |error: std::io::Error| ProxyError::unreachable(Reason::tunneling(&error));
    stream.write_all(&request).await.map_err(lost)?;
    stream.flush().await.map_err(lost)?;
    let mut response = Vec::new();
    let end = loop {
        let mut chunk = [0; 1024];
        let read = stream.read(&mut chunk).await.map_err(lost)?;
        if read == 0 {
            return Err(ProxyError::unreachable(Reason::Closed).into());
        }
        response.extend_from_slice(chunk.get(..read).unwrap_or_default());
        if let Some(end) = head_end(&response) {
            break end;
        }
        if response.len() > MAX_HEAD_BYTES {
            return Err(not_http());
        }
    };
    let status = status(&response).ok_or_else(not_http)?;
    if !status.is_success() {
        return Err(refusal(status).into());
    }
    // The endpoint speaks only after the TLS client, so these bytes are not from it.
    if end == response.len() { Ok(()) } else { Err(not_http()) }
}

/// The error of the proxy in the response to a request that it forwarded. `None` if it comes from the endpoint, or
/// if that is unknown.
pub(super) fn forward_error(status: StatusCode, headers: &HeaderMap) -> Option<Reason> {
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Some(refusal(status).into());
    }
    // RFC 9209, and Squid.
    let status_headers = headers.get_all("proxy-status").into_iter();
    let mut texts = status_headers.filter_map(|value| value.to_str().ok());
    let is_own = texts.any(|text| text.contains("error=")) || headers.contains_key("x-squid-error");
    let is_failure = status.is_client_error() || status.is_server_error();
    (is_own && is_failure).then(|| refusal(status).into())
}

fn refusal(status: StatusCode) -> ProxyError {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => ProxyError::Credentials,
        status if status.is_server_error() => ProxyError::NoConnection(status),
        status => ProxyError::Refused(status),
    }
}

fn not_http() -> Reason {
    ProxyError::unreachable(Reason::NotHttp("no valid response to CONNECT".to_owned())).into()
}

/// The position after the empty line.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let find = |end: &[u8]| bytes.windows(end.len()).position(|window| window == end).map(|at| at + end.len());
    match (find(b"\r\n\r\n"), find(b"\n\n")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn status(head: &[u8]) -> Option<StatusCode> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let digits = rest.get(2..5).filter(|_| rest.get(1) == Some(&b' '))?;
    StatusCode::from_bytes(digits).ok()
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// The request that a proxy gets, and what comes of its response.
    async fn opened(response: &[u8]) -> (String, Result<(), Reason>) {
        let (mut near, mut far) = duplex(64 * 1024);
        let mut authorization = HeaderValue::from_static("Basic YTpi");
        authorization.set_sensitive(true);
        far.write_all(response).await.unwrap();
        far.shutdown().await.unwrap();
        let opened = open(&mut near, "example.com:443", Some(&authorization)).await;
        drop(near);
        let mut request = String::new();
        far.read_to_string(&mut request).await.unwrap();
        (request, opened)
    }

    #[tokio::test]
    async fn a_tunnel_opens_with_any_success() {
        for response in
            ["HTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.0 200\n\n", "HTTP/1.1 204 x\r\na: b\r\n\r\n"]
        {
            let (request, opened) = opened(response.as_bytes()).await;
            assert_eq!(opened, Ok(()), "{response}");
            assert!(request.starts_with("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n"), "{request}");
            assert!(request.ends_with("Proxy-Authorization: Basic YTpi\r\n\r\n"), "{request}");
        }
    }

    #[tokio::test]
    async fn a_refusal_of_the_proxy_is_explained() {
        for (status, expected) in [
            (407, ProxyError::Credentials),
            (403, ProxyError::Refused(StatusCode::FORBIDDEN)),
            (302, ProxyError::Refused(StatusCode::FOUND)),
            (502, ProxyError::NoConnection(StatusCode::BAD_GATEWAY)),
        ] {
            let (_, opened) = opened(format!("HTTP/1.1 {status} x\r\n\r\n<html>").as_bytes()).await;
            assert_eq!(opened, Err(expected.into()));
        }
    }

    #[tokio::test]
    async fn a_response_that_is_not_http_blames_the_proxy() {
        let long = [b"HTTP/1.1 200 OK\r\n".to_vec(), vec![b'a'; 2 * MAX_HEAD_BYTES]].concat();
        for response in [b"SSH-2.0\r\n\r\n".as_slice(), b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n\r\nmore", &long] {
            let (_, opened) = opened(response).await;
            let Err(Reason::Proxy(error)) = opened else { panic!("{opened:?}") };
            assert!(matches!(error, ProxyError::Unreachable(_)), "{error}");
        }
    }

    #[test]
    fn only_marked_responses_are_errors_of_the_proxy() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))])
        };
        let squid = headers("x-squid-error", "ERR_CONNECT_FAIL 111");
        let standard = headers("proxy-status", "proxy.example; error=connection_refused");
        for marked in [&squid, &standard] {
            let error = forward_error(StatusCode::SERVICE_UNAVAILABLE, marked);
            assert_eq!(error, Some(ProxyError::NoConnection(StatusCode::SERVICE_UNAVAILABLE).into()));
            assert_eq!(forward_error(StatusCode::OK, marked), None);
        }
        assert_eq!(forward_error(StatusCode::BAD_GATEWAY, &headers("proxy-status", "proxy.example")), None);
        assert_eq!(forward_error(StatusCode::BAD_GATEWAY, &HeaderMap::new()), None);
        let refused = forward_error(StatusCode::PROXY_AUTHENTICATION_REQUIRED, &HeaderMap::new());
        assert_eq!(refused, Some(ProxyError::Credentials.into()));
    }
}
