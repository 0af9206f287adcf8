//! Webhooks: inbound ones receive a tracker's events, outbound ones send Testbell's events.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::body_template::BodyTemplate;
#[cfg(feature = "ssr")]
use super::catalog::payload::{self, Payload};
use super::catalog::{CatalogSubject, Subject, SubjectSpec, Subscription};
use super::condition::Conditions;
use super::custom_header::CustomHeader;
#[cfg(feature = "ssr")]
use super::custom_header::changed_headers;
#[cfg(feature = "ssr")]
use super::delivery_policy::differing;
use super::delivery_policy::{DeliveryPolicy, PolicyChange};
use super::destination::DestinationKind;
use super::icon::Icon;
use super::id::{DeliveryId, ProjectId, WebhookId};
use super::refused_call::LastRefusedCall;
use super::signing::WebhookSigning;
use super::string_enum;
use super::time::millis;
pub use super::webhook_activity::EnableWebhook;
use super::webhook_activity::WhileInactive;
pub use super::webhook_kind::{UnknownWebhookKind, WebhookKind};
use super::webhook_scope::{SelectScope, WebhookScope};
pub use super::webhook_secret::{NewSecrets, RotateWebhook, SECRET_OVERLAP_HOURS, SECRET_OVERLAPS, SecretInfo};
pub use super::webhook_test::SendTest;

impl CatalogSubject for Webhook {
    const SUBJECT: Subject = Subject::Webhook;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "webhook",
        headline: "Webhook",
        path: "settings/webhooks",
        id_prefix: WebhookId::PREFIX,
        key_letter: 'W',
        icon: Icon::Webhook,
        param: "webhook",
        lead: "Webhooks receive events from your tracker and send events to your tools.",
        first_step: "Add a webhook to send events to your tools.",
        completion: None,
        abort: None,
        deletion: "Nothing more is sent to it. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::webhook::PAYLOAD;
    type Id = WebhookId;
}

string_enum! {
    /// The direction of a webhook.
    Direction {
        /// From a tracker to Testbell.
        Inbound = "inbound", "Inbound";
        /// From Testbell to an endpoint.
        Outbound = "outbound", "Outbound";
    }
}

string_enum! {
    /// The health of a webhook.
    Health {
        /// The latest delivery succeeded, or few have failed since.
        Healthy = "healthy", "Healthy";
        /// Several consecutive deliveries failed. Deliveries are sent one at a time.
        Degraded = "degraded", "Degraded";
        /// Too many consecutive deliveries failed, or the endpoint responded with 410. Nothing is
        /// sent.
        Disabled = "disabled", "Disabled";
    }
}

/// Between the count and the error in the stored reason of a change of health.
pub const LAST_ERROR: &str = " The last error: ";

