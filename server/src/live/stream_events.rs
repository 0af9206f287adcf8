//! The SSE events of a stream.

use app::model::id::ProjectId;
use app::model::live::{ProjectChange, ProjectMessage, StreamHello, event};
use axum::response::sse::Event;

use super::{Hub, SequencedChange};

pub(super) fn change_event(hub: &Hub, change: &SequencedChange) -> Event {
    let data = ProjectChange { project_id: change.channel, kind: change.change.kind.clone() };
    // Plain data always serializes. The browser would ignore an empty text.
    let data = serde_json::to_string(&data).unwrap_or_default();
    Event::default().event(event::CHANGE).id(hub.event_id(change.number)).data(data)
}

/// One `sync` event for each project. The last one has the ID, unless a replay follows: an ID that is
/// ahead of it would lose it if the connection broke in between.
pub(super) fn hello_events(projects: &[ProjectId], missed: bool, id: Option<&str>) -> Vec<Event> {
    let mut remaining = projects.len();
    let hello = |&project_id: &ProjectId| {
        remaining -= 1;
        let data = StreamHello { project_id, kind: event::SYNC.to_owned(), missed };
        let event = Event::default().event(event::SYNC).data(serde_json::to_string(&data).unwrap_or_default());
        match id {
            Some(id) if remaining == 0 => event.id(id),
            _ => event,
        }
    };
    projects.iter().map(hello).collect()
}

/// Says that the stream doesn't follow a project, because the caller may not read it.
pub(super) fn denied_event(project_id: ProjectId) -> Event {
    let data = serde_json::to_string(&ProjectMessage { project_id }).unwrap_or_default();
    Event::default().event(event::DENIED).data(data)
}

pub(super) fn goodbye_event() -> Event {
    Event::default().event(event::GOODBYE).data("{}")
}

pub(super) fn ping_event() -> Event {
    Event::default().event(event::PING).data("{}")
}
