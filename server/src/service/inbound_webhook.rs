//! Creates the inbound webhook of a project, for the tracker of its integration.

use app::error::{Checks, Error, Result};
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::provider::{InboundAuthentication, Provider};
use app::model::webhook::{CreateInbound, CreatedWebhook, Direction, Health, Reveal, WebhookKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::app_state::AppState;
use crate::crypto;
use crate::entity::json::WebhookPolicy;
use crate::entity::{integration, webhook};
use crate::providers::basic_auth;
use crate::service::TxError;
use crate::service::inbound_address::InboundAddress;
use crate::service::webhooks;
use crate::storage::Tx;

/// For a username or password that an admin chooses.
const MAX_CREDENTIAL_BYTES: usize = 500;

/// What verifies the events, and what is shown once.
struct InboundCredential {
    kind: WebhookKind,
    stored: String,
    revealed: Option<String>,
}

impl AppState {
    /// Creates it with a token for its URL and a secret, both shown once. A username and password
    /// that an admin chose are not shown.
    pub(super) async fn create_inbound_webhook(
        &self,
        actor: &Actor,
        project: ProjectId,
        new: CreateInbound,
    ) -> Result<CreatedWebhook> {
        let address = InboundAddress::generate();
        let mut row = self.new_inbound(project);
        address.assign_to(&mut row);
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let provider = lock_provider(tx, project).await?;
                let InboundCredential { kind, stored, revealed } = credential(provider, &new)?;
                require_none(tx, project).await?;
                let (secret, info) = crate::service::webhooks::secret_row(&state, row.id, &stored)?;
                let row = webhook::Model { kind, name: format!("{} issues", provider.label()), ..row };
                webhooks::insert(&state, tx, &by, row.clone(), &[], Some(secret)).await?;
                Ok::<_, TxError>((row, info, revealed))
            })
        });
        let (row, info, secret) = change.await?;
        let url = self.config.link(&address.path);
        let reveal = Some(Reveal { url: Some(url), secret });
        Ok(CreatedWebhook { webhook: webhooks::view::webhook_view(self, row, Vec::new(), vec![info]), reveal })
    }

    fn new_inbound(&self, project_id: ProjectId) -> webhook::Model {
        webhook::Model {
            id: self.ids.next(),
            project_id,
            direction: Direction::Inbound,
            kind: WebhookKind::Tracker(Provider::Github),
            name: String::new(),
            url: None,
            display_url: String::new(),
            token_hash: None,
            token_hint: None,
            scope: webhook::Scope::Project,
            policy: WebhookPolicy::default(),
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
            last_dispatched_at: None,
            last_success_at: None,
            last_failure_at: None,
            created_at: self.clock.now(),
            deleted_at: None,
        }
    }
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
    let kind = WebhookKind::Tracker(provider);
    match inbound.authentication {
        InboundAuthentication::Secret => {
            let secret = hex::encode(crypto::random_bytes::<32>());
            Ok(InboundCredential { kind, stored: secret.clone(), revealed: Some(secret) })
        }
        InboundAuthentication::UsernamePassword => {
            Ok(InboundCredential { kind, stored: username_password(new)?, revealed: None })
        }
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
