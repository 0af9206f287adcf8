//! Webhooks: inbound ones receive a tracker's events, outbound ones send Testbell's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::catalog::EventType;
use super::id::{ProjectId, SecretId, WebhookId};
use super::named;

named! {
    /// Which way events flow.
    Direction {
        /// From a tracker to Testbell.
        Inbound = "inbound", "Inbound";
        /// From Testbell to an endpoint.
        Outbound = "outbound", "Outbound";
    }
}

named! {
    /// What is at the other end.
    WebhookKind {
        /// A GitHub repository; inbound.
        Github = "github", "GitHub";
        /// A Jira site; inbound.
        Jira = "jira", "Jira";
        /// An Azure DevOps service hook; inbound.
        AzureDevops = "azure_devops", "Azure DevOps";
        /// An HTTPS endpoint that verifies Standard Webhooks signatures; outbound.
        Generic = "generic", "Generic HMAC";
        /// A Slack incoming webhook; outbound.
        Slack = "slack", "Slack";
    }
}

named! {
    /// How the latest deliveries went.
    Health {
        /// The latest attempt succeeded, or few have failed since.
        Healthy = "healthy", "Healthy";
        /// Several attempts in a row have failed.
        Degraded = "degraded", "Degraded";
        /// Too many attempts in a row have failed: nothing is sent.
        Disabled = "disabled", "Disabled";
    }
}

/// The hosts of Slack's incoming webhooks, for which an exact match is asked: `contains` would
/// take `hooks.slack.com.example.org` for Slack.
const SLACK_HOSTS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

impl WebhookKind {
    /// What an outbound webhook finds at a host, which is in lower case as URL parsers write it.
    #[must_use]
    pub fn at_host(host: &str) -> Self {
        // With a dot at its end it is the same host.
        let is_slack = SLACK_HOSTS.contains(&host.strip_suffix('.').unwrap_or(host));
        if is_slack { Self::Slack } else { Self::Generic }
    }
}

/// A webhook. Neither its secret nor its token is ever part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Which way events flow.
    pub direction: Direction,
    /// What is at the other end.
    pub kind: WebhookKind,
    /// What its admins call it.
    pub name: String,
    /// The endpoint, or the inbound address; whatever in it is a credential is covered by dots.
    pub url: String,
    /// What it is subscribed to; empty for an inbound webhook.
    pub events: Vec<EventType>,
    /// How the latest deliveries went.
    pub health: Health,
    /// Failed attempts since the latest success.
    pub consecutive_failures: u32,
    /// How many deliveries are held: while it is disabled, and after that until each had its turn.
    pub held: u32,
    /// When the latest attempt was made, or the latest event received.
    pub last_dispatched_at: Option<DateTime<Utc>>,
    /// When an attempt last succeeded, or an event was last accepted.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When an attempt last failed, or a verified event was last refused.
    pub last_failure_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The secrets in force, the newest first, without their text.
    pub secrets: Vec<SecretInfo>,
}

/// What is left of a webhook that was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedWebhook {
    /// Its id.
    pub id: WebhookId,
    /// What its admins called it.
    pub name: String,
    /// The endpoint, its credentials covered; empty for an inbound webhook.
    pub url: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A signing secret without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecretInfo {
    /// Its id.
    pub id: SecretId,
    /// When it was minted.
    pub created_at: DateTime<Utc>,
    /// Until when it signs; null for as long as the webhook lives.
    pub retires_at: Option<DateTime<Utc>>,
    /// Whether its retirement was put off already, which can be done once.
    pub extended: bool,
}

named! {
    /// What becomes of the deliveries that were held while a webhook was disabled.
    Held {
        /// They are sent, the oldest first.
        Send = "send", "Send them";
        /// They are not sent; they stay in the list as discarded.
        Discard = "discard", "Discard them";
    }
}

/// Enables a disabled webhook again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnableWebhook {
    /// What becomes of what is held; it is sent unless told.
    #[serde(default = "send")]
    pub held: Held,
}

const fn send() -> Held {
    Held::Send
}

/// Makes an outbound webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateWebhook {
    /// 1 to 100 characters.
    pub name: String,
    /// The endpoint; https, at most 2,048 characters.
    pub url: String,
    /// What to subscribe to; may be empty.
    #[serde(default)]
    pub events: Vec<EventType>,
}

/// Changes an outbound webhook; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateWebhook {
    /// See [`CreateWebhook::name`].
    pub name: Option<String>,
    /// See [`CreateWebhook::url`]. As [`Webhook::url`] shows it, covered by dots or not, it stays.
    pub url: Option<String>,
    /// The whole new list of subscriptions.
    pub events: Option<Vec<EventType>>,
    /// What to subscribe to beside what is stored then; not together with `events`.
    pub add_events: Vec<EventType>,
    /// What to unsubscribe from, whatever else is stored then; not together with `events`.
    pub remove_events: Vec<EventType>,
}

/// Makes the inbound webhook of a project, for the tracker of its integration.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateInbound {
    /// Azure DevOps only: what its service hook will send by Basic authentication.
    pub username: Option<String>,
    /// Azure DevOps only.
    pub password: Option<String>,
}

/// A webhook with what is revealed once: in this answer and never again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// What to copy now; null where there is nothing to reveal.
    pub reveal: Option<Reveal>,
}

/// What is shown only once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reveal {
    /// The inbound address with its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The signing secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}
