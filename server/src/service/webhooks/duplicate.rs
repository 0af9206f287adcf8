//! Duplicates outbound webhooks. The server copies what it never shows: the URL, and the values of custom headers.

use app::error::{Error, Result};
use app::model::id::WebhookId;
use app::model::people::Actor;
use app::model::signing::SigningScheme;
use app::model::webhook::{CreatedWebhook, Direction};

use super::create::check_count;
use super::scope::ScopeAccess;
use super::{instance_pause, rows, scope_change, signing, subscriptions, view_of};
use crate::app_state::AppState;
use crate::entity::webhook;
use crate::service::TxError;

/// The maximum number of characters of a name.
const MAX_NAME_CHARS: usize = 100;

/// Creates an inactive copy of a webhook that the caller may change, with a secret of its own.
///
/// # Errors
/// [`Error::Invalid`] for an inbound webhook, and [`Error::Conflict`] if its projects were deleted, if they were
/// changed meanwhile, or if its project has no room for another webhook.
pub async fn duplicate(state: &AppState, actor: &Actor, row: webhook::Model) -> Result<CreatedWebhook> {
    let kind = row.kind.destination().filter(|_| row.direction == Direction::Outbound);
    let kind = kind.ok_or_else(|| Error::invalid("An inbound webhook can't be duplicated: a project has only one."))?;
    let access = ScopeAccess::load(state, actor, std::slice::from_ref(&row)).await?;
    if access.is_orphaned(&row) {
        return Err(Error::conflict("Its project was deleted. Select other projects first."));
    }
    let checked_projects = access.named(&row).to_vec();
    let scheme = if kind.can_sign() { row.signing.scheme } else { SigningScheme::None };
    let secret = signing::new_secret(scheme, None)?;
    let id: WebhookId = state.ids.next();
    let secret_row = match &secret {
        Some(secret) => Some(rows::secret_row(state, id, secret)?.0),
        None => None,
    };
    let (state_in_tx, by, checked) = (state.clone(), actor.clone(), row);
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let instance_paused = instance_pause::is_on(tx).await?;
            let original = rows::lock(tx, checked.id).await?;
            // The caller may change the projects that were checked, and no others.
            let projects = scope_change::stored(tx, &original).await?.projects;
            let is_same = (original.scope, original.project_id) == (checked.scope, checked.project_id);
            if !is_same || projects != checked_projects {
                return Err(Error::conflict("The projects were changed meanwhile. Reload the page.").into());
            }
            check_count(tx, original.project_id).await?;
            let events = subscriptions::load(tx.db(), &[original.id]).await?.remove(&original.id).unwrap_or_default();
            let copy = webhook::Model { instance_paused, ..copied(&state_in_tx, id, original)? };
            rows::insert(&state_in_tx, tx, &by, copy.clone(), (&projects, &events), secret_row).await?;
            Ok::<_, TxError>(copy)
        })
    });
    let copy = change.await?;
    let reveal = secret.and_then(|secret| signing::revealed(secret, None));
    Ok(CreatedWebhook { webhook: view_of(state, actor, copy).await?, reveal })
}

/// The row of the copy, without what happened to the original. What is encrypted is bound to its webhook.
fn copied(state: &AppState, id: WebhookId, original: webhook::Model) -> Result<webhook::Model> {
    let again = |sealed: Option<&Vec<u8>>, aad: fn(WebhookId) -> String| match sealed {
        Some(sealed) => {
            let plain = state.keys.open_text(&aad(original.id), sealed).map_err(|error| {
                tracing::error!(webhook = %original.id, %error, "failed to decrypt what a copy needs");
                Error::Internal
            })?;
            rows::encrypt(state, &aad(id), &plain).map(Some)
        }
        None => Ok(None),
    };
    let url = again(original.url.as_ref(), webhook::url_aad)?;
    let header_values = again(original.header_values.as_ref(), webhook::header_values_aad)?;
    let new = webhook::Model::new(id, original.project_id, original.kind, name_of(&original.name), state.clock.now());
    Ok(webhook::Model {
        url,
        header_values,
        active: false,
        display_url: original.display_url,
        scope: original.scope,
        policy: original.policy,
        conditions: original.conditions,
        body_template: original.body_template,
        signing: original.signing,
        header_names: original.header_names,
        allow_insecure: original.allow_insecure,
        while_inactive: original.while_inactive,
        ..new
    })
}

fn name_of(original: &str) -> String {
    format!("Copy of {original}").chars().take(MAX_NAME_CHARS).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_copy_is_bounded() {
        assert_eq!(name_of("CI trigger"), "Copy of CI trigger");
        let long = name_of(&"ä".repeat(100));
        assert_eq!(long.chars().count(), MAX_NAME_CHARS);
    }
}
