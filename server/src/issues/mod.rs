//! What the service and the trackers' events share: the view of an issue, what changed in it, and the
//! events and live messages that follow a change.

pub mod changes;
pub mod events;
mod linked;
pub mod view;
