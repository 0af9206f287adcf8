//! One request with its limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::clients::Clients;
use super::progress::{PROGRESS, Phase, Progress};
use super::{Guard, Reason, tls};
use crate::clock::Clock;

/// The door out. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    guard: Guard,
    clock: Clock,
    clients: Arc<Clients>,
}

/// What is sent. The URL is sent to the byte.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to; a URL that [`Guard::check_url`] let pass, now or when it was saved.
    pub url: Url,
    /// All headers but host and content-length.
    pub headers: HeaderMap,
    /// The body; may be empty.
    pub body: Bytes,
    /// How much is put up with.
    pub limits: Limits,
}

/// How much is put up with.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For all of it: name, connection, headers and body.
    pub time: Duration,
    /// Bytes of the body that are read; then the connection is dropped.
    pub read: usize,
    /// Bytes of the body that are kept.
    pub keep: usize,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status; redirects are not followed.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The first bytes of the body, up to [`Limits::keep`].
    pub body: Vec<u8>,
    /// Whether there was more than was kept.
    pub truncated: bool,
}

/// A request without a whole response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failed {
    /// Why.
    pub reason: Reason,
    /// What had come when it failed, if the headers had.
    pub received: Option<Box<Response>>,
}

impl Http {
    /// A door out that `guard` watches.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(guard: Guard, clock: Clock) -> Result<Self, rustls::Error> {
        let clients = Arc::new(Clients::new(tls::client_config()?));
        Ok(Self { guard, clock, clients })
    }

    /// What judges addresses, here and when they are saved.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request and reads the response, both within the limits. Any status is a response.
    ///
    /// # Errors
    /// See [`Reason`].
    pub async fn send(&self, request: Request) -> Result<Response, Failed> {
        let progress = Arc::new(Progress::default());
        let limit = request.limits.time;
        let exchange = PROGRESS.scope(progress.clone(), self.exchange(request, &progress));
        let reason = match self.clock.timeout(limit, exchange).await {
            Some(Ok(())) => None,
            Some(Err(reason)) => Some(reason),
            None => Some(Reason::TimedOut { limit, phase: progress.phase() }),
        };
        match (reason, progress.take()) {
            (None, Some(response)) => Ok(response),
            (reason, received) => {
                Err(Failed { reason: reason.unwrap_or(Reason::Closed), received: received.map(Box::new) })
            }
        }
    }

    async fn exchange(&self, request: Request, progress: &Progress) -> Result<(), Reason> {
        progress.enter(Phase::Resolving);
        let addresses = self.guard.resolve(&request.url).await?;
        progress.enter(Phase::Waiting);
        let client = self.clients.bound(&request.url, &addresses).map_err(|error| Reason::of(&error))?;
        let sent = client.request(request.method, request.url).headers(request.headers).body(request.body).send();
        let mut response = sent.await.map_err(|error| Reason::of(&error))?;
        progress.receive(|received| {
            let headers = std::mem::take(response.headers_mut());
            *received = Some(Response { status: response.status(), headers, body: Vec::new(), truncated: false });
        });
        progress.enter(Phase::Reading);
        let Limits { read, keep, .. } = request.limits;
        let mut total = 0;
        while total <= read
            && let Some(chunk) = response.chunk().await.map_err(|error| Reason::of(&error))?
        {
            total += chunk.len();
            progress.receive(|received| {
                if let Some(received) = received {
                    let room = keep - received.body.len();
                    received.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    received.truncated |= chunk.len() > room;
                }
            });
        }
        Ok(())
    }
}
