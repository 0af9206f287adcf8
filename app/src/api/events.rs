//! The catalogue of events.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::EventType;

/// A sample of what an event sends, as JSON set out in lines: the browser only shows it.
#[server(prefix = "/ui", endpoint = "events/sample", input = GetUrl, output = Text)]
pub async fn event_sample(event: EventType) -> Result<String> {
    caller()?;
    told(serde_json::to_string_pretty(&event.sample()).map_err(|_| Error::Internal))
}
