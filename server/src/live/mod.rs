//! Live updates: what changed is told to every open browser of the project over Server-Sent
//! Events.
//!
//! A change enters through [`Hub::publish`], after the transaction that made it was committed.
//! The hub numbers it, keeps the latest ones in a ring, and hands it to the open streams
//! ([`stream`]). A browser that reconnects names the last number it saw (`Last-Event-ID`): what
//! it missed is sent from the ring; if the ring no longer holds all of it, or the server was
//! started anew meanwhile, the first message says so and the browser reads its lists again.
//! A message only names what changed; whoever shows it reads it through the door that checks
//! access.

mod hub;
pub mod stream;

pub use hub::{CatchUp, Hub, Refusal, Seat, Sequenced};
