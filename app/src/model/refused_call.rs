//! Refused calls to an inbound webhook.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::time::millis;

/// The latest refused call, with what to change. Its body and headers are not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LastRefusedCall {
    /// When it was refused.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    /// Why, and what to change.
    pub reason: String,
    /// How many calls were refused since the webhook was created.
    pub count: u32,
}
