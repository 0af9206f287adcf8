//! From an event to a signed request, and from what came back to the next attempt.

mod crash;
mod fairness;
mod limits;
mod retries;
mod signed;
