//! Rotates the secrets of webhooks.
//!
//! Outbound: the new and the previous secret both sign for 24 hours, or as long as selected, so that the
//! receiver has time to change. If a request carries only one signature, the new secret replaces the old one at once. No job ends this window: an expired secret is no longer read (see
//! [`dispatch::endpoint`](crate::dispatch)), and the next rotation deletes its row. At most two secrets
//! are valid: a second rotation within the window needs the older one retired first, so that no receiver
//! loses its secret unexpectedly.
//!
//! Inbound, if the tracker signs: URL and secret change at once, and the previous ones stop
//! working. If the tracker generates the secret, an admin enters it, and the URL stays.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{SecretId, WebhookId};
use app::model::people::Actor;
use app::model::provider::InboundAuthentication;
use app::model::signing::SigningScheme;
use app::model::webhook::{NewSecrets, RotateWebhook, SECRET_OVERLAP_HOURS, SECRET_OVERLAPS, WebhookKind};
use app::time;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::inbound_address::InboundAddress;
use super::{rows, signing};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto;
use crate::destinations::signature::NewSecret;
use crate::entity::webhook_secret::Column;
use crate::entity::{webhook, webhook_secret};
use crate::service::{TxError, TxResult};
use crate::storage::Tx;

/// By how much the time of the old secret can be extended.
const EXTENSION: TimeDelta = TimeDelta::hours(SECRET_OVERLAP_HOURS as i64);

/// Replaces the secret. Returns what is shown of the new one.
///
/// # Errors
/// [`Error::Invalid`] if there is no secret to rotate, or for an invalid field, [`Error::Conflict`] while the old
/// secret signs.
pub(crate) async fn rotate(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    rotate: RotateWebhook,
) -> Result<(webhook::Model, Option<NewSecrets>)> {
    match row.kind {
        WebhookKind::Destination(kind) if !kind.can_sign() => {
            Err(Error::invalid("It has no secret. To replace its URL, change the destination."))
        }
        WebhookKind::Destination(_) if !row.signing.scheme.has_key() => {
            Err(Error::invalid("Its requests are not signed. To sign them, change the signing."))
        }
        WebhookKind::Destination(_) => rotate_outbound(state, actor, row, rotate).await,
        WebhookKind::Tracker(provider) => match provider.inbound_authentication() {
            Some(InboundAuthentication::UsernamePassword) => Err(Error::invalid(format!(
                "{} uses the username and password that you chose. To change them, delete this webhook and add it again.",
                provider.label()
            ))),
            Some(InboundAuthentication::TrackerSecret) => enter_tracker_secret(state, actor, row.id, rotate).await,
            Some(InboundAuthentication::Secret) | None => {
                if rotate.secret.is_some() {
                    return Err(Error::field("secret", "The secret of an inbound webhook is generated."));
                }
                overlap(true, rotate.overlap_hours)?;
                rotate_inbound(state, actor, row.id).await
            }
        },
    }
}

/// How long the old secret signs; `None` if a request carries only one signature.
fn overlap(carries_two: bool, hours: Option<u32>) -> Result<Option<TimeDelta>> {
    match hours {
        Some(_) if !carries_two => Err(Error::field(
            "overlapHours",
            "This kind of signing can't carry two signatures: the old secret stops immediately.",
        )),
        None if !carries_two => Ok(None),
        Some(hours) if !SECRET_OVERLAPS.contains(&hours) => {
            Err(Error::field("overlapHours", "Use 24, 72, 168 or 720 hours."))
        }
        hours => Ok(Some(TimeDelta::hours(hours.unwrap_or(SECRET_OVERLAP_HOURS).into()))),
    }
}

async fn rotate_outbound(
    state: &AppState,
    actor: &Actor,
    checked: webhook::Model,
    RotateWebhook { overlap_hours, secret: entered }: RotateWebhook,
) -> Result<(webhook::Model, Option<NewSecrets>)> {
    let (id, scheme) = (checked.id, checked.signing.scheme);
    let overlap = overlap(scheme.carries_two(), overlap_hours)?;
    let secret = signing::new_secret(scheme, entered.as_deref())?.ok_or(Error::Internal)?;
    let (secret_row, _) = rows::secret_row(state, id, &secret)?;
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, id).await?;
            if (row.kind, &row.signing) != (checked.kind, &checked.signing) {
                return Err(Error::conflict("The signing was changed meanwhile. Reload the page.").into());
            }
            let now = state_in_tx.clock.now();
            if let Some(retiring) = still_retiring(tx, id, now).await? {
                return Err(Error::conflict(format!(
                    "The old secret signs until {}. Retire it first, or wait.",
                    time::exact(retiring)
                ))
                .into());
            }
            let detail = match overlap.map(|overlap| now + overlap) {
                Some(retires_at) => {
                    let before =
                        webhook_secret::ActiveModel { retires_at: Set(Some(retires_at)), ..Default::default() };
                    let all = webhook_secret::Entity::update_many().set(before).filter(Column::WebhookId.eq(id));
                    all.exec(tx.db()).await?;
                    format!("The old secret signs until {}.", time::exact(retires_at))
                }
                None => {
                    webhook_secret::Entity::delete_many().filter(Column::WebhookId.eq(id)).exec(tx.db()).await?;
                    "The old secret was replaced.".to_owned()
                }
            };
            webhook_secret::Entity::insert(secret_row).exec_without_returning(tx.db()).await?;
            audit_rotation(&state_in_tx, tx, &actor, &row, AuditAction::WebhookRotated, detail).await?;
            Ok::<_, TxError>(row)
        })
    });
    Ok((change.await?, signing::revealed(secret, entered.as_deref())))
}

