//! The HTTP clients. Each is pinned to a host and to the addresses that the guard checked for it. When
//! the host resolves to other addresses, it gets another client with another pool, so that no
//! connection to an earlier address is reused.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::connect::Connector;
use super::connection::Exchange;
use crate::clock::Clock;

/// Clients that are kept. The one that was unused for longest is dropped first.
const MAX_CLIENTS: usize = 256;
const MAX_IDLE_PER_HOST: usize = 32;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// hyper's default is 100.
const MAX_HEADERS: usize = 2000;

type Pool = legacy::Client<Connector, Full<Bytes>>;

/// What a client is pinned to.
#[derive(Clone, PartialEq, Eq, Hash)]
enum PinnedHost {
    /// The URL itself has the address.
    Address,
    Name {
        host: String,
        sorted: Vec<IpAddr>,
    },
}

pub(super) struct ClientPool {
    clock: Clock,
    tls: TlsConnector,
    clients: Mutex<HostClients>,
}

#[derive(Default)]
struct HostClients {
    by_host: HashMap<PinnedHost, (HostClient, u64)>,
    uses: u64,
}

/// Sends requests to one host, over connections that it keeps.
#[derive(Clone)]
pub(super) struct HostClient {
    pool: Pool,
    /// The same, but keeps no idle connections.
    unpooled: Pool,
}

impl ClientPool {
    pub fn new(clock: Clock, tls: ClientConfig) -> Self {
        Self { clock, tls: Arc::new(tls).into(), clients: Mutex::default() }
    }

    /// The client for a URL whose host has these addresses, in the order they are tried.
    pub fn client(&self, url: &Url, addresses: &[IpAddr]) -> HostClient {
        let (pinned, addresses) = match url.host() {
            Some(Host::Domain(host)) => {
                let mut sorted = addresses.to_vec();
                sorted.sort_unstable();
                (PinnedHost::Name { host: host.to_owned(), sorted }, Some(addresses.into()))
            }
            _ => (PinnedHost::Address, None),
        };
        let new = || HostClient::new(&Connector { clock: self.clock.clone(), tls: self.tls.clone(), addresses });
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(pinned, new)
    }
}

impl HostClients {
    fn get(&mut self, pinned: PinnedHost, new: impl FnOnce() -> HostClient) -> HostClient {
        self.uses += 1;
        if let Some((client, used)) = self.by_host.get_mut(&pinned) {
            *used = self.uses;
            return client.clone();
        }
        if self.by_host.len() >= MAX_CLIENTS
            && let Some(oldest) = self.by_host.iter().min_by_key(|(_, (_, used))| *used).map(|(host, _)| host.clone())
        {
            self.by_host.remove(&oldest);
        }
        let client = new();
        self.by_host.insert(pinned, (client.clone(), self.uses));
        client
    }
}

impl HostClient {
    fn new(connector: &Connector) -> Self {
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
        Self { pool: build(MAX_IDLE_PER_HOST), unpooled: build(0) }
    }

    /// Sends a request. If the server had already closed the reused connection, sends it again over a
    /// new one: that says nothing about the endpoint.
    ///
    /// # Errors
    /// hyper's error.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        match self.pool.request(request.clone()).await {
            Err(error) if is_stale(&error) => {
                tracing::debug!(%error, "the reused connection was closed; sending over a new one");
                self.unpooled.request(request).await
            }
            sent => sent,
        }
    }
}

fn is_stale(error: &Error) -> bool {
    let mut extras = Extensions::new();
    if let Some(connected) = error.connect_info() {
        connected.get_extras(&mut extras);
    }
    extras.get::<Arc<Exchange>>().is_some_and(|exchange| exchange.is_stale())
}