/// A webhook, without its secret and token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its ID.
    pub id: WebhookId,
    /// The project it belongs to. If it has several, or all, the first one that the caller may read.
    pub project_id: ProjectId,
    /// The projects whose events it sends; an inbound webhook has one.
    pub scope: WebhookScope,
    /// The direction.
    pub direction: Direction,
    /// The tracker or the destination.
    pub kind: WebhookKind,
    /// The name.
    pub name: String,
    /// The URL of the endpoint or of the inbound webhook, with its credentials redacted.
    pub url: String,
    /// The subscriptions; empty for an inbound webhook. An outbound webhook without subscriptions
    /// sends nothing.
    pub events: Vec<Subscription>,
    /// What else an event must contain to be sent.
    pub conditions: Conditions,
    /// The template of the body; null if the destination's own body is sent.
    pub body_template: Option<BodyTemplate>,
    /// Whether it sends. An admin can deactivate an outbound webhook; an inbound one is always active.
    pub active: bool,
    /// What happens to events while it is inactive.
    pub while_inactive: WhileInactive,
    /// Whether the pause of all webhooks stops it. Its events are held.
    pub instance_paused: bool,
    /// The health.
    pub health: Health,
    /// Consecutive failed deliveries, each counted once, however often it is retried. For inbound,
    /// refused events.
    pub consecutive_failures: u32,
    /// The number of consecutive failures at which it is disabled; null if it never is, like inbound.
    pub disabled_after: Option<u32>,
    /// When deliveries are retried and it is disabled; null for inbound.
    pub policy: Option<DeliveryPolicy>,
    /// The latest change of its health; null if there was none or it was not stored.
    pub health_change: Option<HealthChange>,
    /// When the pause ends that the endpoint asked for; null if it is not paused.
    #[serde(serialize_with = "millis")]
    pub paused_until: Option<DateTime<Utc>>,
    /// When the oldest held delivery is tried, to see whether the disabled webhook works again; null if it is
    /// not.
    #[serde(serialize_with = "millis")]
    pub next_probe_at: Option<DateTime<Utc>>,
    /// How many deliveries are held: while it is disabled or inactive, and after that until they are sent.
    pub held_count: u32,
    /// How many deliveries are queued or collected for a digest, if it is a chat tool, sends in order or has a rate
    /// limit; otherwise 0.
    pub queued_count: u32,
    /// When the latest attempt was made, or the latest event was received.
    #[serde(serialize_with = "millis")]
    pub last_dispatched_at: Option<DateTime<Utc>>,
    /// When an attempt last succeeded, or an event was last accepted.
    #[serde(serialize_with = "millis")]
    pub last_success_at: Option<DateTime<Utc>>,
    /// When an attempt last failed, or a verified event was last refused.
    #[serde(serialize_with = "millis")]
    pub last_failure_at: Option<DateTime<Utc>>,
    /// The latest refused call, with its reason and a count; inbound only.
    pub last_refused: Option<LastRefusedCall>,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// The active secrets, newest first, without their text.
    pub secrets: Vec<SecretInfo>,
    /// How requests are signed; null if the destination isn't signed.
    pub signing: Option<WebhookSigning>,
    /// The custom headers, without their values.
    pub custom_headers: Vec<CustomHeader>,
    /// Whether http URLs are allowed, and certificates are not verified.
    pub allow_insecure: bool,
}

/// A change of a webhook's health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HealthChange {
    /// When it happened.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    /// The reason.
    pub reason: String,
    /// The delivery that caused it, which may have been purged; null if a user did.
    pub delivery_id: Option<DeliveryId>,
    /// The number of the delivery's attempt.
    pub attempt: Option<u32>,
}

/// A deleted webhook that still has deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedWebhook {
    /// Its ID.
    pub id: WebhookId,
    /// The name.
    pub name: String,
    /// The URL of the endpoint, with its credentials redacted; empty for an inbound webhook.
    pub url: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

string_enum! {
    /// What to do with held deliveries.
    HeldDeliveriesAction {
        /// Send them, oldest first.
        Send = "send", "Send now";
        /// Cancel them. They stay in the list.
        Discard = "discard", "Cancel them";
    }
}

/// Creates an outbound webhook.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateWebhook {
    /// 1 to 100 characters.
    pub name: String,
    /// The endpoint's URL; https unless insecure connections are allowed, at most 2,048 characters.
    pub url: String,
    /// The projects whose events it sends, among them that of the path. By default, only that one.
    #[serde(default)]
    pub scope: Option<SelectScope>,
    /// The subscriptions; at least one.
    #[cfg_attr(feature = "ssr", schema(min_items = 1))]
    pub events: Vec<Subscription>,
    /// The kind of destination. By default, it is detected from the URL.
    #[serde(default)]
    pub kind: Option<DestinationKind>,
    /// When deliveries are retried and it is disabled. Absent fields have their defaults.
    #[serde(default)]
    pub policy: PolicyChange,
    /// What else an event must contain to be sent.
    #[serde(default)]
    pub conditions: Conditions,
    /// The template of the body; generic endpoints only. By default, they get the envelope.
    #[serde(default)]
    pub body_template: Option<BodyTemplate>,
    /// How requests are signed; generic endpoints only. The default is HMAC-SHA256 of Standard Webhooks.
    #[serde(default)]
    pub signing: Option<WebhookSigning>,
    /// The secret, instead of a generated one. See [`RotateWebhook::secret`].
    #[serde(default)]
    pub secret: Option<String>,
    /// At most 20 headers to add to each request; generic endpoints and Jenkins only. Each needs a value.
    #[serde(default)]
    pub custom_headers: Vec<CustomHeader>,
    /// Whether the URL may be http, and certificates are not verified; generic endpoints and Jenkins only. Others on
    /// the network can then read and change what is sent.
    #[serde(default)]
    pub allow_insecure: bool,
    /// Whether it sends events from the start. By default, it does.
    #[serde(default)]
    pub active: Option<bool>,
    /// See [`Webhook::while_inactive`]. By default, events are held.
    #[serde(default)]
    pub while_inactive: Option<WhileInactive>,
}

