//! Changes how an outbound webhook signs its requests.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::custom_header::check_header_name;
use app::model::destination::DestinationKind;
use app::model::people::Actor;
use app::model::signing::{ChangeSigning, SigningScheme, WebhookSigning};
use app::model::webhook::NewSecrets;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use super::rows;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::destinations::signature::NewSecret;
use crate::entity::{webhook, webhook_secret};
use crate::service::TxError;

/// Stores the signing. Another scheme gets a new secret, and the old ones stop at once: no receiver verifies two
/// schemes.
///
/// # Errors
/// [`Error::Invalid`] for a webhook that isn't signed and for invalid fields, [`Error::Conflict`] if the webhook
/// changed meanwhile.
pub async fn change(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    ChangeSigning { signing, secret }: ChangeSigning,
) -> Result<(webhook::Model, Option<NewSecrets>)> {
    let kind = row.kind.destination().ok_or_else(|| Error::invalid("An inbound webhook signs nothing."))?;
    let mut checks = Checks::default();
    check(kind, &signing, &mut checks);
    let is_other_scheme = signing.scheme != row.signing.scheme;
    let keeps_secret = is_other_scheme || secret.is_none();
    checks.require(keeps_secret, "secret", "The scheme stays the same. To replace the secret, rotate it.");
    let header = signing.header_name();
    let is_taken = |name: &String| header.is_some_and(|header| header.eq_ignore_ascii_case(name));
    checks.require(!row.header_names.0.iter().any(is_taken), "header", "A custom header has this name.");
    checks.finish()?;
    let new = if is_other_scheme { new_secret(signing.scheme, secret.as_deref())? } else { None };
    let secret_row = new.as_ref().map(|new| rows::secret_row(state, row.id, new)).transpose()?;
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut locked = rows::lock(tx, row.id).await?;
            let before = |row: &webhook::Model| (row.kind, row.signing.clone(), row.header_names.clone());
            if before(&locked) != before(&row) {
                return Err(Error::conflict("The webhook was changed meanwhile. Reload the page.").into());
            }
            if locked.signing == signing {
                return Ok::<_, TxError>(locked);
            }
            locked.signing = signing;
            let change =
                webhook::ActiveModel { id: Set(locked.id), signing: Set(locked.signing.clone()), ..Default::default() };
            webhook::Entity::update(change).exec_without_returning(tx.db()).await?;
            if is_other_scheme {
                let all = webhook_secret::Entity::delete_many();
                all.filter(webhook_secret::Column::WebhookId.eq(locked.id)).exec(tx.db()).await?;
            }
            if let Some((secret, _)) = secret_row {
                webhook_secret::Entity::insert(secret).exec_without_returning(tx.db()).await?;
            }
            let detail = Some(format!("Signing: {}", locked.signing.summary()));
            let entry = NewAuditEntry::for_webhook(&actor, AuditAction::WebhookUpdated, &locked, detail);
            audit_log::record(&state_in_tx, tx, entry).await?;
            rows::notify(tx, &locked).await?;
            Ok(locked)
        })
    });
    let row = change.await?;
    Ok((row, new.and_then(|new| revealed(new, secret.as_deref()))))
}

/// Checks the signing of a kind of destination.
pub fn check(kind: DestinationKind, signing: &WebhookSigning, checks: &mut Checks) {
    let WebhookSigning { scheme, header, sha256_prefix } = signing;
    if !kind.can_sign() {
        checks.require(false, "signing", &format!("Requests to {} are not signed.", kind.label()));
    }
    match header {
        Some(_) if !scheme.has_header() => {
            checks.require(false, "header", "This kind of signing has no custom header.")
        }
        _ if scheme.has_header() => {
            let _ = checks.take("header", check_header_name(header.as_deref().unwrap_or_default()));
        }
        _ => {}
    }
    let prefix = !sha256_prefix || *scheme == SigningScheme::HmacSha256;
    checks.require(prefix, "sha256Prefix", "This kind of signing has no prefix.");
}

/// A new secret of a scheme: the one that was entered, or else a generated one. `None` if the scheme has none.
///
/// # Errors
/// [`Error::Invalid`] for the field `secret`.
pub fn new_secret(scheme: SigningScheme, entered: Option<&str>) -> Result<Option<NewSecret>> {
    match entered {
        Some(entered) => {
            NewSecret::entered(scheme, entered).map(Some).map_err(|message| Error::field("secret", message))
        }
        None => Ok(NewSecret::generate(scheme)),
    }
}

/// What is shown once of a new secret.
pub fn revealed(new: NewSecret, entered: Option<&str>) -> Option<NewSecrets> {
    new.into_revealed(entered).map(|secret| NewSecrets { url: None, secret: Some(secret) })
}
