//! One stream from the server. The browser's own reconnection is not used: it has no back-off and
//! gives up after any status but 200.

use wasm_bindgen::JsCast;
use web_sys::{Event, EventSource, MessageEvent};

use super::listener::Listener;
use crate::json::from_json;
use crate::live::message::StreamEvent;
use crate::model::id::ProjectId;
use crate::model::live::{ProjectMessage, StreamHello, event};

/// Closed when dropped.
pub struct Source {
    source: EventSource,
    _listeners: Vec<Listener>,
}

impl Source {
    /// Opens a stream of projects from the event `since` on.
    pub fn open(
        projects: &[ProjectId],
        since: Option<&str>,
        send: impl Fn(StreamEvent) + Clone + 'static,
    ) -> Option<Self> {
        let projects: Vec<_> = projects.iter().map(ToString::to_string).collect();
        let mut query = format!("projectId={}", projects.join(","));
        if let Some(since) = since {
            query.push_str("&since=");
            query.push_str(&String::from(js_sys::encode_uri_component(since)));
        }
        let source = EventSource::new(&format!("/api/issues/stream?{query}")).ok()?;
        let mut listeners: Vec<_> = [event::SYNC, event::DENIED, event::CHANGE, event::PING, event::GOODBYE]
            .into_iter()
            .map(|name| {
                let send = send.clone();
                Listener::new(&source, name, move |event| {
                    if let Some(event) = read(name, &event) {
                        send(event);
                    }
                })
            })
            .collect();
        // The browser's `error` event is not a message: it has no data and no ID.
        let failing = source.clone();
        listeners.push(Listener::new(&source, "error", move |_| {
            send(StreamEvent::Failed { refused: failing.ready_state() == EventSource::CLOSED });
        }));
        Some(Self { source, _listeners: listeners })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn read(name: &str, event: &Event) -> Option<StreamEvent> {
    let message = event.dyn_ref::<MessageEvent>()?;
    let data = message.data().as_string()?;
    Some(match name {
        event::SYNC => {
            let hello: StreamHello = from_json(&data).ok()?;
            let id = Some(message.last_event_id()).filter(|id| !id.is_empty());
            StreamEvent::Synced { project: hello.project_id, missed: hello.missed, id }
        }
        event::DENIED => StreamEvent::Denied(from_json::<ProjectMessage>(&data).ok()?.project_id),
        event::CHANGE => {
            // Another tab may know a change that this page doesn't.
            let project = from_json::<ProjectMessage>(&data).ok()?.project_id;
            StreamEvent::Changed { id: message.last_event_id(), project, data }
        }
        event::PING => StreamEvent::Ping,
        _ => StreamEvent::Goodbye,
    })
}
