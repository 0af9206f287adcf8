//! Cases, runs and sessions, through the API.

mod cases;
mod catalogue;
mod completed;
mod linked;
mod numbers;
mod runs;
mod sessions;
pub mod world;
