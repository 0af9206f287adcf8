//! The browser side of a tab: it turns browser events into inputs and carries out actions. Callbacks
//! only put inputs into a queue that one task empties, so no callback runs while state is borrowed.

mod channel;
mod driver;
mod lifecycle;
mod listener;
mod lock;
mod source;

pub use driver::start;
