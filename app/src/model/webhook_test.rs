//! The choice of what a test of a webhook sends.

use serde::{Deserialize, Serialize};

use super::catalog::EventType;

/// Sends a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct SendTest {
    /// The event whose sample is sent; the webhook must subscribe to it. By default the test event,
    /// `webhook.test`. Outbound only.
    pub event: Option<EventType>,
}
