//! Requests to the outside. Endpoints and trackers are named by people, so that each request may
//! be aimed at the machine's own network; and they answer what they like, for as long as they
//! like. There is one door out, [`Http`], with what holds for all who use it:
//!
//! 1. [`Guard::check_url`] judges an address when it is saved, so that a person hears of it at
//!    once; [`Guard::resolve`] judges it again before each request, as names change their
//!    addresses. One refused address in an answer refuses the whole answer ([`address`]).
//! 2. The connection goes to exactly the addresses that were judged: a client is bound to them,
//!    and so is its pool of connections ([`clients`]). Redirects are never followed and the
//!    environment's proxies never used, as both would lead elsewhere.
//! 3. One limit of time covers name, connection, headers and body; of the body only so much is
//!    read, and less is kept ([`Limits`]).
//! 4. What fails says so in words for the person who looks after the endpoint ([`Reason`]).

pub mod address;
mod clients;
mod guard;
mod http;
mod lookup;
mod progress;
mod reason;
mod tls;

pub use guard::{Guard, Refusal, URL_MAX};
pub use http::{Failed, Http, Limits, Request, Response};
pub use lookup::Resolve;
pub use progress::Phase;
pub use reason::Reason;
