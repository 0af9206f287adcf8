//! The secrets of webhooks: their rotation, and what is known about them without their text.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::SecretId;
use super::time::millis;

/// How long the old secret of an outbound webhook signs after a rotation, unless another time is
/// selected, and by how much that can be extended.
pub const SECRET_OVERLAP_HOURS: u32 = 24;
/// The times that can be selected, in hours.
pub const SECRET_OVERLAPS: [u32; 4] = [SECRET_OVERLAP_HOURS, 3 * 24, 7 * 24, 30 * 24];

/// A signing secret without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecretInfo {
    /// Its ID.
    pub id: SecretId,
    /// When it was generated.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it stops signing; null if it is the current secret.
    #[serde(serialize_with = "millis")]
    pub retires_at: Option<DateTime<Utc>>,
    /// Whether it was already extended, which is possible once.
    pub extended: bool,
    /// The public key of an ed25519 key pair: `whpk_` and base64; null for other secrets.
    pub public_key: Option<String>,
}

/// Rotates the secret of a webhook.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct RotateWebhook {
    /// How long the old secret of an outbound webhook signs, in hours: 24 (the default), 72, 168 or 720. Only for
    /// signing that can carry two signatures.
    pub overlap_hours: Option<u32>,
    /// Outbound only: the new secret, instead of a generated one. 1 to 256 bytes; use at least 24. With
    /// `standard_webhooks`, the text itself is the key unless it is `whsec_` and base64.
    pub secret: Option<String>,
}

/// The values that are shown only once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewSecrets {
    /// The inbound URL with its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub url: Option<String>,
    /// The signing secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub secret: Option<String>,
}
