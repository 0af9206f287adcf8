//! Everything that is needed to send to an endpoint, read once per batch. A change of the webhook
//! applies from the next batch on, and no secret stays in memory for longer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use app::model::body_template::BodyTemplate;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::destination::DestinationKind;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{EventId, ProjectId, WebhookId};
use app::model::policy::MAX_IN_FLIGHT_PER_ENDPOINT;
use app::model::webhook_scope::ScopeKind;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryResult, QuerySelect,
};
use url::Url;

use super::custom_headers;
use super::delivery_queue::held::{DispatchMode, mode_of};
use super::delivery_queue::{Claimed, PROJECT_DELETED, WEBHOOK_DELETED};
use crate::app_state::AppState;
use crate::crypto::OpenError;
use crate::destinations::signature::Signer;
use crate::destinations::template::TemplateError;
use crate::destinations::{self, CustomBody, Destination, DestinationSettings};
use crate::entity::webhook::{self, Blocked};
use crate::entity::{project, webhook_project, webhook_secret};
use crate::events::{EventMessage, digest_projects};

/// A webhook as it was read before a claim.
pub struct LoadedEndpoint {
    row: WebhookRow,
    secrets: Vec<webhook_secret::Model>,
    loaded_at: DateTime<Utc>,
}

struct WebhookRow {
    webhook: Option<webhook::Model>,
    is_project_active: bool,
    has_held: bool,
}

/// The endpoint of a webhook.
pub enum Endpoint {
    /// Deliveries can be sent.
    Ready(Box<ReadyEndpoint>),
    /// The webhook or its project was deleted, for this reason. Its deliveries end.
    Deleted(&'static str),
    /// Its URL, a secret or a header can't be decrypted. Attempts fail.
    Undecryptable(&'static str),
}

/// Everything that is needed to send.
pub struct ReadyEndpoint {
    /// The kind of destination.
    pub destination: &'static dyn Destination,
    /// The URL.
    pub url: Url,
    template: Option<BodyTemplate>,
    /// Its URL without credentials.
    pub display_url: String,
    /// Signs requests; [`Signer::None`] if the destination is not signed.
    pub signer: Signer,
    /// The headers that an admin added. Their values are hidden in stored headers.
    pub custom_headers: HeaderMap,
    /// Whether any certificate is accepted.
    pub allow_insecure: bool,
    /// When its deliveries are retried, and how long it may take.
    pub policy: DeliveryPolicy,
    /// Why only tests may be sent, if so.
    pub blocked: Option<Blocked>,
}

/// Reads a webhook and everything that decides whether and how its deliveries are sent.
pub async fn load_endpoint(state: &AppState, id: WebhookId) -> Result<LoadedEndpoint, DbErr> {
    let (db, loaded_at) = (state.store.read(), state.clock.now());
    // Literal text in the statement, so that the partial index of held deliveries applies.
    const HAS_HELD: &str =
        "EXISTS (SELECT 1 FROM deliveries WHERE deliveries.webhook_id = webhooks.id AND deliveries.status = 'held')";
    const IS_PROJECT_ACTIVE: &str = "(webhooks.scope = 'all' OR EXISTS (SELECT 1 FROM projects \
         WHERE projects.id = webhooks.project_id AND projects.deleted_at IS NULL))";
    // They are read first: if the signing changes in between, an old secret is sent as the new scheme says, but
    // never a new one in the plain header of the old scheme.
    let secrets = secrets_in_force(state, id, loaded_at).await?;
    let select = webhook::Entity::find_by_id(id)
        .expr_as(Expr::cust(IS_PROJECT_ACTIVE), "is_project_active")
        .expr_as(Expr::cust(HAS_HELD), "has_held");
    let row = select.into_model::<WebhookRow>().one(db).await?;
    let row = row.unwrap_or(WebhookRow { webhook: None, is_project_active: false, has_held: false });
    let is_signed = row.destination().is_some_and(DestinationKind::can_sign);
    let secrets = if is_signed { secrets } else { Vec::new() };
    Ok(LoadedEndpoint { row, secrets, loaded_at })
}

/// The projects whose events a delivery sends. A digest may have the events of several.
#[must_use]
pub fn projects_of(claimed: &Claimed, messages: &HashMap<EventId, Arc<EventMessage>>) -> Vec<ProjectId> {
    let digest = claimed.event_id.filter(|_| claimed.event_type == DIGEST_EVENT).and_then(|id| messages.get(&id));
    let covered = digest.map(|message| digest_projects(message.envelope())).unwrap_or_default();
    std::iter::once(claimed.project_id).chain(covered).collect()
}

impl FromQueryResult for WebhookRow {
    fn from_query_result(result: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            webhook: Some(webhook::Model::from_query_result(result, prefix)?),
            is_project_active: result.try_get(prefix, "is_project_active")?,
            has_held: result.try_get(prefix, "has_held")?,
        })
    }
}

