//! An endpoint that notes when what arrived.

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

/// When an issue's event arrived first, and how often it did.
#[derive(Clone, Copy)]
pub struct Arrival {
    /// The first time.
    pub at: Instant,
    /// How often.
    pub times: usize,
}

/// Arrivals by the id of the issue that the event is about.
pub type Arrivals = HashMap<String, Arrival>;

/// A running receiver.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    arrivals: Arc<Mutex<Arrivals>>,
}

impl Receiver {
    /// Takes everything.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let receiver = Self { address: listener.local_addr()?, arrivals: Arc::default() };
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

    /// Takes connections and never answers; tells its address.
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

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What has arrived so far.
    pub fn arrivals(&self) -> Arrivals {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `count` issues have arrived; fails after `patience`.
    pub async fn until(&self, count: usize, patience: Duration) -> Result<Arrivals> {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        let start = Instant::now();
        loop {
            again.tick().await;
            let so_far = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).len();
            if so_far >= count {
                return Ok(self.arrivals());
            }
            if start.elapsed() > patience {
                bail!("{so_far} of {count} have arrived after {patience:?}");
            }
        }
    }
}

async fn receive(receiver: Receiver, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    if let Ok(body) = request.into_body().collect().await
        && let Some(issue) = issue_id(&body.to_bytes())
    {
        let mut arrivals = receiver.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.entry(issue).or_insert(Arrival { at: Instant::now(), times: 0 }).times += 1;
    }
    Ok(Response::new(Empty::new()))
}

/// The first id of an issue in a text: a TypeID of 30 characters.
pub fn issue_id(text: &[u8]) -> Option<String> {
    let start = text.windows(4).position(|window| window == b"iss_")?;
    Some(String::from_utf8_lossy(text.get(start..start + 30)?).into_owned())
}
