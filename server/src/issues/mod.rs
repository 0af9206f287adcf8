//! What the service and the trackers' events both need of issues: how a row is shown, and the events
//! and live messages that follow a change of it.

pub mod events;
pub mod view;
