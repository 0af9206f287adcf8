//! A webhook of either direction. A deleted one keeps its row for its deliveries.

use app::model::body_template::BodyTemplate;
use app::model::condition::Conditions;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::signing::WebhookSigning;
use app::model::webhook::{Direction, Health, WebhookKind};
use app::model::webhook_activity::WhileInactive;
use app::model::webhook_scope::ScopeKind;
use chrono::TimeDelta;
use sea_orm::entity::prelude::*;

use super::json::{Strings, WebhookPolicy};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookId,
    /// The owner: for one project that one, else one of them. Its log has the audit entries, and tests are its
    /// deliveries. When it is deleted, another one of several projects takes its place.
    pub project_id: ProjectId,
    pub direction: Direction,
    pub kind: WebhookKind,
    pub name: String,
    /// The endpoint, encrypted; outbound only.
    pub url: Option<Vec<u8>>,
    /// The URL without its credential.
    #[sea_orm(column_name = "shown_url")]
    pub display_url: String,
    /// SHA-256 of the token in the inbound address.
    pub token_hash: Option<Vec<u8>>,
    /// The token's first characters.
    pub token_hint: Option<String>,
    /// The projects whose events it sends. `webhook_projects` lists them: for one project the owner; all
    /// projects need no list. A delivery belongs to the project of its event.
    pub scope: ScopeKind,
    pub policy: WebhookPolicy,
    /// What an event must contain to be sent.
    pub conditions: Conditions,
    /// The template of the body, for destinations that take one.
    pub body_template: Option<BodyTemplate>,
    pub signing: WebhookSigning,
    /// The names of the custom headers.
    pub header_names: Strings,
    /// Their values, a JSON list, encrypted; null if there are none.
    pub header_values: Option<Vec<u8>>,
    /// Whether http is allowed, and certificates are not verified.
    pub allow_insecure: bool,
    /// Set by hand, apart from the health.
    pub active: bool,
    pub while_inactive: WhileInactive,
    /// Whether the pause of all webhooks stops it. Its activity stays as it was, and applies again when it is
    /// resumed.
    pub instance_paused: bool,
    pub health: Health,
    /// Deliveries that failed in the current streak.
    pub consecutive_failures: i32,
    /// Why the health last changed; null if that was not stored.
    pub health_reason: Option<String>,
    pub health_changed_at: Option<DateTimeUtc>,
    /// The delivery that changed it, and the number of its attempt.
    pub health_delivery_id: Option<DeliveryId>,
    pub health_attempt: Option<i32>,
    /// The number of the streak. Each success starts the next one.
    pub failure_streak: i64,
    pub streak_started_at: Option<DateTimeUtc>,
    /// When the first failure of the streak ended.
    pub failing_since: Option<DateTimeUtc>,
    /// The number of pauses since it became degraded, and the end of the latest.
    pub degraded_pauses: i32,
    pub degraded_pause_until: Option<DateTimeUtc>,
    /// The end of the pause that the endpoint asked for, and the total of such pauses since its
    /// last success.
    pub paused_until: Option<DateTimeUtc>,
    pub total_pause_ms: i64,
    /// With a rate limit, the earliest time of the next attempt.
    pub next_send_at: Option<DateTimeUtc>,
    /// With a digest, the earliest time of the next one.
    pub next_digest_at: Option<DateTimeUtc>,
    /// When the last event about an exhausted delivery was emitted.
    pub exhausted_event_at: Option<DateTimeUtc>,
    /// The number of probes since it was disabled, and when the next is due; null if none is.
    pub recovery_probes: i32,
    pub next_probe_at: Option<DateTimeUtc>,
    pub last_dispatched_at: Option<DateTimeUtc>,
    pub last_success_at: Option<DateTimeUtc>,
    pub last_failure_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// What becomes of new deliveries: `None` if they are sent. Events of an inactive webhook may be dropped,
    /// whatever its health.
    #[must_use]
    pub const fn blocked(&self) -> Option<Blocked> {
        Blocked::of((self.active, self.instance_paused), self.while_inactive, self.health)
    }

    /// How long its events are collected for a digest; `None` for a message per event.
    #[must_use]
    pub fn digest_interval(&self) -> Option<TimeDelta> {
        digest_interval(self.kind, &DeliveryPolicy::from(&self.policy))
    }

    /// Whether neither an admin nor the pause of all webhooks stops it.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.active && !self.instance_paused
    }

    /// A new webhook of a single project, without a URL.
    #[must_use]
    pub fn new(id: WebhookId, project_id: ProjectId, kind: WebhookKind, name: String, created_at: DateTimeUtc) -> Self {
        Self {
            id,
            project_id,
            direction: kind.direction(),
            kind,
            name,
            url: None,
            display_url: String::new(),
            token_hash: None,
            token_hint: None,
            scope: ScopeKind::Project,
            policy: WebhookPolicy::default(),
            conditions: Conditions::default(),
            body_template: None,
            signing: WebhookSigning::default(),
            header_names: Strings::default(),
            header_values: None,
            allow_insecure: false,
            active: true,
            while_inactive: WhileInactive::Hold,
            instance_paused: false,
            health: Health::Healthy,
            consecutive_failures: 0,
            health_reason: None,
            health_changed_at: None,
            health_delivery_id: None,
            health_attempt: None,
            failure_streak: 0,
            streak_started_at: None,
            failing_since: None,
            degraded_pauses: 0,
            degraded_pause_until: None,
            paused_until: None,
            total_pause_ms: 0,
            next_send_at: None,
            next_digest_at: None,
            exhausted_event_at: None,
            recovery_probes: 0,
            next_probe_at: None,
            last_dispatched_at: None,
            last_success_at: None,
            last_failure_at: None,
            created_at,
            deleted_at: None,
        }
    }
}

/// Why a webhook sends nothing but tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// It is disabled, inactive or paused with all webhooks. Its deliveries are held.
    Held,
    /// It is inactive. Its deliveries are cancelled.
    Dropped,
}

impl Blocked {
    /// `None` if the webhook sends. The pause of all webhooks loses nothing, even if an inactive webhook
    /// would drop its events.
    #[must_use]
    pub const fn of(
        (active, instance_paused): (bool, bool),
        while_inactive: WhileInactive,
        health: Health,
    ) -> Option<Self> {
        match (active, while_inactive, health) {
            (false, WhileInactive::Drop, _) => Some(Self::Dropped),
            (false, WhileInactive::Hold, _) | (true, _, Health::Disabled) => Some(Self::Held),
            (true, ..) if instance_paused => Some(Self::Held),
            (true, ..) => None,
        }
    }
}

/// How long the events of a webhook with this policy are collected. Only chat tools have digests.
#[must_use]
pub fn digest_interval(kind: WebhookKind, policy: &DeliveryPolicy) -> Option<TimeDelta> {
    let is_on = policy.digest_minutes > 0 && kind.has_digests();
    is_on.then(|| TimeDelta::minutes(policy.digest_minutes.into()))
}

impl ActiveModelBehavior for ActiveModel {}

/// The associated data with which a webhook's URL is encrypted.
#[must_use]
pub fn url_aad(id: WebhookId) -> String {
    format!("webhooks.url:{id}")
}

/// The associated data with which the values of its custom headers are encrypted.
#[must_use]
pub fn header_values_aad(id: WebhookId) -> String {
    format!("webhooks.header_values:{id}")
}
