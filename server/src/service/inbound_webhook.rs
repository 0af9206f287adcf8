//! Making the inbound webhook of a project, for the tracker of its integration.

use app::error::{Error, Result};
use app::model::id::{ProjectId, WebhookId};
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
use crate::storage::Tx;

impl Core {
    /// Makes it, with a token for its address and a secret, both revealed once.
    pub(super) async fn make_inbound(
        &self,
        actor: &Actor,
        project: ProjectId,
        _new: CreateInbound,
    ) -> Result<CreatedWebhook> {
        let id: WebhookId = self.ids.next();
        let address = Address::mint();
        let secret = hex::encode(crypto::fill::<32>());
        let (secret_row, info) = self.secret_row(id, &secret)?;
        let mut row = webhook::Model {
            id,
            project_id: project,
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
        };
        address.enter(&mut row);
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let provider = tracker(tx, project).await?;
                let kind = kind(provider)?;
                none_yet(tx, project).await?;
                let row = webhook::Model { kind, name: format!("{} issues", provider.label()), ..row };
                webhooks::insert(&core, tx, &actor, row.clone(), Some(secret_row)).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        let row = change.await?;
        let url = self.config.link(&address.path);
        let reveal = Some(Reveal { url: Some(url), secret: Some(secret) });
        Ok(CreatedWebhook { webhook: self.show_webhook(row, vec![info]), reveal })
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

fn kind(provider: Provider) -> Result<WebhookKind> {
    match provider {
        Provider::Github => Ok(WebhookKind::Github),
        Provider::SimpleUrl => {
            Err(Error::conflict("A Simple URL integration only links to issues: there is no tracker that could send."))
        }
        Provider::Jira | Provider::AzureDevops => {
            let name = provider.label();
            Err(Error::conflict(format!("Inbound webhooks of {name} are not available yet; those of GitHub are.")))
        }
    }
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
