//! The stream itself. The browser reconnects by itself after a broken connection, with the id of
//! the last event; only after a refusal it gives up, and then another stream is opened here, later
//! and later.
//!
//! A stream that is opened here says since when it wants to know: since the last event of the one
//! before, and at first since the server began to render the page. What happened before the script
//! ran is on no page otherwise.

use futures::StreamExt;
use futures::future::{AbortHandle, abortable};
use futures::stream::select_all;
use gloo_net::eventsource::State;
use gloo_net::eventsource::futures::EventSource;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::{Connection, Heard, Live};
use crate::model::id::ProjectId;
use crate::model::live::{Change, Sync, event};

/// The longest wait before another try.
const LONGEST_MS: u32 = 60_000;

/// Follows a project until it is aborted.
pub fn start(live: Live, project: ProjectId) -> AbortHandle {
    let (task, handle) = abortable(follow(live, project));
    leptos::task::spawn_local(async move {
        // Being aborted is how it ends.
        let _ = task.await;
    });
    handle
}

async fn follow(live: Live, project: ProjectId) {
    let mut failures = 0;
    loop {
        if listen(live, project).await {
            failures = 0;
        }
        failures += 1;
        live.connection.set(Connection::Connecting);
        TimeoutFuture::new(backoff_ms(failures, js_sys::Math::random())).await;
    }
}

/// Before try number `failures`: 1 s, 2 s, 4 s ... 60 s, up to half more by chance, so that not
/// every browser of a restarted server comes at once.
fn backoff_ms(failures: u32, chance: f64) -> u32 {
    let wait = 1000u32.saturating_mul(1 << (failures - 1).min(6)).min(LONGEST_MS);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "chance is within 0 and 1")]
    let more = (f64::from(wait) * 0.5 * chance) as u32;
    wait + more
}

/// Listens to one stream until the browser gives it up. True if it was ever open.
async fn listen(live: Live, project: ProjectId) -> bool {
    // An id of the server: hexadecimal digits, a hyphen, digits.
    let since = live.last_event.get_value().map(|id| format!("&since={id}")).unwrap_or_default();
    let address = format!("/api/issues/stream?projectId={project}{since}");
    let Ok(mut source) = EventSource::new(&address) else { return false };
    // `error` is the browser's own event: it comes while the browser reconnects, too.
    let names = [event::SYNC, event::CHANGE, event::GOODBYE, "error"];
    let streams: Result<Vec<_>, _> = names.into_iter().map(|name| source.subscribe(name)).collect();
    let Ok(streams) = streams else { return false };
    let mut messages = select_all(streams);
    let mut opened = false;
    while let Some(message) = messages.next().await {
        let Ok((name, message)) = message else { return opened };
        let id = message.last_event_id();
        if !id.is_empty() {
            live.last_event.set_value(Some(id));
        }
        match name.as_str() {
            event::SYNC => {
                let said = message.data().as_string().and_then(|text| serde_json::from_str::<Sync>(&text).ok());
                live.connection.set(Connection::Open);
                if said.is_some_and(|sync| sync.missed) {
                    live.tell(&Heard::Missed);
                }
                opened = true;
            }
            event::CHANGE => {
                let change = message.data().as_string().and_then(|text| serde_json::from_str::<Change>(&text).ok());
                // What a newer server says and this page does not know is left out.
                if let Some(change) = change.filter(|change| change.project_id == project) {
                    live.tell(&Heard::Changed(change.what));
                }
            }
            _ if source.state() == State::Closed => return opened,
            _ => live.connection.set(Connection::Connecting),
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_are_spread() {
        assert_eq!(backoff_ms(1, 0.0), 1000);
        assert_eq!(backoff_ms(3, 0.0), 4000);
        assert_eq!(backoff_ms(3, 1.0), 6000);
        assert_eq!(backoff_ms(500, 0.0), LONGEST_MS);
    }
}
