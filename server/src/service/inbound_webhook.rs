//! Making the inbound webhook of a project, for the tracker of its integration.

use app::error::{Checks, Error, Result};
use app::model::id::ProjectId;
use app::model::integration::Provider;
use app::model::people::Actor;
use app::model::webhook::{CreateInbound, CreatedWebhook, Direction, Health, Reveal, WebhookKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::inbound_address::Address;
use super::{ChangeError, webhooks};
use crate::core::Core;
use crate::crypto;
use crate::entity::json::EventTypes;
use crate::entity::{integration, webhook};
use crate::inbound::provider;
use crate::storage::Tx;

/// The most bytes of a typed user name or password.
const TYPED_MAX: usize = 500;

/// What verifies the events, and what of it is revealed.
struct Proof {
    kind: WebhookKind,
    stored: String,
    revealed: Option<String>,
}

impl Core {
    /// Makes it, with a token for its address and a secret, both revealed once. Azure DevOps
    /// knows no secret but what its admin typed, which is not revealed.
    pub(super) async fn make_inbound(
        &self,
        actor: &Actor,
        project: ProjectId,
        new: CreateInbound,
    ) -> Result<CreatedWebhook> {
        let address = Address::mint();
        let mut row = self.blank_inbound(project);
        address.enter(&mut row);
        let (core, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let provider = tracker(tx, project).await?;
                let Proof { kind, stored, revealed } = proof(provider, &new)?;
                none_yet(tx, project).await?;
                let (secret, info) = core.secret_row(row.id, &stored)?;
                let row = webhook::Model { kind, name: format!("{} issues", provider.label()), ..row };
                webhooks::insert(&core, tx, &by, row.clone(), Some(secret)).await?;
                Ok::<_, ChangeError>((row, info, revealed))
            })
        });
        let (row, info, secret) = change.await?;
        let url = self.config.link(&address.path);
        let reveal = Some(Reveal { url: Some(url), secret });
        Ok(CreatedWebhook { webhook: self.show_webhook(row, vec![info]), reveal })
    }

    fn blank_inbound(&self, project_id: ProjectId) -> webhook::Model {
        webhook::Model {
            id: self.ids.next(),
            project_id,
            direction: Direction::Inbound,
            kind: WebhookKind::Github,
            name: String::new(),
            url: None,
            shown_url: String::new(),
            token_hash: None,
            token_hint: None,
            events: EventTypes::default(),
            health: Health::Healthy,
            consecutive_failures: 0,
            last_dispatched_at: None,
            last_success_at: None,
            last_failure_at: None,
            created_at: self.clock.now(),
            deleted_at: None,
        }
    }
}

/// The tracker of the project. Its row is held until the end of the change: two that make a
/// webhook come one after the other, and one that switches the tracker sees what was made.
async fn tracker(tx: &Tx<'_>, project: ProjectId) -> std::result::Result<Provider, ChangeError> {
    let integration = integration::Entity::find()
        .filter(integration::Column::ProjectId.eq(project))
        .lock_exclusive()
        .one(tx.db())
        .await?;
    match integration {
        Some(integration) => Ok(integration.provider),
        None => {
            Err(Error::conflict("Set up the project's issue integration first: it says which tracker sends.").into())
        }
    }
}

fn proof(provider: Provider, new: &CreateInbound) -> Result<Proof> {
    let kind = match provider {
        Provider::Github => WebhookKind::Github,
        Provider::Jira => WebhookKind::Jira,
        Provider::AzureDevops => {
            let stored = typed(new)?;
            return Ok(Proof { kind: WebhookKind::AzureDevops, stored, revealed: None });
        }
        Provider::SimpleUrl => {
            let detail = "A Simple URL integration only links to issues: there is no tracker that could send.";
            return Err(Error::conflict(detail));
        }
    };
    let secret = hex::encode(crypto::fill::<32>());
    Ok(Proof { kind, stored: secret.clone(), revealed: Some(secret) })
}

/// What the service hook will send, as the admin typed it.
fn typed(new: &CreateInbound) -> Result<String> {
    let mut checks = Checks::default();
    let username = new.username.as_deref().unwrap_or_default().trim();
    let password = new.password.as_deref().unwrap_or_default();
    // Trackers and proxies differ in how they send other letters.
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && text.len() <= TYPED_MAX;
    checks.require(!username.contains(':'), "username", "A user name has no colon.");
    for (text, field, missing) in [
        (username, "username", "Enter the user name that the service hook will send."),
        (password, "password", "Enter the password that the service hook will send."),
    ] {
        checks.require(plain(text), field, "Use at most 500 letters, digits and signs of ASCII.");
        checks.require(!text.trim().is_empty(), field, missing);
    }
    checks.finish()?;
    Ok(provider::credential(username, password))
}

async fn none_yet(tx: &Tx<'_>, project: ProjectId) -> std::result::Result<(), ChangeError> {
    let existing = webhook::Entity::find()
        .filter(webhook::Column::ProjectId.eq(project))
        .filter(webhook::Column::Direction.eq(Direction::Inbound))
        .filter(webhook::Column::DeletedAt.is_null())
        .one(tx.db())
        .await?;
    match existing {
        Some(_) => {
            Err(Error::conflict("The project has an inbound webhook already. Delete it to make another one.").into())
        }
        None => Ok(()),
    }
}
