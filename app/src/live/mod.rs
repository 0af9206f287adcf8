//! Live updates. All tabs of a user in a browser share one stream of the server: [`tab`] holds the
//! logic, `browser` the browser calls. A change has only an ID; the components that show the item
//! read it again through the API, which checks access.

mod backoff;
mod browser;
mod coalescer;
mod event_id;
mod holder;
mod message;
mod refetcher;
mod rows;
mod tab;
#[cfg(test)]
mod tab_tests;

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;

pub use coalescer::Coalescer;
pub use refetcher::{Refetcher, use_refetcher};
pub use rows::{Row, Rows};

use crate::chunks::{self, Chunk};
use crate::components::hydration::use_hydrated_effect;
use crate::meta::meta;
use crate::model::id::ProjectId;
use crate::model::live::{ChangeKind, SINCE_META, WORKSPACE};

/// A message to the listeners of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveMessage {
    /// Something changed.
    Changed(ChangeKind),
    /// Changes may have been missed, so the page is read again.
    Missed,
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// No stream is open.
    Idle,
    /// Not open yet, or interrupted a moment ago.
    Connecting,
    /// Interrupted for longer.
    Paused,
    /// Live.
    Open,
    /// The session has ended.
    SignedOut,
    /// The user may no longer read the project.
    NoAccess,
}

/// The stream of the tab.
#[derive(Clone, Copy)]
pub struct Live {
    connection: RwSignal<Connection>,
    listeners: StoredValue<Vec<(u32, Callback<LiveMessage>)>>,
    last_number: StoredValue<u32>,
    /// The ID of the last event that the tab received, of any project.
    last_event: StoredValue<Option<String>>,
}

/// Opens the stream of `project`, and another one when it changes; outside of projects that of the workspace. Once in
/// an app.
pub fn provide_live(project: Memo<Option<ProjectId>>) {
    let project = Memo::new(move |_| project.get().unwrap_or(WORKSPACE));
    let live = Live {
        connection: RwSignal::new(Connection::Idle),
        listeners: StoredValue::new(Vec::new()),
        last_number: StoredValue::new(0),
        last_event: StoredValue::new(None),
    };
    provide_context(live);
    use_hydrated_effect(move || {
        let project = project.get();
        // Changes between rendering and hydration would be missed otherwise.
        live.last_event.update_value(|last| *last = last.take().or_else(|| meta(SINCE_META)));
        let stream = Stream::default();
        on_cleanup({
            let stream = stream.clone();
            move || stream.end()
        });
        leptos::task::spawn_local(async move {
            Chunk::Live.load().await;
            if let Ok(end) = chunks::live(live, project).await {
                stream.begin(end);
            }
        });
    });
}

/// Ends a stream.
pub type EndStream = Box<dyn FnOnce() + Send + Sync>;

/// Opens the stream. Its code is not needed to show a page, so it loads after that.
pub fn start(live: Live, project: ProjectId) -> EndStream {
    Box::new(browser::start(live, project))
}

/// A stream that may have to end before its code has loaded.
#[derive(Clone, Default)]
struct Stream(Arc<Mutex<StreamState>>);

#[derive(Default)]
enum StreamState {
    #[default]
    Loading,
    Open(EndStream),
    Ended,
}

impl Stream {
    fn begin(&self, end: EndStream) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, StreamState::Ended) {
            end();
        } else {
            *state = StreamState::Open(end);
        }
    }

    fn end(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let StreamState::Open(end) = std::mem::replace(&mut *state, StreamState::Ended) {
            end();
        }
    }
}

/// Listens until the calling component is disposed.
pub fn use_live(listener: impl Fn(LiveMessage) + Send + Sync + 'static) {
    let Some(live) = use_context::<Live>() else { return };
    let next = |last: &mut u32| {
        *last += 1;
        *last
    };
    // `None` if the app has been disposed.
    let Some(number) = live.last_number.try_update_value(next) else { return };
    let listener = Callback::new(listener);
    live.listeners.update_value(|all| all.push((number, listener)));
    on_cleanup(move || {
        // The stream may have been disposed first.
        let _ = live.listeners.try_update_value(|all| all.retain(|(other, _)| *other != number));
    });
}

/// The state of the connection.
pub fn use_connection() -> Signal<Connection> {
    use_context::<Live>().map_or_else(|| Signal::stored(Connection::Idle), |live| live.connection.into())
}

impl Live {
    fn notify(self, message: &LiveMessage) {
        // A listener may add or remove listeners, so the list is not borrowed during the calls.
        for (_, listener) in self.listeners.try_get_value().unwrap_or_default() {
            // One listener may have removed another one.
            listener.try_run(message.clone());
        }
    }
}

/// The value of `data-flash`. It differs after each change, so that the animation restarts.
pub fn flash(changes: RwSignal<u32>) -> impl Fn() -> Option<&'static str> + Send + Sync {
    move || rows::flash_of(changes.get())
}
