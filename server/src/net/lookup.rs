//! Names to addresses, by the system's resolver. Who asks for a name that is being looked up
//! already shares the answer: a resolver that hangs so holds one thread for each name, and not
//! one for each request.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

/// The addresses in the resolver's order of preference, or what it said instead.
type Answer = Result<Arc<[IpAddr]>, String>;

/// A name that leads to an address of the operator's choice, as curl's `--resolve` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    host: String,
    address: IpAddr,
}

impl FromStr for Resolve {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, address) = text.split_once('=').ok_or("write host=address")?;
        let address = address.parse().map_err(|_| format!("{address} is no IP address"))?;
        Ok(Self { host: host.to_ascii_lowercase(), address })
    }
}

/// The lookups under way. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Lookup {
    fixed: Arc<[Resolve]>,
    under_way: Arc<Mutex<HashMap<String, Shared<BoxFuture<'static, Answer>>>>>,
}

impl Lookup {
    /// A lookup that asks nobody for the names that are `fixed`.
    pub fn new(fixed: &[Resolve]) -> Self {
        Self { fixed: fixed.into(), ..Self::default() }
    }

    /// Asks for the addresses of `host`. Each answer is a fresh one: nothing is kept, so that a
    /// name that now leads elsewhere is judged by where it leads now.
    pub async fn addresses(&self, host: &str) -> Answer {
        if let Some(fixed) = self.fixed.iter().find(|fixed| fixed.host == host) {
            return Ok([fixed.address].into());
        }
        let lookup = {
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            match under_way.get(host) {
                Some(lookup) => lookup.clone(),
                None => {
                    let lookup = self.start(host.to_owned());
                    under_way.insert(host.to_owned(), lookup.clone());
                    lookup
                }
            }
        };
        lookup.await
    }

    /// In a task of its own, which ends when the resolver does, whoever still waits.
    fn start(&self, host: String) -> Shared<BoxFuture<'static, Answer>> {
        let lookup = self.clone();
        let task = tokio::spawn(async move {
            let answer = tokio::net::lookup_host((host.as_str(), 0)).await;
            lookup.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&host);
            answer.map(|found| found.map(|address: SocketAddr| address.ip()).collect()).map_err(|e| e.to_string())
        });
        async move { task.await.unwrap_or_else(|error| Err(error.to_string())) }.boxed().shared()
    }
}
