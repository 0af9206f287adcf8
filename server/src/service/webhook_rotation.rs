//! Rotating the secrets of webhooks.
//!
//! Outbound, a rotation opens a window of 24 hours in which the new secret and the one before
//! both sign, so that the receiver can be told in its own time. No job closes it: a secret whose
//! time has come is not read any more (see [`dispatch::endpoint`](crate::dispatch)), and its row
//! goes with the next rotation. At most two are in force: whoever rotates again within the window
//! retires the older one first, so that no receiver loses the secret it has without a word.
//!
//! Inbound (Jira, GitHub) it is a hard cutover: address and secret are new, the old ones end with
//! the change.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{SecretId, WebhookId};
use app::model::people::Actor;
use app::model::webhook::{Reveal, WebhookKind};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::audit::of_webhook;
use super::inbound_address::Address;
use super::{ChangeError, webhooks};
use crate::core::Core;
use crate::crypto;
use crate::dispatch::signature;
use crate::entity::webhook_secret::Column;
use crate::entity::{webhook, webhook_secret};
use crate::storage::Tx;

/// How long the secret before signs, too, and by how much that is extended.
const WINDOW: TimeDelta = TimeDelta::hours(24);

type Changed<T> = std::result::Result<T, ChangeError>;

impl Core {
    /// Mints what is new, and reveals it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what has nothing to rotate, [`Error::Conflict`] within the window.
    pub(super) async fn rotate(&self, actor: &Actor, row: webhook::Model) -> Result<(webhook::Model, Reveal)> {
        match row.kind {
            WebhookKind::Generic => self.rotate_outbound(actor, row.id).await,
            WebhookKind::Github | WebhookKind::Jira => self.rotate_inbound(actor, row.id).await,
            WebhookKind::AzureDevops => Err(Error::invalid(
                "Azure DevOps sends a user name and password that you chose: to change them, delete this webhook and add another one.",
            )),
            WebhookKind::Slack => Err(Error::invalid(
                "The address of a Slack webhook is its credential: to change it, delete this webhook and add another one.",
            )),
        }
    }

    async fn rotate_outbound(&self, actor: &Actor, id: WebhookId) -> Result<(webhook::Model, Reveal)> {
        let secret = signature::mint();
        let (secret_row, _) = self.secret_row(id, &secret)?;
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = webhooks::locked(tx, id).await?;
                let now = core.clock.now();
                let retires_at = now + WINDOW;
                if let Some(retiring) = still_retiring(tx, id, now).await? {
                    return Err(Error::conflict(format!(
                        "The secret before this one signs until {}. Retire it first, or wait.",
                        shown(retiring)
                    ))
                    .into());
                }
                let before = webhook_secret::ActiveModel { retires_at: Set(Some(retires_at)), ..Default::default() };
                webhook_secret::Entity::update_many()
                    .set(before)
                    .filter(Column::WebhookId.eq(id))
                    .exec(tx.db())
                    .await?;
                webhook_secret::Entity::insert(secret_row).exec_without_returning(tx.db()).await?;
                let detail = format!("The secret before signs until {}.", shown(retires_at));
                core.rotated(tx, &actor, &row, AuditAction::WebhookRotated, detail).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        Ok((change.await?, Reveal { url: None, secret: Some(secret) }))
    }

    async fn rotate_inbound(&self, actor: &Actor, id: WebhookId) -> Result<(webhook::Model, Reveal)> {
        let address = Address::mint();
        let url = self.config.link(&address.path);
        let secret = hex::encode(crypto::fill::<32>());
        let (secret_row, _) = self.secret_row(id, &secret)?;
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = webhooks::locked(tx, id).await?;
                address.enter(&mut row);
                let change = webhook::ActiveModel {
                    id: Set(id),
                    shown_url: Set(row.shown_url.clone()),
                    token_hash: Set(row.token_hash.clone()),
                    token_hint: Set(row.token_hint.clone()),
                    ..Default::default()
                };
                webhook::Entity::update(change).exec_without_returning(tx.db()).await?;
                let all = webhook_secret::Entity::delete_many().filter(Column::WebhookId.eq(id));
                all.exec(tx.db()).await?;
                webhook_secret::Entity::insert(secret_row).exec_without_returning(tx.db()).await?;
                let detail = "Address and secret are new; the old ones ended at once.".to_owned();
                core.rotated(tx, &actor, &row, AuditAction::WebhookRotated, detail).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        Ok((change.await?, Reveal { url: Some(url), secret: Some(secret) }))
    }