async fn rotate_inbound(
    state: &AppState,
    actor: &Actor,
    id: WebhookId,
) -> Result<(webhook::Model, Option<NewSecrets>)> {
    let address = InboundAddress::generate();
    let url = state.config.link(&address.path);
    let secret = hex::encode(crypto::random_bytes::<32>());
    let (secret_row, _) = rows::secret_row(state, id, &NewSecret { text: secret.clone(), public_key: None })?;
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = rows::lock(tx, id).await?;
            address.assign_to(&mut row);
            let change = webhook::ActiveModel {
                id: Set(id),
                display_url: Set(row.display_url.clone()),
                token_hash: Set(row.token_hash.clone()),
                token_hint: Set(row.token_hint.clone()),
                ..Default::default()
            };
            webhook::Entity::update(change).exec_without_returning(tx.db()).await?;
            let all = webhook_secret::Entity::delete_many().filter(Column::WebhookId.eq(id));
            all.exec(tx.db()).await?;
            webhook_secret::Entity::insert(secret_row).exec_without_returning(tx.db()).await?;
            let detail = "The URL and secret were replaced.".to_owned();
            audit_rotation(&state_in_tx, tx, &actor, &row, AuditAction::WebhookRotated, detail).await?;
            Ok::<_, TxError>(row)
        })
    });
    Ok((change.await?, Some(NewSecrets { url: Some(url), secret: Some(secret) })))
}

async fn enter_tracker_secret(
    state: &AppState,
    actor: &Actor,
    id: WebhookId,
    RotateWebhook { overlap_hours, secret }: RotateWebhook,
) -> Result<(webhook::Model, Option<NewSecrets>)> {
    overlap(false, overlap_hours)?;
    let secret = secret.as_deref().unwrap_or_default().trim();
    SigningScheme::HmacSha256.check_secret(secret).map_err(|message| Error::field("secret", message))?;
    let (secret_row, _) = rows::secret_row(state, id, &NewSecret { text: secret.to_owned(), public_key: None })?;
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, id).await?;
            webhook_secret::Entity::delete_many().filter(Column::WebhookId.eq(id)).exec(tx.db()).await?;
            webhook_secret::Entity::insert(secret_row).exec_without_returning(tx.db()).await?;
            let detail = "The tracker's signing secret was entered.".to_owned();
            audit_rotation(&state_in_tx, tx, &actor, &row, AuditAction::WebhookRotated, detail).await?;
            Ok::<_, TxError>(row)
        })
    });
    Ok((change.await?, None))
}

/// Retires the old secret now.
///
/// # Errors
/// [`Error::NotFound`] if the webhook has no such secret or it has ended, [`Error::Conflict`] for
/// the current one.
pub(crate) async fn retire(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    secret: SecretId,
) -> Result<webhook::Model> {
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, row.id).await?;
            retiring(tx, row.id, secret, state_in_tx.clock.now()).await?;
            webhook_secret::Entity::delete_by_id(secret).exec(tx.db()).await?;
            audit_rotation(&state_in_tx, tx, &actor, &row, AuditAction::SecretRetired, secret.to_string()).await?;
            Ok::<_, TxError>(row)
        })
    });
    Ok(change.await?)
}

/// Extends the time of the old secret by [`EXTENSION`], once.
///
/// # Errors
/// Those of [`retire`], and [`Error::Conflict`] the second time.
pub(crate) async fn extend(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    secret: SecretId,
) -> Result<webhook::Model> {
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, row.id).await?;
            let (retires_at, extended) = retiring(tx, row.id, secret, state_in_tx.clock.now()).await?;
            if extended {
                return Err(
                    Error::conflict("The old secret was already extended. It can be extended only once.").into()
                );
            }
            let retires_at = retires_at + EXTENSION;
            let change = webhook_secret::ActiveModel {
                id: Set(secret),
                extended: Set(true),
                retires_at: Set(Some(retires_at)),
                ..Default::default()
            };
            webhook_secret::Entity::update(change).exec_without_returning(tx.db()).await?;
            let detail = format!("{secret} signs until {}.", time::exact(retires_at));
            audit_rotation(&state_in_tx, tx, &actor, &row, AuditAction::SecretExtended, detail).await?;
            Ok::<_, TxError>(row)
        })
    });
    Ok(change.await?)
}

async fn audit_rotation(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    row: &webhook::Model,
    action: AuditAction,
    detail: String,
) -> TxResult<()> {
    rows::notify(tx, row).await?;
    Ok(audit_log::record(state, tx, NewAuditEntry::for_webhook(actor, action, row, Some(detail))).await?)
}

/// Removes secrets that have ended. Returns until when another one signs besides the newest, if
/// any.
async fn still_retiring(tx: &Tx<'_>, webhook: WebhookId, now: DateTime<Utc>) -> TxResult<Option<DateTime<Utc>>> {
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

/// Until when the old secret signs, and whether it was extended.
async fn retiring(
    tx: &Tx<'_>,
    webhook: WebhookId,
    id: SecretId,
    now: DateTime<Utc>,
) -> TxResult<(DateTime<Utc>, bool)> {
    let found = webhook_secret::Entity::find_by_id(id).filter(Column::WebhookId.eq(webhook)).one(tx.db()).await?;
    let secret = found.ok_or(Error::NotFound)?;
    match secret.retires_at {
        Some(retires_at) if retires_at > now => Ok((retires_at, secret.extended)),
        Some(_) => Err(Error::NotFound.into()),
        None => Err(Error::conflict("This is the current secret. Rotate it first.").into()),
    }
}
