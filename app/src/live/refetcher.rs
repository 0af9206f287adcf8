//! Fetches the data of a page again: once for a burst of changes and one request at a time, so that
//! an older response never overtakes a newer one.

use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use super::{Coalescer, LiveMessage, use_live};
use crate::model::live::ChangeKind;

#[derive(Clone, Copy, PartialEq, Eq)]
enum RefetchState {
    Idle,
    Reading,
    /// Something changed since the request started.
    Again,
}

/// Fetches again on request.
#[derive(Clone, Copy)]
pub struct Refetcher {
    state: StoredValue<RefetchState>,
    read: Callback<(), LocalBoxFuture<'static, ()>>,
}

/// Runs `read` after each change that `is_relevant` accepts, until the calling component is disposed.
pub fn use_refetcher(
    is_relevant: impl Fn(&ChangeKind) -> bool + Send + Sync + 'static,
    read: impl Fn() -> LocalBoxFuture<'static, ()> + Send + Sync + 'static,
) -> Refetcher {
    let refetcher = Refetcher::new(read);
    let changed = Coalescer::new(move |_: Vec<()>| refetcher.now());
    use_live(move |message| match message {
        LiveMessage::Changed(kind) if is_relevant(&kind) => changed.add(()),
        LiveMessage::Changed(_) => {}
        LiveMessage::Missed => refetcher.now(),
    });
    refetcher
}

impl Refetcher {
    /// Reads on request, by [`Refetcher::now`].
    pub fn new(read: impl Fn() -> LocalBoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self { state: StoredValue::new(RefetchState::Idle), read: Callback::new(move |()| read()) }
    }

    /// Reads now, or once more after the current request.
    pub fn now(self) {
        // The page may have been left.
        let Some(state) = self.state.try_get_value() else { return };
        if state != RefetchState::Idle {
            self.state.set_value(RefetchState::Again);
            return;
        }
        leptos::task::spawn_local(async move {
            loop {
                self.state.try_set_value(RefetchState::Reading);
                match self.read.try_run(()) {
                    Some(reading) => reading.await,
                    None => return,
                }
                if self.state.try_get_value() != Some(RefetchState::Again) {
                    break;
                }
            }
            self.state.try_set_value(RefetchState::Idle);
        });
        // The spawned task starts later; until then no other may start.
        self.state.try_set_value(RefetchState::Reading);
    }
}
