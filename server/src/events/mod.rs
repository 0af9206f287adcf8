//! Events: what happened in a project, as endpoints receive it.
//!
//! [`outbox`] stores an event and its deliveries in the transaction of the change. The [`Envelope`]
//! is the stored body, which generic endpoints receive; [`truncate`] keeps it within the size that
//! receivers accept. [`EventMessage`] is its content for destinations that show messages.

pub mod changes;
pub mod condition;
mod digest;
mod envelope;
mod event_data;
mod message;
pub mod outbox;
pub mod subject;
mod truncate;

pub use changes::FieldChange;
pub use digest::{CoveredEvent, DigestProject, DigestSummary, digest_projects, events_text};
pub use envelope::{ActorPart, Envelope, ProjectPart};
pub use message::{EventMessage, MessageContent, MessageOutcome, MessageResult};
pub use outbox::{NewEvent, WEBHOOK_INACTIVE, in_scope, publish_except};
pub use truncate::cut_text;
