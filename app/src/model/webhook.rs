//! Webhooks: inbound ones receive a tracker's events, outbound ones send Testbell's.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::catalog::Subscription;
use super::destination::DestinationKind;
use super::id::{DeliveryId, ProjectId, SecretId, WebhookId};
use super::provider::Provider;
use super::refused_call::LastRefused;
use super::string_enum;
use super::time::millis;

string_enum! {
    /// Which way events flow.
    Direction {
        /// From a tracker to Testbell.
        Inbound = "inbound", "Inbound";
        /// From Testbell to an endpoint.
        Outbound = "outbound", "Outbound";
    }
}

/// What is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ssr", derive(sea_orm::DeriveValueType), sea_orm(value_type = "String"))]
pub enum WebhookKind {
    /// Of an inbound webhook: the tracker that calls it.
    Tracker(Provider),
    /// The destination of an outbound webhook.
    Destination(DestinationKind),
}

impl WebhookKind {
    /// All kinds, the inbound ones first.
    pub fn all() -> impl Iterator<Item = Self> {
        let trackers = Provider::ALL.iter().copied().filter(|provider| provider.has_inbound()).map(Self::Tracker);
        trackers.chain(DestinationKind::ALL.iter().copied().map(Self::Destination))
    }

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tracker(provider) => provider.as_str(),
            Self::Destination(kind) => kind.as_str(),
        }
    }

    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tracker(provider) => provider.label(),
            Self::Destination(kind) => kind.label(),
        }
    }

    /// The kind of destination.
    #[must_use]
    pub const fn destination(self) -> Option<DestinationKind> {
        match self {
            Self::Tracker(_) => None,
            Self::Destination(kind) => Some(kind),
        }
    }

    /// The tracker that calls an inbound webhook.
    #[must_use]
    pub const fn tracker(self) -> Option<Provider> {
        match self {
            Self::Tracker(provider) => Some(provider),
            Self::Destination(_) => None,
        }
    }
}

impl fmt::Display for WebhookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of webhook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of webhook")]
pub struct UnknownWebhookKind;

impl FromStr for WebhookKind {
    type Err = UnknownWebhookKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all().find(|kind| kind.as_str() == text).ok_or(UnknownWebhookKind)
    }
}

impl Serialize for WebhookKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for WebhookKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "ssr")]
impl utoipa::PartialSchema for WebhookKind {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        super::wire_enum::schema(Self::all().map(Self::as_str), "What is at the other end.")
    }
}

#[cfg(feature = "ssr")]
impl utoipa::ToSchema for WebhookKind {}

#[cfg(feature = "ssr")]
inventory::submit! {
    super::WireEnum { name: "WebhookKind", values: || serde_json::to_value(WebhookKind::all().collect::<Vec<_>>()) }
}

string_enum! {
    /// How the latest deliveries went.
    Health {
        /// The latest delivery succeeded, or few have failed since.
        Healthy = "healthy", "Healthy";
        /// Several consecutive deliveries failed: they are sent one at a time.
        Degraded = "degraded", "Degraded";
        /// Too many consecutive deliveries failed, or the endpoint answered 410: nothing is sent.
        Disabled = "disabled", "Disabled";
    }
}

