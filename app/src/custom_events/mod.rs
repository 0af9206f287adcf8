//! Custom events: events of a project's own, which its tools publish through the API. A project can register them, with
//! a schema that their data must match.

pub mod api;
pub(crate) mod page;
#[cfg(feature = "ssr")]
pub(crate) mod payload;
#[cfg(feature = "ssr")]
mod requests;
mod send_form;

#[cfg(feature = "ssr")]
pub use requests::{CreateCustomEvent, CustomEvent, PublishEvent, UpdateCustomEvent};

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{EventId, id};

id!(/** A registered custom event. */ CustomEventId, "cev");

/// The maximum number of registered events per project.
pub const MAX_CUSTOM_EVENTS: u64 = 100;
/// The maximum size of the data of an event in bytes.
pub const MAX_CUSTOM_DATA_BYTES: usize = 64 * 1024;
/// The maximum size of a schema in bytes.
pub const MAX_EVENT_SCHEMA_BYTES: usize = 64 * 1024;
/// The maximum length of the title of an event in characters.
pub const MAX_EVENT_TITLE_CHARS: usize = 200;
/// The maximum length of the link of an event in characters.
pub const MAX_EVENT_LINK_CHARS: usize = 2_000;
/// The maximum length of a description in characters.
pub const MAX_EVENT_DESCRIPTION_CHARS: usize = 500;

/// A custom event, as the catalog knows it.
pub struct PublishedEvent;

impl CatalogSubject for PublishedEvent {
    const SUBJECT: Subject = Subject::Custom;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "custom",
        headline: "Custom event",
        path: "settings/events",
        id_prefix: CustomEventId::PREFIX,
        key_letter: 'E',
        icon: Icon::Radio,
        param: "event",
        lead: "Events that your own tools publish through the API.",
        first_step: "Publish one through the API, or register one first to describe its data.",
        completion: None,
        abort: None,
        deletion: "Events that were published stay.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = CustomEventId;
}

/// A registered event on its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedEvent {
    /// Its ID.
    pub id: CustomEventId,
    /// Its type, e.g. `custom.deploy_finished`.
    pub event: String,
    /// What it means.
    pub description: String,
    /// The schema as indented JSON; empty if it has none.
    pub schema: String,
}

/// An event that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AcceptedEvent {
    /// The ID of the event, which receivers get as `webhook-id`.
    pub id: EventId,
    /// Its type.
    #[serde(rename = "type")]
    pub event: String,
    /// The number of deliveries that it caused, with those that are held or skipped.
    pub deliveries: u32,
}
