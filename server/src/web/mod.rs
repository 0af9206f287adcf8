//! HTTP requests and responses as all parts of the server read and write them: the REST API, the
//! pages, the live streams and the sign-in. Problems are RFC 9457 problem details.

pub mod bearer;
pub mod client;
pub mod deserialize_error;
mod device;
pub mod extract;
pub mod fields;
pub mod json;
mod objects_only;
pub mod problem;

pub use bearer::bearer_token;
pub use client::{Client, Origin, client_network};
pub use extract::{MAX_BODY_BYTES, Params};
pub use json::is_compressed;
pub use problem::{Problem, refuse};
