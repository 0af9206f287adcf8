//! HTTP requests to endpoints and trackers. People enter their URLs, so a request may target the internal
//! network, and servers may respond anything at any speed. All requests go through [`Http`]:
//!
//! 1. [`Guard::check_url`] checks a URL when it is saved, so that a person sees the error at once.
//!    [`Guard::route`] checks the host's addresses before each request, because they change. One refused
//!    address refuses the whole DNS answer ([`address`]).
//! 2. Connections go only to the checked addresses, and are reused only for these ([`pinned_uri`]). All of
//!    them are tried ([`connect`]). Redirects are never followed and proxies from the environment never used,
//!    because both would lead elsewhere. If the deployment has an outbound proxy, requests go through it instead
//!    ([`proxy_dialer`]): it resolves the names and checks their addresses.
//! 3. One time limit covers DNS, connection, headers and body. The body is read and kept up to a limit
//!    ([`Limits`]).
//! 4. Responses are parsed leniently: the status counts, however malformed the headers are.
//! 5. A failure has a message for the person who maintains the endpoint ([`Reason`]), and a kind that says
//!    whether the endpoint is to blame ([`FailureKind`]).

pub mod address;
mod client;
mod connect;
mod connection;
mod dns;
mod guard;
mod http;
mod network;
mod pinned_uri;
mod progress;
mod proxy;
mod proxy_dialer;
mod reason;
mod response_head;
mod response_text;
mod tls;
mod tunnel;
mod url_refusal;

pub use dns::HostOverride;
pub use guard::{Guard, MAX_URL_BYTES, Route};
pub use http::{Failed, Http, Limits, Request, Response};
pub use network::RouteMonitor;
pub use progress::Phase;
pub use proxy::{OutboundProxy, ProxyException, ProxyUrlError};
pub use reason::{FailureKind, ProxyError, Reason};
pub use url_refusal::UrlRefusal;
