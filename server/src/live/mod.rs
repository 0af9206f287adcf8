//! Live updates: what changed is told to every open browser of the project over Server-Sent
//! Events.
//!
//! A change enters through [`Hub::publish`], after the transaction that made it was committed.
//! The hub numbers it, keeps the latest ones in a ring, and hands it to the open streams
//! ([`stream`]). A browser that reconnects names the last number it saw (`Last-Event-ID`): what
//! it missed is sent from the ring; if the ring no longer holds all of it, or the server was
//! started anew meanwhile, the first message says so and the browser reads its lists again.
//! What happens while a page loads is not lost either: the page says what the last event was before
//! it was rendered, and its stream begins there (`since`).
//! A message only names what changed; whoever shows it reads it through the door that checks
//! access. Who is removed from a project loses the open streams of it ([`Hub::end`]).
//!
//! Several nodes on one PostgreSQL tell each other all of that ([`nodes`]).

mod hub;
pub mod nodes;
mod notice;
mod seats;
pub mod stream;

pub use hub::{CatchUp, Hub, Sequenced};
pub use nodes::Nodes;
pub use notice::Said;
pub use seats::{Refusal, Seat};
