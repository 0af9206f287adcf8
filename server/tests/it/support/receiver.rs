//! An endpoint: an HTTP server that stores what it receives.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use server::clock::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificate::Certificate;
use super::eventually;

/// A received request.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The Unix time that the request was signed at.
    pub fn timestamp(&self) -> i64 {
        self.header("webhook-timestamp").parse().unwrap()
    }
}

pub struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl Receiver {
    /// Responds 200.
    pub async fn start() -> Self {
        Self::answering(|_| StatusCode::OK).await
    }

    /// Responds 200, on this address.
    pub async fn at(address: IpAddr) -> Self {
        Self::serving(address, |_| StatusCode::OK).await
    }

    /// Responds to the n-th request, from 0.
    pub async fn answering<R: IntoResponse>(answer: impl Fn(usize) -> R + Clone + Send + Sync + 'static) -> Self {
        Self::serving(Ipv4Addr::LOCALHOST.into(), answer).await
    }

    /// Repeats each request in the body and in a header.
    pub async fn echoing() -> Self {
        let received: Arc<Mutex<Vec<ReceivedRequest>>> = Arc::default();
        let keep = received.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            keep.lock().unwrap().push(ReceivedRequest { uri, headers, body: body.clone() });
            ([("x-echo", "1")], body)
        });
        Self::serve(Ipv4Addr::LOCALHOST.into(), router, received).await
    }

    async fn serving<R: IntoResponse>(
        address: IpAddr,
        answer: impl Fn(usize) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let received: Arc<Mutex<Vec<ReceivedRequest>>> = Arc::default();
        let keep = received.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let number = {
                let mut received = keep.lock().unwrap();
                received.push(ReceivedRequest { uri, headers, body });
                received.len() - 1
            };
            let response: Response = answer(number).into_response();
            response
        });
        Self::serve(address, router, received).await
    }

    /// Responds 200 after `delay` by `clock`.
    pub async fn slow(clock: Clock, delay: Duration) -> Self {
        Self::after(clock, delay, StatusCode::OK).await
    }

    /// Responds 410 after `delay` by `clock`.
    pub async fn gone_after(clock: Clock, delay: Duration) -> Self {
        Self::after(clock, delay, StatusCode::GONE).await
    }

    async fn after(clock: Clock, delay: Duration, status: StatusCode) -> Self {
        let received: Arc<Mutex<Vec<ReceivedRequest>>> = Arc::default();
        let keep = received.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let answer_at = clock.instant() + delay;
            keep.lock().unwrap().push(ReceivedRequest { uri, headers, body });
            clock.sleep_until(answer_at).await;
            status
        });
        Self::serve(Ipv4Addr::LOCALHOST.into(), router, received).await
    }

    async fn serve(address: IpAddr, router: Router, received: Arc<Mutex<Vec<ReceivedRequest>>>) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, received }
    }

    /// Responds 200 over TLS, with a certificate that nobody trusts.
    pub async fn self_signed() -> Self {
        Self::with_certificate(&Certificate::new(&["127.0.0.1"])).await
    }

    /// Responds 200 over TLS.
    pub async fn with_certificate(certificate: &Certificate) -> Self {
        let received: Arc<Mutex<Vec<ReceivedRequest>>> = Arc::default();
        let keep = received.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            keep.lock().unwrap().push(ReceivedRequest { uri, headers, body });
            StatusCode::OK
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TlsListener { listener, tls: certificate.acceptor.clone() };
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, received }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The URL of a receiver that speaks TLS.
    pub fn tls_url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// Waits for `count` requests. Fails on more.
    pub async fn requests(&self, count: usize) -> Vec<ReceivedRequest> {
        let received = self.wait_for_at_least(count).await;
        assert_eq!(received.len(), count, "more requests than expected");
        received
    }

    /// Waits for at least `count` requests.
    pub async fn wait_for_at_least(&self, count: usize) -> Vec<ReceivedRequest> {
        eventually(&format!("{count} requests"), async || {
            let received = self.requests_so_far();
            (received.len() >= count).then_some(received)
        })
        .await
    }

    pub fn requests_so_far(&self) -> Vec<ReceivedRequest> {
        self.received.lock().unwrap().clone()
    }
}

struct TlsListener {
    listener: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            // A client that doesn't trust the certificate ends the handshake.
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
