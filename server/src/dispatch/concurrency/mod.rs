//! How many requests may be in flight, to one endpoint and to all endpoints.
//!
//! [`allowance`] combines every rule that slows an endpoint down. [`LearnedLimit`] is what the
//! endpoint's responses allow, and [`permits`] divides what this process can have in flight.

pub mod allowance;
mod learned_limit;
pub mod permits;

pub use learned_limit::{INITIAL_IN_FLIGHT, LearnedLimit, LoadSignal};
pub use permits::{EndpointPermits, PermitPool, RESERVED_IN_FLIGHT_PER_ENDPOINT, SendPermit};
