//! Live updates: every open browser learns of the changes in its projects over Server-Sent Events.
//!
//! A change enters through [`Hub::publish`] after its transaction was committed. The hub numbers it,
//! keeps it in the replay buffer of its project and broadcasts it to the streams of that project
//! ([`stream`]). A browser that reconnects sends the last number it saw (`Last-Event-ID`) and gets
//! what it missed from the replay buffer. If the buffer no longer has all of it, or the server was
//! restarted, the first message says so and the browser refetches. A page names the last event
//! before it was rendered, and its stream begins there (`since`), so nothing is lost while it loads.
//!
//! A message only names what changed. The browser reads it through the API, which checks access.
//! Revoked access ends the streams that depend on it ([`Hub::end`]).
//!
//! Several nodes on one PostgreSQL send each other all of this ([`nodes`]).

mod followed;
mod hub;
mod node_message;
pub mod nodes;
mod project_channels;
pub mod stream;
mod stream_events;
mod stream_slots;
mod stream_updates;
mod webhook_throttle;

pub use hub::Hub;
pub use node_message::NodeMessage;
pub use nodes::Nodes;
pub use project_channels::{SequencedChange, StreamSubscription};
pub use stream_slots::{StreamSlot, TooManyStreams};
