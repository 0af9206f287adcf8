//! A request as it is forwarded to the local URL.

use app::model::delivery::Header;
use app::model::inspector::InspectorRequestDetail;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

/// Headers of a connection, and those that the client sets itself.
const NOT_FORWARDED: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// The local URL of a request: the path and the query after the token, below `base`. `None` if the path would lead
/// out of it.
pub fn target(base: &Url, path_and_query: &str) -> Option<Url> {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut url = base.clone();
    let folder = base.path().trim_end_matches('/');
    if !path.is_empty() {
        // Removes dot segments.
        url.set_path(&format!("{folder}{path}"));
        let rest = url.path().strip_prefix(folder)?;
        if !(rest.is_empty() || rest.starts_with('/')) {
            return None;
        }
    }
    match (base.query(), query) {
        (_, None) => {}
        (None, Some(query)) => url.set_query(Some(query)),
        (Some(own), Some(query)) => {
            let both = format!("{own}&{query}");
            url.set_query(Some(&both));
        }
    }
    Some(url)
}

/// Whether a URL leads to this machine.
pub fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The headers that are forwarded.
pub fn headers(received: &[Header]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for Header { name, value } in received.iter().filter(|header| !NOT_FORWARDED.contains(&&*header.name)) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// The body; `None` if only a part of it was kept.
pub fn body(detail: &InspectorRequestDetail) -> Option<Vec<u8>> {
    if detail.request.truncated {
        return None;
    }
    match (&detail.body, &detail.body_base64) {
        (Some(text), _) => Some(text.clone().into_bytes()),
        (None, Some(encoded)) => STANDARD.decode(encoded).ok(),
        (None, None) => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target_of(base: &str, path: &str) -> Option<String> {
        target(&base.parse().unwrap(), path).map(String::from)
    }

    #[test]
    fn a_path_is_appended_to_the_local_url() {
        for (base, path, expected) in [
            ("http://localhost:8080", "", "http://localhost:8080/"),
            ("http://localhost:8080/hook", "", "http://localhost:8080/hook"),
            ("http://localhost:8080/hook/", "/7?a=b", "http://localhost:8080/hook/7?a=b"),
            ("http://localhost:8080/hook?key=1", "?a=b", "http://localhost:8080/hook?key=1&a=b"),
            ("http://localhost:8080", "/a%2Fb", "http://localhost:8080/a%2Fb"),
        ] {
            assert_eq!(target_of(base, path).as_deref(), Some(expected), "{base} {path}");
        }
    }

    #[test]
    fn a_path_cannot_leave_the_local_url() {
        for path in ["/../admin", "/%2e%2e/admin", "/a/../../admin", "/../hooks"] {
            assert_eq!(target_of("http://localhost:8080/hook", path), None, "{path}");
        }
        assert_eq!(
            target_of("http://localhost:8080/hook", "//evil.example").as_deref(),
            Some("http://localhost:8080/hook//evil.example")
        );
    }

    #[test]
    fn only_loopback_hosts_are_local() {
        for (url, expected) in [
            ("https://localhost:8443", true),
            ("https://127.0.0.1", true),
            ("https://[::1]:1", true),
            ("https://app.localhost", true),
            ("https://localhost.example.com", false),
            ("https://192.168.0.1", false),
        ] {
            assert_eq!(is_local(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn headers_of_the_connection_are_not_forwarded() {
        let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
        let received = [header("host", "x"), header("x-own", "1"), header("x-own", "2"), header("content-length", "7")];
        let forwarded = headers(&received);
        assert_eq!(forwarded.len(), 2);
        assert_eq!(forwarded.get_all("x-own").iter().collect::<Vec<_>>(), ["1", "2"]);
    }
}
