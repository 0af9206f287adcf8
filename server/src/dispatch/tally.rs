//! What several attempts at one endpoint come to for the webhook's row: its times, and its
//! health as [`health`](super::health) judges it.

use app::model::audit::AuditAction;
use app::model::id::WebhookId;
use app::model::webhook::Health;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::backlog;
use super::health::{Ended, State, Turn};
use super::sender::Outcome;
use crate::core::Core;
use crate::entity::webhook::{Column, Entity, Model};
use crate::service::audit::Deed;
use crate::storage::{Effect, Tx};

/// Attempts in the order they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    dispatched_at: Option<DateTime<Utc>>,
    success_at: Option<DateTime<Utc>>,
    failure_at: Option<DateTime<Utc>>,
    ended: Vec<Ended>,
}

impl Tally {
    /// Adds an attempt.
    pub fn add(&mut self, outcome: &Outcome) {
        self.dispatched_at = self.dispatched_at.max(Some(outcome.started_at));
        let ended = ended(outcome);
        match ended {
            Ended::Well => self.success_at = self.success_at.max(Some(outcome.started_at)),
            Ended::Badly | Ended::Gone => self.failure_at = self.failure_at.max(Some(outcome.started_at)),
        }
        self.ended.push(ended);
    }

    /// Carries it over, under the row: results of other nodes come before or after. Of a webhook
    /// that is disabled, what waits for another attempt is held.
    ///
    /// # Errors
    /// The database's own.
    pub async fn write(&self, core: &Core, tx: &Tx<'_>, id: WebhookId) -> Result<(), DbErr> {
        let Some(row) = Entity::find_by_id(id).lock_exclusive().one(tx.db()).await? else { return Ok(()) };
        let (state, turns) = self.judge(&row);
        let mut update = Entity::update_many()
            .col_expr(Column::ConsecutiveFailures, Expr::value(state.failures))
            .col_expr(Column::Health, Expr::value(state.health));
        for (column, at) in [
            (Column::LastDispatchedAt, self.dispatched_at),
            (Column::LastSuccessAt, self.success_at),
            (Column::LastFailureAt, self.failure_at),
        ] {
            if at.is_some() {
                update = update.col_expr(column, Expr::value(at));
            }
        }
        update.filter(Column::Id.eq(id)).exec(tx.db()).await?;
        // A deleted webhook has no health that anybody would look at, and holds nothing.
        if row.deleted_at.is_some() {
            return Ok(());
        }
        for turn in &turns {
            note(core, tx, &row, turn).await?;
        }
        if state.health == Health::Disabled && backlog::hold(tx, row.project_id, id, core.clock.now()).await? {
            tx.after_commit(Effect::Dispatch(id));
        }
        Ok(())
    }

    fn judge(&self, row: &Model) -> (State, Vec<Turn>) {
        let mut state = State { health: row.health, failures: row.consecutive_failures };
        let mut turns = Vec::new();
        for ended in &self.ended {
            let (after, turn) = state.after(*ended, row.direction);
            state = after;
            turns.extend(turn);
        }
        (state, turns)
    }
}

fn ended(outcome: &Outcome) -> Ended {
    match (&outcome.error, outcome.status) {
        (None, _) => Ended::Well,
        (Some(_), Some(410)) => Ended::Gone,
        (Some(_), _) => Ended::Badly,
    }
}

/// Writes a change of health into the audit log, as Testbell's own deed.
///
/// # Errors
/// The database's own.
pub async fn note(core: &Core, tx: &Tx<'_>, webhook: &Model, turn: &Turn) -> Result<(), DbErr> {
    tracing::info!(webhook = %webhook.id, health = turn.to.health.as_str(), "the health of a webhook changed");
    core.audit(
        tx,
        Deed {
            project: Some(webhook.project_id),
            actor: None,
            action: AuditAction::WebhookHealth,
            subject: webhook.id.to_string(),
            name: &webhook.name,
            detail: Some(turn.sentence()),
        },
    )
    .await
}
