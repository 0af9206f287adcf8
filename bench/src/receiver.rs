//! An endpoint that records what it receives and when.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// The requests for one issue.
#[derive(Clone, Copy)]
pub struct ReceivedRequest {
    /// When the first one arrived.
    pub at: Instant,
    /// How many arrived.
    pub times: usize,
}

/// By the ID of the issue.
pub type ReceivedRequests = HashMap<String, ReceivedRequest>;

/// A running receiver.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<ReceivedRequests>>,
    delay: Duration,
}

impl Receiver {
    /// Responds at once.
    pub async fn start() -> Result<Self> {
        Self::slow(Duration::ZERO).await
    }

    /// Responds after `delay`.
    pub async fn slow(delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let receiver = Self { address: listener.local_addr()?, received: Arc::default(), delay };
        let accepting = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let receiver = accepting.clone();
                tokio::spawn(http1::Builder::new().serve_connection(
                    TokioIo::new(stream),
                    service_fn(move |request| receive(receiver.clone(), request)),
                ));
            }
        });
        Ok(receiver)
    }

    /// Accepts connections and never responds. Returns its address.
    pub async fn hanging() -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                kept.push(stream);
            }
        });
        Ok(address)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Everything received so far.
    pub fn received(&self) -> ReceivedRequests {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for `count` issues; fails after `timeout`.
    pub async fn wait_for(&self, count: usize, timeout: Duration) -> Result<ReceivedRequests> {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        let start = Instant::now();
        loop {
            again.tick().await;
            let so_far = self.received.lock().unwrap_or_else(PoisonError::into_inner).len();
            if so_far >= count {
                return Ok(self.received());
            }
            if start.elapsed() > timeout {
                bail!("{so_far} of {count} received after {timeout:?}");
            }
        }
    }
}

async fn receive(receiver: Receiver, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    if let Ok(body) = request.into_body().collect().await
        && let Some(issue) = issue_id(&body.to_bytes())
    {
        let mut received = receiver.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.entry(issue).or_insert(ReceivedRequest { at: Instant::now(), times: 0 }).times += 1;
    }
    if !receiver.delay.is_zero() {
        tokio::time::sleep(receiver.delay).await;
    }
    Ok(Response::new(Empty::new()))
}

/// The first issue ID in a text: a TypeID of 30 characters.
pub fn issue_id(text: &[u8]) -> Option<String> {
    let start = text.windows(4).position(|window| window == b"iss_")?;
    Some(String::from_utf8_lossy(text.get(start..start + 30)?).into_owned())
}
