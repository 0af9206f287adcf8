//! An outbound proxy: opens tunnels (`CONNECT`) and forwards http requests. To it, every host name is this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use http::Uri;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub struct ForwardProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The heads of the requests.
    heads: Mutex<Vec<String>>,
    /// Answers every request, if set.
    response: Mutex<Option<String>>,
}

impl ForwardProxy {
    pub async fn start() -> Self {
        Self::serve(None).await
    }

    /// The same over TLS.
    pub async fn with_tls(acceptor: TlsAcceptor) -> Self {
        Self::serve(Some(acceptor)).await
    }

    async fn serve(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let keep = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (keep.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                shared.pass(stream).await;
                            }
                        }
                        None => shared.pass(stream).await,
                    }
                });
            }
        });
        Self { address, shared }
    }

    /// Its URL with these credentials, e.g. `ada:secret@`.
    pub fn url(&self, scheme: &str, credentials: &str) -> String {
        format!("{scheme}://{credentials}{}", self.address)
    }

    /// From now on, every request gets this response.
    pub fn respond(&self, response: &str) {
        *self.shared.response.lock().unwrap() = Some(response.to_owned());
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }
}

impl Shared {
    async fn pass(&self, mut client: impl AsyncRead + AsyncWrite + Unpin) {
        let Some((head, rest)) = read_head(&mut client).await else { return };
        self.heads.lock().unwrap().push(head.clone());
        let response = self.response.lock().unwrap().clone();
        if let Some(response) = response {
            // The client may have gone.
            let _ = client.write_all(response.as_bytes()).await;
            return;
        }
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let target: Uri = target.parse().unwrap();
        let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target.port_u16().unwrap())).await else {
            let failed = "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: test; error=connection_refused\r\n\r\n";
            let _ = client.write_all(failed.as_bytes()).await;
            return;
        };
        if method == "CONNECT" {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        } else {
            server.write_all(origin_form(&head, method, &target).as_bytes()).await.unwrap();
            server.write_all(&rest).await.unwrap();
        }
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

/// The request for the server itself. It closes the connection, so that one proxied connection is one request.
fn origin_form(head: &str, method: &str, target: &Uri) -> String {
    let headers = head.lines().skip(1).filter(|line| !line.is_empty() && !line.to_lowercase().starts_with("proxy-"));
    let headers: Vec<_> = headers.map(|line| format!("{line}\r\n")).collect();
    format!("{method} {} HTTP/1.1\r\n{}Connection: close\r\n\r\n", target.path_and_query().unwrap(), headers.concat())
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Some((String::from_utf8(bytes).unwrap(), rest));
        }
    }
}