impl WebhookRow {
    fn destination(&self) -> Option<DestinationKind> {
        self.webhook.as_ref().and_then(|webhook| webhook.kind.destination())
    }
}

impl LoadedEndpoint {
    /// Why its deliveries end; `None` if it exists.
    #[must_use]
    pub fn deleted(&self) -> Option<&'static str> {
        match &self.row.webhook {
            None => Some(WEBHOOK_DELETED),
            Some(_) if !self.row.is_project_active => Some(PROJECT_DELETED),
            Some(webhook) => webhook.deleted_at.map(|_| WEBHOOK_DELETED),
        }
    }

    /// The row of the webhook.
    #[must_use]
    pub const fn webhook(&self) -> Option<&webhook::Model> {
        self.row.webhook.as_ref()
    }

    /// Whether it has held deliveries.
    #[must_use]
    pub const fn has_held(&self) -> bool {
        self.row.has_held
    }

    /// Those of the projects whose events the webhook doesn't send any more: they were deleted, or
    /// removed from its projects. Nothing of them may reach an endpoint that others may have changed since.
    pub async fn ended_projects(
        &self,
        state: &AppState,
        mut projects: HashSet<ProjectId>,
    ) -> Result<HashSet<ProjectId>, DbErr> {
        let Some(webhook) = &self.row.webhook else { return Ok(projects) };
        let db = state.store.read();
        let sent: Vec<ProjectId> = match webhook.scope {
            ScopeKind::Project => vec![webhook.project_id],
            ScopeKind::Projects => webhook_project::projects_of(db, webhook).await?,
            ScopeKind::All => {
                let active = project::Entity::find().select_only().column(project::Column::Id);
                let active = active.filter(project::Column::Id.is_in(projects.iter().copied()));
                active.filter(project::Column::DeletedAt.is_null()).into_tuple().all(db).await?
            }
        };
        projects.retain(|project| !sent.contains(project));
        Ok(projects)
    }

    /// What may be sent at `now` on the schedule.
    #[must_use]
    pub fn mode(&self, now: DateTime<Utc>) -> DispatchMode {
        let webhook = self.row.webhook.as_ref();
        webhook.map_or(DispatchMode::Parallel, |webhook| mode_of(webhook, self.row.has_held, now))
    }

    /// The policy; the default without a webhook.
    #[must_use]
    pub fn policy(&self) -> DeliveryPolicy {
        self.row.webhook.as_ref().map_or_else(DeliveryPolicy::default, |webhook| DeliveryPolicy::from(&webhook.policy))
    }

    /// Failed attempts since the latest success.
    #[must_use]
    pub fn consecutive_failures(&self) -> i32 {
        self.row.webhook.as_ref().map_or(0, |webhook| webhook.consecutive_failures)
    }

    /// The maximum number of requests in flight. Without a destination nothing is sent, and only the
    /// general limit applies.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        let limit = |kind| destinations::implementation(kind).limits().max_in_flight;
        self.row.destination().map_or(MAX_IN_FLIGHT_PER_ENDPOINT, limit)
    }

    /// The webhook as of the claim of these deliveries, or later, so that none of them goes to an
    /// old URL. It is read again if it changed in between, or if a delivery was queued in between,
    /// which may have been after a rotation.
    pub async fn at_claim(self, state: &AppState, claimed: &[Claimed]) -> Result<Self, DbErr> {
        let Some(webhook) = &self.row.webhook else { return Ok(self) };
        let is_outdated = |claimed: &Claimed| self.loaded_at <= claimed.created_at || webhook.url != claimed.sealed_url;
        if claimed.iter().any(is_outdated) { load_endpoint(state, webhook.id).await } else { Ok(self) }
    }

    /// Decrypts the URL, the secrets and the headers.
    #[must_use]
    pub fn open(&self, state: &AppState) -> Endpoint {
        if let Some(why) = self.deleted() {
            return Endpoint::Deleted(why);
        }
        let Some(webhook) = &self.row.webhook else { return Endpoint::Deleted(WEBHOOK_DELETED) };
        self.decrypt(state, webhook).unwrap_or_else(|error| {
            tracing::error!(webhook = %webhook.id, %error, "failed to decrypt a webhook");
            Endpoint::Undecryptable("The webhook's URL or secret can't be decrypted: its master key is not configured.")
        })
    }

    fn decrypt(&self, state: &AppState, webhook: &webhook::Model) -> Result<Endpoint, OpenError> {
        let kind = webhook.kind.destination().ok_or(OpenError::Damaged)?;
        let sealed = webhook.url.as_deref().ok_or(OpenError::Damaged)?;
        let url = state.keys.open_text(&webhook::url_aad(webhook.id), sealed)?;
        let url = url.parse().map_err(|_| OpenError::Damaged)?;
        let secret = |secret: &webhook_secret::Model| {
            state.keys.open_text(&webhook_secret::secret_aad(secret.id), &secret.secret)
        };
        let signer = match kind.can_sign() {
            true => Signer::new(&webhook.signing, self.secrets.iter().map(secret).collect::<Result<_, _>>()?),
            false => Some(Signer::None),
        };
        Ok(Endpoint::Ready(Box::new(ReadyEndpoint {
            destination: destinations::implementation(kind),
            url,
            template: webhook.body_template.clone().filter(|_| kind.spec().takes_template),
            display_url: webhook.display_url.clone(),
            signer: signer.ok_or(OpenError::Damaged)?,
            custom_headers: custom_headers::open(&state.keys, webhook)?,
            allow_insecure: webhook.allow_insecure,
            policy: DeliveryPolicy::from(&webhook.policy),
            blocked: webhook.blocked(),
        })))
    }
}

