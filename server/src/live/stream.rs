//! `GET /api/issues/stream?projectId=`: one open stream.

use std::convert::Infallible;
use std::time::Duration;

use app::error::Error;
use app::model::id::ProjectId;
use app::model::live::{Sync, event};
use app::model::people::Actor;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::{Seat, Sequenced};
use crate::core::Core;
use crate::rest::{Params, Problem};

/// How often an idle stream is kept alive: under the 30 s after which common load balancers
/// close what is silent.
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// What a refused browser is told to wait, in seconds.
const RETRY_AFTER: u32 = 10;

/// What the address says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamQuery {
    project_id: String,
    /// The id of the last event that is known, for a stream that is no reconnection.
    since: Option<String>,
}

/// Opens a stream; `shutdown` ends it with a goodbye.
///
/// # Errors
/// 401 without a session, 404 without access, 422 without a project, 503 when the instance has as many as it may have.
pub async fn open(
    State(core): State<Core>,
    Extension(shutdown): Extension<CancellationToken>,
    caller: Option<Extension<Actor>>,
    query: Result<Params<StreamQuery>, Problem>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Extension(actor) = caller.ok_or(Error::Unauthenticated)?;
    let Params(query) = query?;
    let project: ProjectId = query.project_id.parse().map_err(|_| Error::NotFound)?;
    core.reader(&actor, project).await?;
    let seat = core.hub.sit(actor.id, project).map_err(|_| Error::Busy { retry_after: RETRY_AFTER })?;
    // Who was removed meanwhile had no stream yet that could have been ended.
    core.reader(&actor, project).await?;
    // The browser reconnects to the address as it was at first: what it says of itself is newer.
    let last_event_id = headers.get("last-event-id").and_then(|id| id.to_str().ok()).or(query.since.as_deref());
    let events = messages(core, actor, seat, project, last_event_id, shutdown);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn messages(
    core: Core,
    actor: Actor,
    mut seat: Seat,
    project: ProjectId,
    last_event_id: Option<&str>,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let gaps = core.hub.gaps();
    let (receiver, caught) = core.hub.subscribe(project, last_event_id);
    let hub = core.hub.clone();
    let first = sync(project, caught.missed, &hub.event_id(caught.latest), caught.changes.is_empty());
    let missed = caught.changes.into_iter().map({
        let hub = hub.clone();
        move |change| message(&hub.event_id(change.number), &change)
    });
    let live = stream::unfold((receiver, gaps), move |(mut receiver, mut gaps)| {
        let (core, actor) = (core.clone(), actor.clone());
        async move {
            let event = loop {
                let heard = tokio::select! {
                    gap = gaps.changed() => gap.map(|()| None).map_err(|_| RecvError::Closed),
                    change = receiver.recv() => change.map(Some),
                };
                match heard {
                    Ok(Some(change)) if change.change.project_id == project => {
                        break message(&core.hub.event_id(change.number), &change);
                    }
                    Ok(Some(_)) => {}
                    // Some of what happens is not known here, or it is too much for a slow stream:
                    // the browser reads its lists again.
                    Ok(None) | Err(RecvError::Lagged(_)) => {
                        let (fresh, caught) = core.hub.subscribe(project, None);
                        receiver = fresh;
                        // That the reader was removed may be among what was missed.
                        if matches!(core.reader(&actor, project).await, Err(Error::NotFound)) {
                            return None;
                        }
                        break sync(project, true, &core.hub.event_id(caught.latest), true);
                    }
                    Err(RecvError::Closed) => return None,
                }
            };
            Some((event, (receiver, gaps)))
        }
    });
    let goodbye = stream::once(async { Event::default().event(event::GOODBYE).data("{}") });
    let ended = async move {
        // An error would mean that the hub is gone, which ends the stream as well.
        let _ = (&mut seat.ended).await;
        drop(seat);
    };
    stream::once(async move { first })
        .chain(stream::iter(missed))
        .chain(live)
        .take_until(async move { shutdown.cancelled().await })
        .chain(goodbye)
        .take_until(ended)
        .map(Ok)
}

fn message(id: &str, change: &Sequenced) -> Event {
    // A change is plain data; were it ever not to serialise, the browser would ignore the empty text.
    let data = serde_json::to_string(&change.change).unwrap_or_default();
    Event::default().event(event::CHANGE).id(id).data(data)
}

/// The id goes with it only where no missed change follows: an id that is ahead of them would
/// lose them if the connection broke in between.
fn sync(project_id: ProjectId, missed: bool, id: &str, with_id: bool) -> Event {
    let data = Sync { project_id, kind: event::SYNC.to_owned(), missed };
    let event = Event::default().event(event::SYNC).data(serde_json::to_string(&data).unwrap_or_default());
    if with_id { event.id(id) } else { event }
}
