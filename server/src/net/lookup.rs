//! Names to addresses, by the system's resolver. Who asks for a name that is being looked up
//! already shares the answer: a resolver that hangs so holds one thread for each name, and not
//! one for each request.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};

/// The addresses in the resolver's order of preference, or what it said instead.
type Answer = Result<Arc<[IpAddr]>, String>;

/// The lookups under way. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Lookup {
    under_way: Arc<Mutex<HashMap<String, Shared<BoxFuture<'static, Answer>>>>>,
}

impl Lookup {
    /// Asks for the addresses of `host`. Each answer is a fresh one: nothing is kept, so that a
    /// name that now leads elsewhere is judged by where it leads now.
    pub async fn addresses(&self, host: &str) -> Answer {
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
