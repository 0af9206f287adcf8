//! Cases, runs and sessions, through the API.

mod cases;
pub mod catalog;
mod completed;
mod delivery_subjects;
pub mod fixture;
mod linked;
mod numbers;
mod payloads;
mod runs;
mod sessions;
