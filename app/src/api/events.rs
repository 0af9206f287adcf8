//! The catalog of events.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::EventType;

/// The sample envelope of an event as indented JSON.
#[server(prefix = "/ui", endpoint = "events/sample", protocol = PageCall<GetUrl>)]
pub async fn event_sample(event: EventType) -> Result<String> {
    authenticated()?;
    with_status(serde_json::to_string_pretty(&event.sample()).map_err(|_| Error::Internal))
}
