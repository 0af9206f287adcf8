//! The row of the Deliveries tab for an inbound event, and the times and the health on its
//! webhook's card. Of
//! the body only the digest is kept.

use std::sync::Arc;

use app::model::delivery::{DeliveryStatus, InboundOutcome};
use app::model::id::{DeliveryId, IssueId};
use app::model::live::{Change, What};
use app::model::webhook::Direction;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::time::Instant;

use super::door::Door;
use super::refusal::{Answer, Refusal, Stop};
use crate::core::Core;
use crate::dispatch::health::{Ended, State};
use crate::dispatch::tally;
use crate::entity::{delivery, webhook};
use crate::storage::{Effect, Tx};

/// A verified event.
pub struct Receipt {
    /// The id of its row.
    pub id: DeliveryId,
    /// Where it came in.
    pub door: Arc<Door>,
    /// Its name.
    pub event: String,
    /// SHA-256 of its body.
    pub digest: [u8; 32],
    /// Whether it was sent from Testbell as a test.
    pub test: bool,
    /// When its first byte came.
    pub started: Instant,
}

/// What became of it.
pub struct Fate {
    /// `Err` when it was refused.
    pub outcome: Result<InboundOutcome, Refusal>,
    /// The issue it touched.
    pub issue_id: Option<IssueId>,
    /// Why it came to that, in words.
    pub reason: Option<String>,
}

impl Core {
    /// Records a refusal, and gives it back as the answer.
    pub(super) async fn refuse(&self, receipt: Receipt, refusal: Refusal) -> Answer {
        let core = self.clone();
        let recorded = self.store.write::<_, Stop, _>(move |tx| {
            Box::pin(async move {
                let reason = Some(refusal.sentence().to_owned());
                core.record(tx, &receipt, Fate { outcome: Err(refusal), issue_id: None, reason }).await
            })
        });
        match recorded.await {
            Ok(()) => Err(refusal),
            Err(stop) => Err(stop.into()),
        }
    }

    /// Stores the row, and the webhook's times and health: a refusal of what was verified counts
    /// as a failure, whatever is accepted as a success.
    ///
    /// # Errors
    /// [`Stop::Gone`] when the webhook was deleted meanwhile: then the change must not stand.
    pub(super) async fn record(&self, tx: &Tx<'_>, receipt: &Receipt, fate: Fate) -> Result<(), Stop> {
        let now = self.clock.now();
        let (webhook_id, project_id) = (receipt.door.webhook.id, receipt.door.project.id);
        let (status, status_code, latest, ended) = match fate.outcome {
            Ok(_) => (DeliveryStatus::Delivered, 200, webhook::Column::LastSuccessAt, Ended::Well),
            Err(refusal) => {
                let code = i32::from(refusal.status().as_u16());
                (DeliveryStatus::Failed, code, webhook::Column::LastFailureAt, Ended::Badly)
            }
        };
        let delivery_id = receipt.id;
        delivery::Entity::insert(delivery::ActiveModel {
            id: Set(delivery_id),
            project_id: Set(project_id),
            webhook_id: Set(webhook_id),
            direction: Set(Direction::Inbound),
            event_type: Set(receipt.event.clone()),
            status: Set(status),
            outcome: Set(fate.outcome.ok()),
            status_code: Set(Some(status_code)),
            error: Set(fate.reason),
            attempts: Set(1),
            duration_ms: Set(Some(i32::try_from(receipt.started.elapsed().as_millis()).unwrap_or(i32::MAX))),
            test: Set(receipt.test),
            digest: Set(Some(receipt.digest.to_vec())),
            issue_id: Set(fate.issue_id),
            created_at: Set(now),
            finished_at: Set(Some(now)),
            ..Default::default()
        })
        .exec_without_returning(tx.db())
        .await?;
        // The last row that is locked: events of one webhook wait for each other only here.
        let row = webhook::Entity::find_by_id(webhook_id).lock_exclusive().one(tx.db()).await?;
        let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Stop::Gone)?;
        let before = State { health: row.health, failures: row.consecutive_failures };
        let (state, turn) = before.after(ended, Direction::Inbound);
        webhook::Entity::update_many()
            .col_expr(webhook::Column::LastDispatchedAt, Expr::value(now))
            .col_expr(latest, Expr::value(now))
            .col_expr(webhook::Column::Health, Expr::value(state.health))
            .col_expr(webhook::Column::ConsecutiveFailures, Expr::value(state.failures))
            .filter(webhook::Column::Id.eq(webhook_id))
            .exec(tx.db())
            .await?;
        if let Some(turn) = turn {
            tally::note(self, tx, &row, &turn).await?;
        }
        for what in [What::DeliveryChanged { delivery_id, webhook_id }, What::WebhookChanged { webhook_id }] {
            tx.after_commit(Effect::Live(Change { project_id, what }));
        }
        Ok(())
    }
}
