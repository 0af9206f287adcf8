//! The HTTP client: sends a request and reads the response within limits.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use url::Url;

use super::client::Client;
use super::connection::OpenConnections;
use super::guard::Route;
use super::progress::{PROGRESS, Phase, RequestProgress};
use super::proxy_dialer::ProxyDialer;
use super::{Guard, Reason, UrlRefusal, tls};
use crate::clock::Clock;

/// A timer that fires later than this shows that the process was suspended.
const MAX_TIMER_DELAY: Duration = Duration::from_secs(1);
/// For reading what arrived while the process was suspended.
const STALL_GRACE_PERIOD: Duration = Duration::from_secs(2);

/// Cheap to clone.
#[derive(Clone)]
pub struct Http {
    guard: Guard,
    clock: Clock,
    direct: Clients,
    proxied: Clients,
}

/// The clients for one route.
#[derive(Clone)]
struct Clients {
    secure: Arc<Client>,
    /// Verifies no certificates. It has connections of its own, so that none of them is used for a request that
    /// needs a verified one.
    insecure: Arc<Client>,
}

impl Clients {
    fn new(clock: &Clock, open: &OpenConnections, proxy: Option<&ProxyDialer>) -> Result<Self, rustls::Error> {
        let client = |tls| Arc::new(Client::new(clock.clone(), tls, open.clone(), proxy.cloned()));
        Ok(Self { secure: client(tls::client_config()?), insecure: client(tls::insecure_client_config()?) })
    }

    fn get(&self, allow_insecure: bool) -> &Client {
        if allow_insecure { &self.insecure } else { &self.secure }
    }
}

/// A request. The URL is sent unchanged.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// A URL that [`Guard::check_url`] accepted, now or when it was saved.
    pub url: Url,
    /// All headers except host, content-length and accept-encoding.
    pub headers: HeaderMap,
    /// The body; may be empty.
    pub body: Bytes,
    /// The limits of the response.
    pub limits: Limits,
    /// Whether any certificate is accepted.
    pub allow_insecure: bool,
}

/// The limits of a response.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For DNS, connection, headers and body together.
    pub time: Duration,
    /// Bytes of the body that are read. Then the connection is closed.
    pub read: usize,
    /// Bytes of the body that are kept.
    pub keep: usize,
}

/// A response.
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
    /// Bytes of the body that were read.
    pub body_bytes: usize,
    /// Whether the body was read to its end.
    pub is_complete: bool,
}

/// A request without a complete response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failed {
    /// Why.
    pub reason: Reason,
    /// The incomplete response, if its headers had arrived.
    pub received: Option<Box<Response>>,
}

impl Http {
    /// A client that sends only to what `guard` allows.
    ///
    /// # Errors
    /// When TLS can't be initialized.
    pub fn new(guard: Guard, clock: Clock) -> Result<Self, rustls::Error> {
        let open = OpenConnections::default();
        let direct = Clients::new(&clock, &open, None)?;
        let proxied = match guard.proxy() {
            Some((proxy, dns)) => {
                let (proxy, dns) = (proxy.clone(), dns.clone());
                let dialer = ProxyDialer { proxy, dns, tls: Arc::new(tls::client_config()?).into() };
                Clients::new(&clock, &open, Some(&dialer))?
            }
            None => direct.clone(),
        };
        Ok(Self { guard, clock, direct, proxied })
    }

    /// Checks URLs, here and when they are saved.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a request and reads the response, both within the limits. Any status is a response.
    ///
    /// # Errors
    /// See [`Reason`].
    pub async fn send(&self, request: Request) -> Result<Response, Failed> {
        let progress = Arc::new(RequestProgress::default());
        let limit = request.limits.time;
        let exchange = PROGRESS.scope(progress.clone(), self.exchange(request, &progress));
        let (began, mut exchange) = (self.clock.instant(), pin!(exchange));
        let mut ended = self.clock.timeout(limit, exchange.as_mut()).await;
        if ended.is_none() && self.clock.instant() - began > limit + MAX_TIMER_DELAY {
            // The process was suspended, and the response may have arrived meanwhile.
            ended = self.clock.timeout(STALL_GRACE_PERIOD, exchange).await;
        }
        let reason = match ended {
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

    async fn exchange(&self, request: Request, progress: &RequestProgress) -> Result<(), Reason> {
        progress.enter(Phase::Resolving);
        let route = self.guard.route(&request.url).await?;
        progress.enter(Phase::Waiting);
        let (Limits { read, keep, .. }, allow_insecure) = (request.limits, request.allow_insecure);
        let request = to_hyper(request)?;
        let response = match &route {
            Route::Direct(addresses) => self.direct.get(allow_insecure).send(request, addresses).await?,
            Route::Proxy => self.proxied.get(allow_insecure).send_by_proxy(request).await?,
        };
        let (head, mut body) = response.into_parts();
        progress.receive(|received| *received = Some(Response::new(head.status, head.headers)));
        progress.enter(Phase::Reading);
        let mut total = 0;
        while total <= read {
            let Some(frame) = body.frame().await else {
                progress.change(|received| received.is_complete = true);
                break;
            };
            let Ok(chunk) = frame.map_err(|error| Reason::reading(&error))?.into_data() else { continue };
            total += chunk.len();
            progress.change(|received| received.add(&chunk, keep));
        }
        Ok(())
    }
}

impl Response {
    fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self { status, headers, body: Vec::new(), truncated: false, body_bytes: 0, is_complete: false }
    }

    fn add(&mut self, chunk: &[u8], keep: usize) {
        let room = keep.saturating_sub(self.body.len());
        self.body.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
        self.truncated |= chunk.len() > room;
        self.body_bytes += chunk.len();
    }
}

/// The request for hyper. A compressed response could not be shown.
fn to_hyper(request: Request) -> Result<http::Request<Full<Bytes>>, Reason> {
    let Request { method, url, mut headers, body, .. } = request;
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let mut request = http::Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = url.as_str().parse().map_err(|_| Reason::Refused(UrlRefusal::Malformed))?;
    *request.headers_mut() = headers;
    Ok(request)
}
