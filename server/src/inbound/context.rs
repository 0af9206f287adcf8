//! Loads everything that a request to an inbound webhook needs: from the token in the URL to the
//! project, the integration, the tracker's implementation and the secret.

use app::model::id::WebhookId;
use app::model::provider::Provider;
use app::model::webhook::Direction;
use axum::http::HeaderMap;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use secrecy::{ExposeSecret, SecretString};

use super::error::InboundError;
use crate::app_state::AppState;
use crate::crypto;
use crate::entity::{integration, project, webhook, webhook_secret};
use crate::providers::{InboundEvents, issue_provider};

/// An active inbound webhook with everything that belongs to it.
pub struct InboundContext {
    /// The webhook.
    pub webhook: webhook::Model,
    /// Its project.
    pub project: project::Model,
    /// The project's tracker.
    pub provider: Provider,
    /// The project's integration.
    pub integration: integration::Model,
    /// Verifies and parses the tracker's events.
    pub events: &'static dyn InboundEvents,
    /// What the events are verified with; `None` until an admin enters the tracker's own secret.
    pub secret: Option<SecretString>,
}

impl InboundContext {
    /// Finds the webhook of a token.
    ///
    /// # Errors
    /// [`InboundError::UnknownToken`] if there is none, if it or its project was deleted, or if the
    /// project has no integration with the same tracker.
    pub async fn find(state: &AppState, token: &str) -> Result<Self, InboundError> {
        // The token has 256 random bits: its hash can't be reversed, and the timing of an index
        // lookup reveals nothing useful.
        let hash = crypto::sha256(token.as_bytes()).to_vec();
        let webhook = webhook::Entity::find()
            .filter(webhook::Column::TokenHash.eq(hash))
            .filter(webhook::Column::Direction.eq(Direction::Inbound))
            .filter(webhook::Column::DeletedAt.is_null())
            .one(state.store.read())
            .await?;
        Self::load(state, webhook.ok_or(InboundError::UnknownToken)?).await
    }

    /// The context of a webhook that is not deleted.
    ///
    /// # Errors
    /// See [`InboundContext::find`].
    pub async fn load(state: &AppState, webhook: webhook::Model) -> Result<Self, InboundError> {
        let db = state.store.read();
        let Some(provider) = webhook.kind.tracker() else { return Err(InboundError::UnknownToken) };
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
        let (Some(project), Some(integration), Some(events)) =
            (project, integration, issue_provider(provider).inbound())
        else {
            return Err(InboundError::UnknownToken);
        };
        let secret = secret.map(|secret| open_secret(state, webhook.id, &secret)).transpose()?;
        Ok(Self { webhook, project, provider, integration, events, secret })
    }

    /// Whether the sender of a request knows the secret.
    #[must_use]
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        self.secret.as_ref().is_some_and(|secret| self.events.verify(headers, body, secret.expose_secret()))
    }
}

fn open_secret(
    state: &AppState,
    webhook: WebhookId,
    secret: &webhook_secret::Model,
) -> Result<SecretString, InboundError> {
    match state.keys.open_text(&webhook_secret::secret_aad(secret.id), &secret.secret) {
        Ok(secret) => Ok(SecretString::from(secret)),
        Err(error) => {
            tracing::error!(%error, %webhook, "failed to decrypt the secret of an inbound webhook");
            Err(InboundError::Internal)
        }
    }
}
