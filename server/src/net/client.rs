//! The client for all hosts. It keeps connections for later requests, each only for the host and the checked
//! addresses that it was opened for ([`pinned_uri`](super::pinned_uri)).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::uri::Scheme;
use http::{Extensions, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;

use super::connect::Connector;
use super::connection::{Exchange, OpenConnections};
use super::pinned_uri::pin;
use super::proxy_dialer::ProxyDialer;
use super::{Reason, UrlRefusal, tunnel};
use crate::clock::Clock;

const MAX_IDLE_PER_HOST: usize = 32;
/// Connections in use and idle ones. While there are more, connections are closed after their response.
/// `start::descriptors` expects no more.
const MAX_POOLED_CONNECTIONS: usize = 1024;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// hyper's default is 100.
const MAX_HEADERS: usize = 2000;

type Pool = legacy::Client<Connector, Full<Bytes>>;

pub(super) struct Client {
    pool: Pool,
    /// The same, but keeps no idle connections.
    unpooled: Pool,
    open: OpenConnections,
    /// Sends everything through the outbound proxy.
    proxy: Option<ProxyDialer>,
}

impl Client {
    /// A client whose connections are counted in `open`, together with those of other clients. With a `proxy` it
    /// sends everything through it.
    pub fn new(clock: Clock, tls: ClientConfig, open: OpenConnections, proxy: Option<ProxyDialer>) -> Self {
        let connector = Connector { clock, tls: Arc::new(tls).into(), open: open.clone(), proxy: proxy.clone() };
        let build = |max_idle| {
            legacy::Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_max_idle_per_host(max_idle)
                .pool_idle_timeout(IDLE_TIMEOUT)
                .http1_max_buf_size(MAX_HEAD_BYTES)
                .http1_max_headers(MAX_HEADERS)
                // The status counts, however malformed the headers are.
                .http1_ignore_invalid_headers_in_responses(true)
                .http1_allow_spaces_after_header_name_in_responses(true)
                .http1_allow_obsolete_multiline_headers_in_responses(true)
                .build(connector.clone())
        };
        Self { pool: build(MAX_IDLE_PER_HOST), unpooled: build(0), open, proxy }
    }

    /// Sends a request over a connection to one of `addresses`, which the guard has checked for its host. If
    /// the server had already closed the reused connection, sends it again over a new one: that says nothing
    /// about the endpoint.
    ///
    /// # Errors
    /// hyper's errors, as reasons.
    pub async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        addresses: &[IpAddr],
    ) -> Result<Response<Incoming>, Reason> {
        let pinned = pin(request.uri().clone(), addresses).ok_or(Reason::Refused(UrlRefusal::Malformed))?;
        *request.uri_mut() = pinned;
        self.request(request).await
    }

    /// The same through the outbound proxy, which resolves the host.
    ///
    /// # Errors
    /// Those of the proxy as [`Reason::Proxy`].
    pub async fn send_by_proxy(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Reason> {
        let Some(dialer) = &self.proxy else { return Err(Reason::Other("there is no outbound proxy".to_owned())) };
        if request.uri().scheme() != Some(&Scheme::HTTP) {
            // The proxy sees nothing of a request in a tunnel.
            return self.request(request).await;
        }
        if let Some(authorization) = dialer.proxy.authorization() {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        let response = self.request(request).await?;
        match tunnel::forward_error(response.status(), response.headers()) {
            Some(reason) => Err(reason),
            None => Ok(response),
        }
    }

    async fn request(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Reason> {
        let client = if self.open.count() < MAX_POOLED_CONNECTIONS { &self.pool } else { &self.unpooled };
        let sent = match client.request(request.clone()).await {
            Err(error) if is_stale(&error) => {
                tracing::debug!(%error, "the reused connection was closed; sending over a new one");
                self.unpooled.request(request).await
            }
            sent => sent,
        };
        sent.map_err(|error| Reason::from_client_error(&error))
    }
}

fn is_stale(error: &Error) -> bool {
    let mut extras = Extensions::new();
    if let Some(connected) = error.connect_info() {
        connected.get_extras(&mut extras);
    }
    extras.get::<Arc<Exchange>>().is_some_and(|exchange| exchange.is_stale())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use http_body_util::BodyExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::net::tls;

    /// The requests of each connection that a server got.
    type Connections = Arc<Mutex<Vec<Vec<String>>>>;

    async fn serve(address: &str) -> (u16, Connections) {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Connections::default();
        let log = connections.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let log = log.clone();
                tokio::spawn(async move {
                    let number = {
                        let mut log = log.lock().unwrap();
                        log.push(Vec::new());
                        log.len() - 1
                    };
                    let mut buffer = [0; 1024];
                    // Small requests arrive at once.
                    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                        log.lock().unwrap()[number].push(String::from_utf8_lossy(&buffer[..length]).into_owned());
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                    }
                });
            }
        });
        (port, connections)
    }

    fn client() -> Client {
        Client::new(
            Clock::mock(chrono::DateTime::UNIX_EPOCH),
            tls::client_config().unwrap(),
            OpenConnections::default(),
            None,
        )
    }

    async fn send(client: &Client, url: &str, addresses: &[&str]) {
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let request = Request::builder().uri(url).body(Full::default()).unwrap();
        let response = client.send(request, &addresses).await.unwrap();
        response.into_body().collect().await.unwrap();
        // hyper returns the connection to the pool in a task of its own.
        tokio::task::yield_now().await;
    }

    #[tokio::test]
    async fn a_connection_is_reused_only_for_the_same_addresses() {
        let (port, connections) = serve("127.0.0.1:0").await;
        let client = client();
        let url = format!("http://hooks.example.com:{port}/a?b=c");
        let expected = format!("GET /a?b=c HTTP/1.1\r\nhost: hooks.example.com:{port}\r\n\r\n");
        for (addresses, count) in [
            (&["127.0.0.1"] as &[_], 1),
            (&["127.0.0.1"], 1),
            (&["127.0.0.1", "192.0.2.1"], 2),
            (&["192.0.2.1", "127.0.0.1"], 2),
            (&["127.0.0.1"], 2),
        ] {
            send(&client, &url, addresses).await;
            assert_eq!(connections.lock().unwrap().len(), count, "{addresses:?}");
        }
        let requests = connections.lock().unwrap().concat();
        assert_eq!(requests, vec![expected; 5], "the addresses are not sent");
    }

    #[tokio::test]
    async fn a_host_with_a_new_address_gets_a_new_connection() {
        let (port, old) = serve("127.0.0.1:0").await;
        let listener = format!("127.0.0.2:{port}");
        let (_, new) = serve(&listener).await;
        let client = client();
        let url = format!("http://hooks.example.com:{port}/");
        send(&client, &url, &["127.0.0.1"]).await;
        send(&client, &url, &["127.0.0.2"]).await;
        assert_eq!((old.lock().unwrap().concat().len(), new.lock().unwrap().concat().len()), (1, 1));
    }

    #[tokio::test]
    async fn connections_to_hundreds_of_hosts_are_kept() {
        const HOSTS: usize = 300;
        let (port, connections) = serve("127.0.0.1:0").await;
        let client = client();
        for _ in 0..3 {
            for host in 0..HOSTS {
                send(&client, &format!("http://host{host}.example.com:{port}/"), &["127.0.0.1"]).await;
            }
        }
        let requests: Vec<_> = connections.lock().unwrap().iter().map(Vec::len).collect();
        assert_eq!(requests, [3; HOSTS]);
        assert_eq!(client.open.count(), HOSTS);
        drop(client);
    }
}
