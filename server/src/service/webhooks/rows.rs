//! The rows of a webhook: its own, its subscriptions, its projects and its secrets.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::catalog::Subscription;
use app::model::destination::DestinationKind;
use app::model::id::{ProjectId, SecretId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::signing::WebhookSigning;
use app::model::webhook::SecretInfo;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, IntoActiveModel, QuerySelect};

use super::{routes, subscriptions};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::destinations::signature::NewSecret;
use crate::entity::{webhook, webhook_project, webhook_secret};
use crate::service::TxError;
use crate::storage::{Effect, Tx, internal};

/// In the audit log.
pub const INSECURE_ALLOWED: &str = "Insecure connections allowed";

/// A webhook that was not deleted.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn active(state: &AppState, id: WebhookId) -> Result<webhook::Model> {
    let row = webhook::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)
}

/// The row of a new secret, and its view.
pub fn secret_row(
    state: &AppState,
    webhook: WebhookId,
    NewSecret { text, public_key }: &NewSecret,
) -> Result<(webhook_secret::ActiveModel, SecretInfo)> {
    let (id, now): (SecretId, _) = (state.ids.next(), state.clock.now());
    let public_key = public_key.clone();
    let row = webhook_secret::ActiveModel {
        id: Set(id),
        webhook_id: Set(webhook),
        secret: Set(encrypt(state, &webhook_secret::secret_aad(id), text)?),
        public_key: Set(public_key.clone()),
        extended: Set(false),
        created_at: Set(now),
        retires_at: Set(None),
    };
    Ok((row, SecretInfo { id, created_at: now, retires_at: None, extended: false, public_key }))
}

pub fn encrypt(state: &AppState, aad: &str, plain: &str) -> Result<Vec<u8>> {
    state.keys.seal(aad, plain.as_bytes()).map_err(|error| {
        tracing::error!(%error, "failed to encrypt a secret");
        Error::Internal
    })
}

/// Inserts a new webhook with its projects, its subscriptions and its secret, if it has one, and notifies the live streams.
pub async fn insert(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    webhook: webhook::Model,
    (projects, events): (&[ProjectId], &[Subscription]),
    secret: Option<webhook_secret::ActiveModel>,
) -> std::result::Result<(), TxError> {
    let detail = creation_detail(&webhook);
    audit_log::record(state, tx, NewAuditEntry::for_webhook(actor, AuditAction::WebhookCreated, &webhook, detail))
        .await?;
    let id = webhook.id;
    let row = webhook.clone().into_active_model().reset_all();
    webhook::Entity::insert(row).exec_without_returning(tx.db()).await?;
    if !projects.is_empty() {
        let rows = projects
            .iter()
            .map(|&project_id| webhook_project::ActiveModel { project_id: Set(project_id), webhook_id: Set(id) });
        webhook_project::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    notify(tx, &webhook).await?;
    subscriptions::store(tx, id, &[], events).await?;
    routes::rebuild(tx, id, webhook.scope).await?;
    if let Some(secret) = secret {
        webhook_secret::Entity::insert(secret).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// What the audit log says about a new webhook that is inactive, or not as secure as the default.
fn creation_detail(webhook: &webhook::Model) -> Option<String> {
    let is_signed = webhook.kind.destination().is_some_and(DestinationKind::can_sign);
    let signing = (is_signed && webhook.signing != WebhookSigning::default())
        .then(|| format!("Signing: {}", webhook.signing.summary()));
    let insecure = webhook.allow_insecure.then(|| INSECURE_ALLOWED.to_owned());
    let inactive = (!webhook.active).then(|| "Inactive".to_owned());
    let details: Vec<_> = signing.into_iter().chain(insecure).chain(inactive).collect();
    (!details.is_empty()).then(|| details.join(", "))
}

/// Locks the row, so that two changes of one webhook run one after the other.
pub async fn lock(tx: &Tx<'_>, id: WebhookId) -> std::result::Result<webhook::Model, TxError> {
    let row = webhook::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(TxError::Refused(Error::NotFound))
}

/// Notifies the pages of all its projects.
pub async fn notify(tx: &Tx<'_>, row: &webhook::Model) -> std::result::Result<(), DbErr> {
    for project_id in webhook_project::projects_of(tx.db(), row).await? {
        let kind = ChangeKind::WebhookChanged { webhook_id: row.id };
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind }));
    }
    Ok(())
}
