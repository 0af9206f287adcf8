//! Enabling a disabled webhook again. What is held goes out in order from then on, by the lane
//! ([`backlog`]), or is discarded first, a batch a change, so that no writer waits for long; the
//! change that discards the last of it enables.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::WebhookId;
use app::model::people::Actor;
use app::model::webhook::{Direction, Health, Held};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::audit::of_webhook;
use super::{ChangeError, webhooks};
use crate::core::Core;
use crate::dispatch::backlog;
use crate::entity::webhook;
use crate::storage::{Effect, Tx};

/// What a discarded delivery says.
const NOT_WANTED: &str = "It was held while the webhook was disabled, and discarded when that ended.";

impl Core {
    /// Clears the counter and lets the queue go on.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is not disabled, [`Error::Invalid`] for an inbound webhook.
    pub(super) async fn enable(&self, actor: &Actor, row: webhook::Model, held: Held) -> Result<webhook::Model> {
        if row.direction == Direction::Inbound {
            return Err(Error::invalid("An inbound webhook is never disabled: it receives as long as it is there."));
        }
        loop {
            let (core, actor) = (self.clone(), actor.clone());
            let step =
                self.store.write(move |tx| Box::pin(async move { core.enable_step(tx, &actor, row.id, held).await }));
            if let Some(row) = step.await? {
                return Ok(row);
            }
        }
    }

    /// `None` when there is more to be discarded.
    async fn enable_step(
        &self,
        tx: &Tx<'_>,
        actor: &Actor,
        id: WebhookId,
        held: Held,
    ) -> std::result::Result<Option<webhook::Model>, ChangeError> {
        let row = webhooks::locked(tx, id).await?;
        if row.health != Health::Disabled {
            return Err(Error::conflict("The webhook is not disabled.").into());
        }
        let now = self.clock.now();
        if held == Held::Discard && backlog::discard(tx, row.project_id, id, NOT_WANTED, now).await? {
            return Ok(None);
        }
        let row = webhook::Model { health: Health::Healthy, consecutive_failures: 0, ..row };
        let change = webhook::ActiveModel {
            id: Set(id),
            health: Set(row.health),
            consecutive_failures: Set(row.consecutive_failures),
            ..Default::default()
        };
        webhook::Entity::update(change).exec_without_returning(tx.db()).await?;
        let detail = match held {
            Held::Send => "What was held is sent, the oldest first.",
            Held::Discard => "What was held is discarded.",
        };
        let deed = of_webhook(actor, AuditAction::WebhookEnabled, &row, Some(detail.to_owned()));
        self.audit(tx, deed).await?;
        webhooks::tell(tx, &row);
        tx.after_commit(Effect::Dispatch(id));
        Ok(Some(row))
    }
}
