//! What the service and the trackers' events share: the view of an issue, and the events and live
//! messages that follow a change.

pub mod events;
pub mod view;