/// Changes where an outbound webhook sends to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangeDestination {
    /// The URL of the new endpoint. See [`CreateWebhook::url`].
    pub url: String,
    /// See [`CreateWebhook::kind`].
    #[serde(default)]
    pub kind: Option<DestinationKind>,
    /// See [`CreateWebhook::allow_insecure`]. By default, it stays if the new kind supports it.
    #[serde(default)]
    pub allow_insecure: Option<bool>,
}

/// Changes an outbound webhook. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateWebhook {
    /// See [`CreateWebhook::name`].
    pub name: Option<String>,
    /// See [`CreateWebhook::url`]. Sending the value of [`Webhook::url`] changes nothing.
    pub url: Option<String>,
    /// When deliveries are retried and it is disabled.
    pub policy: PolicyChange,
    /// The complete new list of custom headers. One without a value keeps its stored value.
    pub custom_headers: Option<Vec<CustomHeader>>,
    /// Custom headers to add, or to change by their names; the others stay. Can't be combined with `customHeaders`.
    pub set_headers: Vec<CustomHeader>,
    /// The names of custom headers to remove; can't be combined with `customHeaders`.
    pub remove_headers: Vec<String>,
    /// The complete new conditions. Those without rules let all events through.
    pub conditions: Option<Conditions>,
    /// The template of the body; generic endpoints only. One with an empty text removes it.
    pub body_template: Option<BodyTemplate>,
    /// See [`CreateWebhook::allow_insecure`].
    pub allow_insecure: Option<bool>,
    /// What happens to events while it is inactive.
    pub while_inactive: Option<WhileInactive>,
    /// The projects whose events it sends. The caller must be an admin of those before and after.
    pub scope: Option<SelectScope>,
    /// The complete new list of subscriptions; an empty one stops sending.
    pub events: Option<Vec<Subscription>>,
    /// Subscriptions to add to the stored ones; can't be combined with `events`.
    pub add_events: Vec<Subscription>,
    /// Subscriptions to remove from the stored ones; can't be combined with `events`. A wildcard
    /// that includes it is replaced by its other current events.
    pub remove_events: Vec<Subscription>,
}

#[cfg(feature = "ssr")]
impl UpdateWebhook {
    /// What differs from the change that a form would make unedited. Of the custom headers, each one is compared, so
    /// that those that somebody else changed meanwhile stay. The lists of events are sent as they are.
    #[must_use]
    pub fn since(self, initial: Self) -> Self {
        let (set_headers, remove_headers) = match (self.custom_headers, initial.custom_headers) {
            (Some(new), Some(initial)) => changed_headers(new, &initial),
            (Some(new), None) => (new, Vec::new()),
            (None, _) => (Vec::new(), Vec::new()),
        };
        Self {
            name: differing(self.name, initial.name),
            url: differing(self.url, initial.url),
            policy: self.policy.since(initial.policy),
            custom_headers: None,
            set_headers,
            remove_headers,
            conditions: differing(self.conditions, initial.conditions),
            body_template: differing(self.body_template, initial.body_template),
            allow_insecure: differing(self.allow_insecure, initial.allow_insecure),
            while_inactive: differing(self.while_inactive, initial.while_inactive),
            scope: differing(self.scope, initial.scope),
            ..self
        }
    }
}

/// Creates the inbound webhook of a project, for the tracker of its integration.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateInbound {
    /// Azure DevOps only: the username that its service hook sends with Basic authentication.
    pub username: Option<String>,
    /// Azure DevOps only: the password.
    pub password: Option<String>,
}

/// A webhook with its new secret values, which only this response contains.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// The values to copy now; null if there are none.
    pub reveal: Option<NewSecrets>,
}
