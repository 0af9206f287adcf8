//! Creates the inbound webhook of a project, for the tracker of its integration.

use app::error::{Checks, Error, Result};
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::provider::{InboundAuthentication, Provider};
use app::model::webhook::{CreateInbound, CreatedWebhook, Direction, NewSecrets, WebhookKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::inbound_address::InboundAddress;
use super::{rows, view_of};
use crate::app_state::AppState;
use crate::crypto;
use crate::destinations::signature::NewSecret;
use crate::entity::{integration, webhook};
use crate::providers::basic_auth;
use crate::service::TxError;
use crate::storage::Tx;

/// For a username or password that an admin chooses.
const MAX_CREDENTIAL_BYTES: usize = 500;

/// What verifies the events, unless an admin enters it later, and the values shown once.
struct InboundCredential {
    stored: Option<String>,
    revealed: Option<String>,
}

/// Creates it with a token for its URL and a secret, both shown only once. A username and password
/// that an admin chose are not shown. The secret of a tracker that generates it is entered later (see
/// [`rotation`](super::rotation)).
///
/// # Errors
/// [`Error::Conflict`] without a tracker that sends events, or if there is one already.
pub async fn create(state: &AppState, actor: &Actor, project: ProjectId, new: CreateInbound) -> Result<CreatedWebhook> {
    let address = InboundAddress::generate();
    let path = address.path.clone();
    let (state_in_tx, by) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let provider = lock_provider(tx, project).await?;
            let InboundCredential { stored, revealed } = credential(provider, &new)?;
            require_none(tx, project).await?;
            let (id, now) = (state_in_tx.ids.next(), state_in_tx.clock.now());
            let name = format!("{} issues", provider.label());
            let mut row = webhook::Model::new(id, project, WebhookKind::Tracker(provider), name, now);
            address.assign_to(&mut row);
            let secret = stored.map(|text| rows::secret_row(&state_in_tx, id, &NewSecret { text, public_key: None }));
            let secret = secret.transpose()?.map(|(secret, _)| secret);
            rows::insert(&state_in_tx, tx, &by, row.clone(), (&[], &[]), secret).await?;
            Ok::<_, TxError>((row, revealed))
        })
    });
    let (row, secret) = change.await?;
    let reveal = Some(NewSecrets { url: Some(state.config.link(&path)), secret });
    Ok(CreatedWebhook { webhook: view_of(state, actor, row).await?, reveal })
}

/// The tracker of the project. The lock on the integration lets two requests create a webhook one
/// after the other, and a request that switches the tracker see the new webhook.
async fn lock_provider(tx: &Tx<'_>, project: ProjectId) -> std::result::Result<Provider, TxError> {
    let integration = integration::Entity::find()
        .filter(integration::Column::ProjectId.eq(project))
        .lock_exclusive()
        .one(tx.db())
        .await?;
    match integration {
        Some(integration) => Ok(integration.provider),
        None => Err(Error::conflict("Set up the project's issue integration first.").into()),
    }
}

fn credential(provider: Provider, new: &CreateInbound) -> Result<InboundCredential> {
    let Some(inbound) = &provider.spec().inbound else {
        let detail =
            format!("{} doesn't send events. Choose another tracker under Issue integration.", provider.label());
        return Err(Error::conflict(detail));
    };
    match inbound.authentication {
        InboundAuthentication::Secret => {
            let secret = hex::encode(crypto::random_bytes::<32>());
            Ok(InboundCredential { stored: Some(secret.clone()), revealed: Some(secret) })
        }
        InboundAuthentication::UsernamePassword => {
            Ok(InboundCredential { stored: Some(username_password(new)?), revealed: None })
        }
        InboundAuthentication::TrackerSecret => Ok(InboundCredential { stored: None, revealed: None }),
    }
}

/// What the tracker will send, as the admin chose it.
fn username_password(new: &CreateInbound) -> Result<String> {
    let mut checks = Checks::default();
    let username = new.username.as_deref().unwrap_or_default().trim();
    let password = new.password.as_deref().unwrap_or_default();
    // Trackers and proxies encode other characters differently.
    let is_plain =
        |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && text.len() <= MAX_CREDENTIAL_BYTES;
    checks.require(!username.contains(':'), "username", "A username can't contain a colon.");
    for (text, field, missing) in
        [(username, "username", "Enter a username."), (password, "password", "Enter a password.")]
    {
        checks.require(is_plain(text), field, "Use at most 500 ASCII letters, digits and symbols.");
        checks.require(!text.trim().is_empty(), field, missing);
    }
    checks.finish()?;
    Ok(basic_auth::credential(username, password))
}

async fn require_none(tx: &Tx<'_>, project: ProjectId) -> std::result::Result<(), TxError> {
    let existing = webhook::Entity::find()
        .filter(webhook::Column::ProjectId.eq(project))
        .filter(webhook::Column::Direction.eq(Direction::Inbound))
        .filter(webhook::Column::DeletedAt.is_null())
        .one(tx.db())
        .await?;
    match existing {
        Some(_) => {
            Err(Error::conflict("The project already has an inbound webhook. Delete it to add another one.").into())
        }
        None => Ok(()),
    }
}