/// A webhook. Neither its secret nor its token is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its ID.
    pub id: WebhookId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Which way events flow.
    pub direction: Direction,
    /// What is at the other end.
    pub kind: WebhookKind,
    /// The name.
    pub name: String,
    /// The endpoint, or the inbound address; whatever in it is a credential is covered by dots.
    pub url: String,
    /// The subscriptions; empty for an inbound webhook. Nothing is sent while it is empty.
    pub events: Vec<Subscription>,
    /// How the latest deliveries went.
    pub health: Health,
    /// Deliveries that failed since the latest success; each counts once, however often it is
    /// retried. For inbound, events that were refused.
    pub consecutive_failures: u32,
    /// At how many consecutive failures it is disabled; null for inbound, which never is.
    pub disabled_after: Option<u32>,
    /// The latest change of its health; null when there was none, or none was stored.
    pub health_change: Option<HealthChange>,
    /// Until when nothing is sent because the endpoint asked to wait; null when it is not paused.
    #[serde(serialize_with = "millis")]
    pub paused_until: Option<DateTime<Utc>>,
    /// How many deliveries are held: while it is disabled, and after that until each had its turn.
    pub held_count: u32,
    /// When the latest attempt was made, or the latest event received.
    #[serde(serialize_with = "millis")]
    pub last_dispatched_at: Option<DateTime<Utc>>,
    /// When an attempt last succeeded, or an event was last accepted.
    #[serde(serialize_with = "millis")]
    pub last_success_at: Option<DateTime<Utc>>,
    /// When an attempt last failed, or a verified event was last refused.
    #[serde(serialize_with = "millis")]
    pub last_failure_at: Option<DateTime<Utc>>,
    /// The latest call that was refused, with its reason and a count; inbound only.
    pub last_refused: Option<LastRefused>,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// The secrets in force, the newest first, without their text.
    pub secrets: Vec<SecretInfo>,
}

/// A stored change of a webhook's health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HealthChange {
    /// When.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    /// The reason.
    pub reason: String,
    /// The delivery that caused it, which may have been removed since; null when a person did.
    pub delivery_id: Option<DeliveryId>,
    /// The number of its attempt.
    pub attempt: Option<u32>,
}

/// A deleted webhook of which deliveries are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedWebhook {
    /// Its ID.
    pub id: WebhookId,
    /// The name.
    pub name: String,
    /// The endpoint, its credentials covered; empty for an inbound webhook.
    pub url: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

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
    /// Until when it signs; null for as long as the webhook lives.
    #[serde(serialize_with = "millis")]
    pub retires_at: Option<DateTime<Utc>>,
    /// Whether its retirement was put off already, which can be done once.
    pub extended: bool,
}

string_enum! {
    /// What to do with the deliveries that were held while a webhook was disabled.
    HeldDeliveriesAction {
        /// They are sent, the oldest first.
        Send = "send", "Send now";
        /// They are not sent; they stay in the list as discarded.
        Discard = "discard", "Cancel them";
    }
}

/// Enables a disabled webhook again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnableWebhook {
    /// What to do with the held deliveries. The default is to send them.
    #[serde(default = "send")]
    pub held_deliveries: HeldDeliveriesAction,
}

const fn send() -> HeldDeliveriesAction {
    HeldDeliveriesAction::Send
}

/// Creates an outbound webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateWebhook {
    /// 1 to 100 characters.
    pub name: String,
    /// The endpoint; https, at most 2,048 characters.
    pub url: String,
    /// The subscriptions; at least one.
    #[cfg_attr(feature = "ssr", schema(min_items = 1))]
    pub events: Vec<Subscription>,
}

/// Changes an outbound webhook. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateWebhook {
    /// See [`CreateWebhook::name`].
    pub name: Option<String>,
    /// See [`CreateWebhook::url`]. As [`Webhook::url`] shows it, covered by dots or not, it stays.
    pub url: Option<String>,
    /// The whole new list of subscriptions; an empty one stops sending.
    pub events: Option<Vec<Subscription>>,
    /// What to subscribe to beside what is stored then; not together with `events`.
    pub add_events: Vec<Subscription>,
    /// What to unsubscribe from, whatever else is stored then; not together with `events`. Of a
    /// wildcard that includes it, the other events of today stay.
    pub remove_events: Vec<Subscription>,
}

/// Creates the inbound webhook of a project, for the tracker of its integration.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateInbound {
    /// Azure DevOps only: what its service hook will send by Basic authentication.
    pub username: Option<String>,
    /// Azure DevOps only.
    pub password: Option<String>,
}

/// A webhook with its secret values, which only this response contains.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// What to copy now; null where there is nothing to reveal.
    pub reveal: Option<Reveal>,
}

/// The values that are shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reveal {
    /// The inbound address with its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub url: Option<String>,
    /// The signing secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ssr", schema(nullable = false))]
    pub secret: Option<String>,
}
