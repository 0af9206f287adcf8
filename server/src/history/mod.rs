//! The delivery history: its settings, deletion in the background ([`purge`]), erasing ([`erase`]) and export
//! ([`mod@export`]). What is old is deleted by [`operations::retention`](crate::operations).

mod erase;
mod export;
mod purge;
mod service;

pub use export::{ExportScope, ExportedDelivery, export};
pub use purge::run;
