//! From the token in the address to all that is needed to judge what comes in by it.

use app::model::integration::Provider;
use app::model::webhook::{Direction, WebhookKind};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use secrecy::SecretString;

use super::provider::{self, Inbound};
use super::refusal::Refusal;
use crate::core::Core;
use crate::crypto;
use crate::entity::{integration, project, webhook, webhook_secret};

/// An inbound webhook that is active.
pub struct Door {
    /// The webhook.
    pub webhook: webhook::Model,
    /// Its project.
    pub project: project::Model,
    /// The project's tracker.
    pub provider: Provider,
    /// The project's connection to it.
    pub integration: integration::Model,
    /// What reads the tracker's events.
    pub reader: &'static dyn Inbound,
    /// What verifies them.
    pub secret: SecretString,
}

impl Core {
    /// Finds the webhook of a token.
    ///
    /// # Errors
    /// [`Refusal::UnknownToken`] when there is none, when it or its project was deleted, or when
    /// the project's integration is gone or another tracker's.
    pub(super) async fn door(&self, token: &str) -> Result<Door, Refusal> {
        let db = self.store.read();
        // The token has 256 bits of its own: its plain hash can't be guessed back, and looking it
        // up by the index tells nothing of use by its timing.
        let hash = crypto::sha256(token.as_bytes()).to_vec();
        let webhook = webhook::Entity::find()
            .filter(webhook::Column::TokenHash.eq(hash))
            .filter(webhook::Column::Direction.eq(Direction::Inbound))
            .filter(webhook::Column::DeletedAt.is_null())
            .one(db)
            .await?;
        self.door_of(webhook.ok_or(Refusal::UnknownToken)?).await
    }

    /// The door of a webhook that is not deleted.
    ///
    /// # Errors
    /// As [`Core::door`].
    pub(super) async fn door_of(&self, webhook: webhook::Model) -> Result<Door, Refusal> {
        let db = self.store.read();
        let Some(provider) = tracker(webhook.kind) else { return Err(Refusal::UnknownToken) };
        let project = project::Entity::find_by_id(webhook.project_id)
            .filter(project::Column::DeletedAt.is_null())
            .one(db)
            .await?;
        let integration = integration::Entity::find()
            .filter(integration::Column::ProjectId.eq(webhook.project_id))
            .filter(integration::Column::Provider.eq(provider))
            .one(db)
            .await?;
        let secret = webhook_secret::Entity::find()
            .filter(webhook_secret::Column::WebhookId.eq(webhook.id))
            .order_by_desc(webhook_secret::Column::Id)
            .one(db)
            .await?;
        let (Some(project), Some(integration), Some(secret), Some(reader)) =
            (project, integration, secret, provider::of(provider))
        else {
            return Err(Refusal::UnknownToken);
        };
        let place = format!("webhook_secrets.secret:{}", secret.id);
        let secret = match self.keys.open_text(&place, &secret.secret) {
            Ok(secret) => SecretString::from(secret),
            Err(error) => {
                tracing::error!(%error, webhook = %webhook.id, "the secret of an inbound webhook does not open");
                return Err(Refusal::Internal);
            }
        };
        Ok(Door { webhook, project, provider, integration, reader, secret })
    }
}

/// The tracker that an inbound webhook of this kind belongs to.
const fn tracker(kind: WebhookKind) -> Option<Provider> {
    match kind {
        WebhookKind::Github => Some(Provider::Github),
        WebhookKind::Jira => Some(Provider::Jira),
        WebhookKind::AzureDevops => Some(Provider::AzureDevops),
        WebhookKind::Generic | WebhookKind::Slack => None,
    }
}
