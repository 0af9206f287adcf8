//! What several attempts at one endpoint come to for the webhook's row.

use app::model::id::WebhookId;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany};

use super::sender::Outcome;
use crate::entity::webhook::{Column, Entity};

/// The sum of attempts, in the order they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    dispatched_at: Option<DateTime<Utc>>,
    success_at: Option<DateTime<Utc>>,
    failure_at: Option<DateTime<Utc>>,
    /// Failures since the latest success among these, or since before if there was none.
    failures: i32,
}

impl Tally {
    /// Adds an attempt.
    pub fn add(&mut self, outcome: &Outcome) {
        self.dispatched_at = self.dispatched_at.max(Some(outcome.started_at));
        if outcome.error.is_none() {
            self.success_at = self.success_at.max(Some(outcome.started_at));
            self.failures = 0;
        } else {
            self.failure_at = self.failure_at.max(Some(outcome.started_at));
            self.failures += 1;
        }
    }

    /// The statement that carries it over.
    #[must_use]
    pub fn update(&self, webhook: WebhookId) -> UpdateMany<Entity> {
        use sea_orm::sea_query::ExprTrait;
        let failures = match self.success_at {
            Some(_) => Expr::value(self.failures),
            None => Column::ConsecutiveFailures.into_expr().add(self.failures),
        };
        let mut update = Entity::update_many().col_expr(Column::ConsecutiveFailures, failures);
        for (column, at) in [
            (Column::LastDispatchedAt, self.dispatched_at),
            (Column::LastSuccessAt, self.success_at),
            (Column::LastFailureAt, self.failure_at),
        ] {
            if at.is_some() {
                update = update.col_expr(column, Expr::value(at));
            }
        }
        update.filter(Column::Id.eq(webhook))
    }
}
