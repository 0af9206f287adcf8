//! How many requests may be in flight, at one endpoint and over all endpoints.
//!
//! [`allowance`] combines every rule that slows an endpoint down. [`LearnedLimit`] is what the
//! endpoint's responses allow, and [`permits`] shares what this process can have in flight.

pub mod allowance;
mod learned_limit;
pub mod permits;

pub use learned_limit::{INITIAL_IN_FLIGHT, LearnedLimit, LoadSignal};
pub use permits::{EndpointPermits, PermitPool, RESERVED_IN_FLIGHT_PER_ENDPOINT, SendPermit};
