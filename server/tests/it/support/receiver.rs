//! An endpoint: a real HTTP server that keeps what it receives.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use super::eventually;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
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
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Answers 200 to everything.
    pub async fn start() -> Self {
        Self::answering(|_| StatusCode::OK).await
    }

    /// Answers the n-th request, from 0, as told.
    pub async fn answering<R: IntoResponse>(answer: impl Fn(usize) -> R + Clone + Send + Sync + 'static) -> Self {
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let keep = received.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let number = {
                let mut received = keep.lock().unwrap();
                received.push(Received { uri, headers, body });
                received.len() - 1
            };
            let response: Response = answer(number).into_response();
            response
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, received }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until `count` requests have come; fails when more have.
    pub async fn requests(&self, count: usize) -> Vec<Received> {
        let received = eventually(&format!("{count} requests"), async || {
            let received = self.so_far();
            (received.len() >= count).then_some(received)
        })
        .await;
        assert_eq!(received.len(), count, "more requests than expected");
        received
    }

    pub fn so_far(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}
