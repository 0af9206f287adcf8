//! What is needed to send to an endpoint, read once for each batch: so that a change of the
//! webhook holds from the next batch on, and no secret lies about in memory for longer.

use app::model::id::WebhookId;
use app::model::webhook::{Health, WebhookKind};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use url::Url;

use super::signature::SigningKey;
use crate::core::Core;
use crate::crypto::OpenError;
use crate::entity::{project, webhook, webhook_secret};

/// Where the deliveries of a webhook go.
pub enum Endpoint {
    /// There.
    At {
        /// The address.
        url: Url,
        /// What is there.
        kind: WebhookKind,
        /// What signs, the newest first; empty for Slack.
        keys: Vec<SigningKey>,
        /// Failed attempts since the latest success.
        consecutive_failures: i32,
        /// Whether only tests may be sent.
        disabled: bool,
    },
    /// Nowhere any more: the deliveries are given up.
    Gone(&'static str),
    /// It can't be said: the attempt fails.
    Unreadable(&'static str),
}

impl Endpoint {
    /// Reads a webhook with the secrets in force.
    ///
    /// # Errors
    /// The database's own.
    pub async fn read(core: &Core, id: WebhookId) -> Result<Self, DbErr> {
        let db = core.store.read();
        let Some(webhook) = webhook::Entity::find_by_id(id).one(db).await? else {
            return Ok(Self::Gone("The webhook was deleted."));
        };
        let project = project::Entity::find_by_id(webhook.project_id).one(db).await?;
        if project.is_none_or(|project| project.deleted_at.is_some()) {
            return Ok(Self::Gone("The project was deleted before this was sent."));
        }
        if webhook.deleted_at.is_some() {
            return Ok(Self::Gone("The webhook was deleted before this was sent."));
        }
        let secrets = in_force(core, id, core.clock.now()).await?;
        Ok(Self::open(core, &webhook, &secrets).unwrap_or_else(|error| {
            tracing::error!(webhook = %id, %error, "a webhook can't be decrypted");
            Self::Unreadable("The webhook's address or secret can't be decrypted: the master key it was stored with is not configured.")
        }))
    }

    /// Failed attempts since the latest success, as far as it is known.
    #[must_use]
    pub fn consecutive_failures(&self) -> i32 {
        match self {
            Self::At { consecutive_failures, .. } => *consecutive_failures,
            Self::Gone(_) | Self::Unreadable(_) => 0,
        }
    }

    /// Whether only tests may be sent.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        matches!(self, Self::At { disabled: true, .. })
    }

    fn open(core: &Core, webhook: &webhook::Model, secrets: &[webhook_secret::Model]) -> Result<Self, OpenError> {
        let sealed = webhook.url.as_deref().ok_or(OpenError::Damaged)?;
        let url = core.keys.open_text(&webhook::url_place(webhook.id), sealed)?;
        let url = url.parse().map_err(|_| OpenError::Damaged)?;
        let key = |secret: &webhook_secret::Model| {
            let text = core.keys.open_text(&webhook_secret::place(secret.id), &secret.secret)?;
            SigningKey::parse(&text).ok_or(OpenError::Damaged)
        };
        let keys = secrets.iter().map(key).collect::<Result<_, _>>()?;
        Ok(Self::At {
            url,
            kind: webhook.kind,
            keys,
            consecutive_failures: webhook.consecutive_failures,
            disabled: webhook.health == Health::Disabled,
        })
    }
}

/// What is at an endpoint, which never changes; `None` when nothing is.
///
/// # Errors
/// The database's own.
pub async fn kind(core: &Core, id: WebhookId) -> Result<Option<WebhookKind>, DbErr> {
    let select = webhook::Entity::find_by_id(id).select_only().column(webhook::Column::Kind);
    select.into_tuple().one(core.store.read()).await
}

/// The secrets that sign now, the newest first: one that has retired does not, whether or not it
/// has been removed.
async fn in_force(core: &Core, id: WebhookId, now: DateTime<Utc>) -> Result<Vec<webhook_secret::Model>, DbErr> {
    use webhook_secret::Column;
    webhook_secret::Entity::find()
        .filter(Column::WebhookId.eq(id))
        .filter(Condition::any().add(Column::RetiresAt.is_null()).add(Column::RetiresAt.gt(now)))
        .order_by_desc(Column::Id)
        .all(core.store.read())
        .await
}