impl ReadyEndpoint {
    /// What the request for an event depends on.
    ///
    /// # Errors
    /// The webhook's template can't render the event.
    pub fn settings_for(&self, message: &EventMessage) -> Result<DestinationSettings, TemplateError> {
        let body =
            self.template.as_ref().map(|template| CustomBody::render(template, message.envelope())).transpose()?;
        Ok(DestinationSettings { url: self.url.clone(), body })
    }
}

impl Endpoint {
    /// Why only tests may be sent, if so.
    #[must_use]
    pub fn blocked(&self) -> Option<Blocked> {
        match self {
            Self::Ready(ready) => ready.blocked,
            Self::Deleted(_) | Self::Undecryptable(_) => None,
        }
    }

    /// When its deliveries are retried. Without an endpoint nothing is sent, and the policy doesn't matter.
    #[must_use]
    pub fn policy(&self) -> DeliveryPolicy {
        match self {
            Self::Ready(ready) => ready.policy.clone(),
            Self::Deleted(_) | Self::Undecryptable(_) => DeliveryPolicy::default(),
        }
    }

    /// Whether digests can be sent to it.
    #[must_use]
    pub fn has_digests(&self) -> bool {
        match self {
            Self::Ready(ready) => ready.destination.kind().spec().has_digests,
            Self::Deleted(_) | Self::Undecryptable(_) => true,
        }
    }

    /// The pause after each attempt.
    #[must_use]
    pub fn min_interval(&self) -> Option<Duration> {
        let Self::Ready(ready) = self else { return None };
        Some(ready.destination.limits().min_interval).filter(|interval| !interval.is_zero())
    }
}

/// The secrets that sign at `now`, newest first. Retired secrets don't, even before they are
/// removed.
async fn secrets_in_force(
    state: &AppState,
    id: WebhookId,
    now: DateTime<Utc>,
) -> Result<Vec<webhook_secret::Model>, DbErr> {
    use webhook_secret::Column;
    webhook_secret::Entity::find()
        .filter(Column::WebhookId.eq(id))
        .filter(Condition::any().add(Column::RetiresAt.is_null()).add(Column::RetiresAt.gt(now)))
        .order_by_desc(Column::Id)
        .all(state.store.read())
        .await
}