    /// Ends a retiring secret now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is none of the webhook's or has ended, [`Error::Conflict`] for
    /// the one that stays.
    pub(super) async fn retire(&self, actor: &Actor, row: webhook::Model, secret: SecretId) -> Result<webhook::Model> {
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = webhooks::locked(tx, row.id).await?;
                retiring(tx, row.id, secret, core.clock.now()).await?;
                webhook_secret::Entity::delete_by_id(secret).exec(tx.db()).await?;
                core.rotated(tx, &actor, &row, AuditAction::SecretRetired, secret.to_string()).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        Ok(change.await?)
    }

    /// Gives a retiring secret another [`WINDOW`], once.
    ///
    /// # Errors
    /// As [`Core::retire`], and [`Error::Conflict`] the second time.
    pub(super) async fn extend(&self, actor: &Actor, row: webhook::Model, secret: SecretId) -> Result<webhook::Model> {
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = webhooks::locked(tx, row.id).await?;
                let (retires_at, extended) = retiring(tx, row.id, secret, core.clock.now()).await?;
                if extended {
                    return Err(
                        Error::conflict("The old secret was given more time already, which can be done once.").into()
                    );
                }
                let retires_at = retires_at + WINDOW;
                let change = webhook_secret::ActiveModel {
                    id: Set(secret),
                    extended: Set(true),
                    retires_at: Set(Some(retires_at)),
                    ..Default::default()
                };
                webhook_secret::Entity::update(change).exec_without_returning(tx.db()).await?;
                let detail = format!("{secret} signs until {}.", shown(retires_at));
                core.rotated(tx, &actor, &row, AuditAction::SecretExtended, detail).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        Ok(change.await?)
    }

    async fn rotated(
        &self,
        tx: &Tx<'_>,
        actor: &Actor,
        row: &webhook::Model,
        action: AuditAction,
        detail: String,
    ) -> Changed<()> {
        webhooks::tell(tx, row);
        Ok(self.audit(tx, of_webhook(actor, action, row, Some(detail))).await?)
    }
}

/// Removes the secrets that have ended; until when another one signs beside the newest, if any.
async fn still_retiring(tx: &Tx<'_>, webhook: WebhookId, now: DateTime<Utc>) -> Changed<Option<DateTime<Utc>>> {
    let ended =
        webhook_secret::Entity::delete_many().filter(Column::WebhookId.eq(webhook)).filter(Column::RetiresAt.lte(now));
    ended.exec(tx.db()).await?;
    let retiring = webhook_secret::Entity::find()
        .filter(Column::WebhookId.eq(webhook))
        .filter(Column::RetiresAt.is_not_null())
        .order_by_desc(Column::RetiresAt)
        .one(tx.db())
        .await?;
    Ok(retiring.and_then(|secret| secret.retires_at))
}

/// Until when a retiring secret signs, and whether that was extended.
async fn retiring(tx: &Tx<'_>, webhook: WebhookId, id: SecretId, now: DateTime<Utc>) -> Changed<(DateTime<Utc>, bool)> {
    let found = webhook_secret::Entity::find_by_id(id).filter(Column::WebhookId.eq(webhook)).one(tx.db()).await?;
    let secret = found.ok_or(Error::NotFound)?;
    match secret.retires_at {
        Some(retires_at) if retires_at > now => Ok((retires_at, secret.extended)),
        Some(_) => Err(Error::NotFound.into()),
        None => Err(Error::conflict("This is the secret in force. Rotate it first, then the old one retires.").into()),
    }
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
