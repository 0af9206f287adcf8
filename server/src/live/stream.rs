//! `GET /api/issues/stream?projectId=`: one open stream of one or several projects.

use std::convert::Infallible;
use std::time::Duration;

use app::error::Error;
use app::model::id::ProjectId;
use app::model::live::MAX_PROJECTS_PER_STREAM;
use app::model::people::Actor;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::followed::Followed;
use super::stream_events::{change_event, denied_event, goodbye_event, hello_events, ping_event};
use super::stream_updates::{Update, updates};
use super::{StreamSlot, StreamSubscription};
use crate::app_state::AppState;
use crate::web::{Params, Problem};

/// Less than the 30 s after which common load balancers close an idle connection.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(25);
/// How often the access of an open stream is checked.
const RECHECK_INTERVAL: Duration = Duration::from_secs(5 * 60);
const RETRY_AFTER_SECONDS: u32 = 10;

/// The query parameters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamQuery {
    /// One project, or several separated by commas.
    project_id: String,
    /// The ID of the last event before the page was rendered, for a first connection.
    since: Option<String>,
}

/// Opens a stream. `shutdown` ends it with a `goodbye` event.
///
/// # Errors
/// 401 without authentication, 404 without access to any of the projects, 422 without a project or
/// with too many, 503 when the instance has no stream slot left.
pub async fn open(
    State(state): State<AppState>,
    Extension(shutdown): Extension<CancellationToken>,
    caller: Option<Extension<Actor>>,
    query: Result<Params<StreamQuery>, Problem>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Extension(actor) = caller.ok_or(Error::Unauthenticated)?;
    let Params(query) = query?;
    let requested = project_ids(&query.project_id)?;
    let followed = Followed::load(&state, &actor, &requested).await?;
    let slot = state
        .hub
        .acquire(actor.id, followed.dependencies(), actor.credential)
        .map_err(|_| Error::Busy { retry_after: RETRY_AFTER_SECONDS })?;
    // Access that was revoked before the slot was taken could not end the stream.
    let followed = Followed::load(&state, &actor, &requested).await?;
    let denied: Vec<_> = requested.into_iter().filter(|project| !followed.projects.contains(project)).collect();
    // A browser reconnects to the URL of its first connection: the header is newer.
    let last_event_id = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(query.since.as_deref());
    let events = messages(state, actor, slot, followed, denied, last_event_id, shutdown);
    // Not a comment: scripts in the browser don't see comments.
    let ping = KeepAlive::new().interval(KEEP_ALIVE_INTERVAL).event(ping_event());
    let mut response = Sse::new(events).keep_alive(ping).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn project_ids(text: &str) -> Result<Vec<ProjectId>, Error> {
    let mut projects =
        text.split(',').map(str::parse).collect::<Result<Vec<ProjectId>, _>>().map_err(|_| Error::NotFound)?;
    projects.sort_unstable();
    projects.dedup();
    if projects.len() > MAX_PROJECTS_PER_STREAM {
        return Err(Error::field("projectId", format!("A stream follows at most {MAX_PROJECTS_PER_STREAM} projects.")));
    }
    Ok(projects)
}

fn messages(
    state: AppState,
    actor: Actor,
    mut slot: StreamSlot,
    followed: Followed,
    denied: Vec<ProjectId>,
    last_event_id: Option<&str>,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let gap_signal = state.hub.gap_signal();
    let access_changed = until_access_changes(state.clone(), actor.clone(), followed.clone());
    let projects = followed.projects.clone();
    let StreamSubscription { channels, replay, missed, latest } = state.hub.subscribe(&projects, last_event_id);
    let latest_id = state.hub.event_id(latest);
    let mut first: Vec<_> = denied.into_iter().map(denied_event).collect();
    first.extend(hello_events(&projects, missed, replay.is_empty().then_some(&*latest_id)));
    first.extend(followed.shown(&replay, 0).map(|change| change_event(&state.hub, change)));
    let live = stream::unfold((Box::pin(updates(channels, gap_signal)), latest), move |(mut updates, seen)| {
        let (state, actor, followed) = (state.clone(), actor.clone(), followed.clone());
        async move {
            match updates.next().await? {
                Update::Changes(changes) => {
                    let unseen = followed.shown(&changes, seen);
                    let events: Vec<_> = unseen.map(|change| change_event(&state.hub, change)).collect();
                    Some((stream::iter(events), (updates, seen)))
                }
                Update::Gap => {
                    // The loss of access may be among what was lost. The browser reconnects and learns
                    // which projects are left.
                    if followed.has_changed(&state, &actor).await {
                        return None;
                    }
                    // The browser refetches and so sees all earlier changes.
                    let seen = state.hub.latest();
                    let events = hello_events(&followed.projects, true, Some(&state.hub.event_id(seen)));
                    Some((stream::iter(events), (updates, seen)))
                }
            }
        }
    })
    .flatten();
    let ended = async move {
        tokio::select! {
            // An error would mean that the hub is gone, which ends the stream as well.
            _ = &mut slot.ended => {}
            () = access_changed => {}
        }
        drop(slot);
    };
    stream::iter(first)
        .chain(live)
        .take_until(async move { shutdown.cancelled().await })
        .chain(stream::once(async { goodbye_event() }))
        .take_until(ended)
        .map(Ok)
}

/// Sessions and tokens expire without a message to the hub, and nothing tells it of a new membership.
async fn until_access_changes(state: AppState, actor: Actor, followed: Followed) {
    loop {
        state.clock.sleep(RECHECK_INTERVAL).await;
        if followed.has_changed(&state, &actor).await {
            return;
        }
    }
}
