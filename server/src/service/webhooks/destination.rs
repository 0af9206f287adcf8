//! Changes where an outbound webhook sends to. Its history, events and health stay.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::custom_header::CustomHeader;
use app::model::delivery_policy::{DeliveryPolicy, PolicyChange};
use app::model::destination::DestinationKind;
use app::model::people::Actor;
use app::model::signing::WebhookSigning;
use app::model::webhook::{ChangeDestination, Direction, NewSecrets, WebhookKind};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::rows::INSECURE_ALLOWED;
use super::update::{changed_columns, replace_url, require_same_secrets};
use super::{custom_headers, endpoint_url, rows, signing};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::destinations::signature::NewSecret;
use crate::entity::{webhook, webhook_secret};
use crate::service::{TxError, TxResult};
use crate::storage::Tx;

/// Stores the new URL and kind. A kind that signs gets a secret if there is none; with another kind
/// all secrets are deleted.
///
/// # Errors
/// [`Error::Invalid`] for an inbound webhook or an invalid URL.
pub async fn change(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    change: ChangeDestination,
) -> Result<(webhook::Model, Option<NewSecrets>)> {
    if row.direction == Direction::Inbound {
        return Err(Error::invalid("An inbound webhook has no destination."));
    }
    // What is kept is not allowed for kinds that don't support it.
    let detected = endpoint_url::kind_of(&change.url, change.kind);
    let kept = row.allow_insecure && detected.is_some_and(|kind| kind.spec().allows_insecure);
    let allow_insecure = change.allow_insecure.unwrap_or(kept);
    let (url, destination) = endpoint_url::check(state, &change.url, change.kind, allow_insecure).await?;
    let kind = destination.kind();
    let default = WebhookSigning::default();
    // A webhook that is signed keeps its signing and its secret.
    let secret = NewSecret::generate(default.scheme).ok_or(Error::Internal)?;
    let (secret_row, _) = rows::secret_row(state, row.id, &secret)?;
    let (state_in_tx, actor, id) = (state.clone(), actor.clone(), row.id);
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = rows::lock(tx, id).await?;
            let was_signed = row.kind.destination().is_some_and(DestinationKind::can_sign);
            row.kind = WebhookKind::Destination(kind);
            if !(was_signed && kind.can_sign()) {
                row.signing = default;
            }
            let kept = row.header_names.0.iter().map(|name| CustomHeader { name: name.clone(), value: None });
            let kept: Vec<_> = if kind.spec().reserved_headers.is_some() { kept.collect() } else { Vec::new() };
            require_same_secrets(&state_in_tx, &row, &url, Some(&kept))?;
            custom_headers::set(&state_in_tx, &mut row, kept)?;
            row.body_template = row.body_template.filter(|_| kind.spec().takes_template);
            row.allow_insecure = allow_insecure;
            if !kind.spec().has_digests {
                let no_digest = PolicyChange { digest_minutes: Some(0), ..PolicyChange::default() };
                row.policy = DeliveryPolicy::from(&row.policy).with(no_digest).into();
            }
            replace_url(&state_in_tx, &mut row, &url)?;
            webhook::Entity::update(changed_columns(&row)).exec_without_returning(tx.db()).await?;
            let is_new = match kind.can_sign() && row.signing.scheme.has_key() {
                true => insert_first(tx, &row, secret_row).await?,
                false => delete_secrets(tx, &row).await?,
            };
            let insecure = if allow_insecure { format!(", {INSECURE_ALLOWED}") } else { String::new() };
            let detail = Some(format!("Destination: {}{insecure}", kind.label()));
            let entry = NewAuditEntry::for_webhook(&actor, AuditAction::WebhookUpdated, &row, detail);
            audit_log::record(&state_in_tx, tx, entry).await?;
            rows::notify(tx, &row).await?;
            Ok::<_, TxError>((row, is_new))
        })
    });
    let (row, is_new) = change.await?;
    Ok((row, if is_new { signing::revealed(secret, None) } else { None }))
}

/// Inserts a secret unless there is one. Returns whether it did.
async fn insert_first(tx: &Tx<'_>, row: &webhook::Model, secret: webhook_secret::ActiveModel) -> TxResult<bool> {
    let existing = webhook_secret::Entity::find().filter(webhook_secret::Column::WebhookId.eq(row.id));
    if existing.count(tx.db()).await? > 0 {
        return Ok(false);
    }
    webhook_secret::Entity::insert(secret).exec_without_returning(tx.db()).await?;
    Ok(true)
}

async fn delete_secrets(tx: &Tx<'_>, row: &webhook::Model) -> TxResult<bool> {
    let all = webhook_secret::Entity::delete_many().filter(webhook_secret::Column::WebhookId.eq(row.id));
    all.exec(tx.db()).await?;
    Ok(false)
}
