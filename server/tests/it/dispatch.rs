//! From an event to a signed request, and from the response to the next attempt.

mod addresses;
mod crash;
mod fairness;
mod limits;
mod responses;
mod retries;
mod signed;
mod stale_connections;
