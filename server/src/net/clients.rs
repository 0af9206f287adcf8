//! The clients, each bound to a host and to the addresses that were judged for it. A host that
//! leads elsewhere now gets another client, and with it another pool: no connection of before is
//! used again.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Error};
use rustls::ClientConfig;
use url::{Host, Url};

use super::progress::TrackConnecting;

/// Clients that are kept, those used last first.
const KEPT: usize = 256;
/// Idle connections that are kept for one endpoint, and for how long.
const IDLE: usize = 32;
const IDLE_TIME: Duration = Duration::from_secs(30);

/// What a client is bound to: nothing for addresses, which the URL itself names.
#[derive(Clone, PartialEq, Eq)]
enum Bound {
    ToUrl,
    ToName { host: String, sorted: Vec<IpAddr> },
}

/// The clients in use.
pub(super) struct Clients {
    tls: ClientConfig,
    kept: Mutex<VecDeque<(Bound, Client)>>,
}

impl Clients {
    pub fn new(tls: ClientConfig) -> Self {
        Self { tls, kept: Mutex::default() }
    }

    /// The client for a URL whose host has these addresses, in the order they are tried.
    ///
    /// # Errors
    /// The client's own, when it can't be made.
    pub fn bound(&self, url: &Url, addresses: &[IpAddr]) -> Result<Client, Error> {
        let bound = match url.host() {
            Some(Host::Domain(host)) => {
                let mut sorted = addresses.to_vec();
                sorted.sort_unstable();
                Bound::ToName { host: host.to_owned(), sorted }
            }
            _ => Bound::ToUrl,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.iter().position(|(of, _)| *of == bound)
            && let Some(found) = kept.remove(place)
        {
            let client = found.1.clone();
            kept.push_front(found);
            return Ok(client);
        }
        let client = self.build(&bound, addresses)?;
        kept.truncate(KEPT - 1);
        kept.push_front((bound, client.clone()));
        Ok(client)
    }

    #[allow(clippy::disallowed_methods, reason = "this is where clients are built, with the guard and the limits")]
    fn build(&self, bound: &Bound, addresses: &[IpAddr]) -> Result<Client, Error> {
        let builder = Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .dns_resolver(NoNames)
            .connector_layer(TrackConnecting)
            .pool_max_idle_per_host(IDLE)
            .pool_idle_timeout(IDLE_TIME)
            .http1_only();
        let builder = match bound {
            Bound::ToUrl => builder,
            Bound::ToName { host, .. } => {
                // The port is the URL's, whatever is said here.
                let addresses: Vec<_> = addresses.iter().map(|address| SocketAddr::new(*address, 0)).collect();
                builder.resolve_to_addrs(host, &addresses)
            }
        };
        builder.build()
    }
}

/// What a client has not been told, it does not find out by itself.
#[derive(Clone)]
struct NoNames;

impl Resolve for NoNames {
    fn resolve(&self, name: Name) -> Resolving {
        let error = format!("{} was not judged", name.as_str());
        Box::pin(async move { Err(error.into()) })
    }
}
