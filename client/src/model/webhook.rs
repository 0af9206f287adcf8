//! Webhooks.

use serde::Deserialize;

use super::api_enum;

api_enum! {
    /// The direction of a webhook.
    WebhookDirection {
        /// A tracker sends to Testbell.
        Inbound = "inbound";
        /// Testbell sends to an endpoint.
        Outbound = "outbound";
    }
}

api_enum! {
    /// The health of a webhook.
    WebhookHealth {
        /// The latest delivery succeeded, or few have failed since.
        Healthy = "healthy";
        /// Several deliveries in a row failed. They are sent one at a time.
        Degraded = "degraded";
        /// Too many in a row failed, so nothing is sent.
        Disabled = "disabled";
    }
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// Its ID.
    pub id: String,
    /// The project it belongs to, or the first one that the token can access.
    pub project_id: String,
    /// The direction.
    pub direction: WebhookDirection,
    /// The tracker or the destination, e.g. `generic`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its URL, with credentials redacted.
    pub url: String,
    /// Its subscriptions, e.g. `test_run.*`.
    pub events: Vec<String>,
    /// Whether it sends.
    pub active: bool,
    /// The health.
    pub health: WebhookHealth,
    /// Deliveries that failed in a row.
    pub consecutive_failures: u32,
}
