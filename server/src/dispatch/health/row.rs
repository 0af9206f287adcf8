//! Converts the health of a webhook from and to its row.

use std::time::Duration;

use app::model::id::DeliveryId;
use app::model::webhook::HealthChange;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;

use super::HealthState;
use crate::entity::webhook::{ActiveModel, Model};

/// The cause of a change of health.
#[derive(Clone, Debug)]
pub struct HealthCause {
    /// The reason.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The delivery and the number of its attempt; `None` if a user caused the change.
    pub attempt: Option<(DeliveryId, i32)>,
}

impl HealthState {
    /// The state in a row.
    #[must_use]
    pub fn from_row(row: &Model) -> Self {
        Self {
            health: row.health,
            failures: row.consecutive_failures.unsigned_abs(),
            streak: row.failure_streak,
            streak_started_at: row.streak_started_at,
            failing_since: row.failing_since,
            degraded_pauses: row.degraded_pauses.unsigned_abs(),
            degraded_pause_until: row.degraded_pause_until,
            paused_until: row.paused_until,
            total_pause: Duration::from_millis(row.total_pause_ms.unsigned_abs()),
        }
    }

    /// The columns of the state, and of the cause if the health has changed.
    #[must_use]
    pub fn columns(&self, cause: Option<HealthCause>) -> ActiveModel {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let mut row = ActiveModel {
            health: Set(self.health),
            consecutive_failures: Set(number(self.failures)),
            failure_streak: Set(self.streak),
            streak_started_at: Set(self.streak_started_at),
            failing_since: Set(self.failing_since),
            degraded_pauses: Set(number(self.degraded_pauses)),
            degraded_pause_until: Set(self.degraded_pause_until),
            paused_until: Set(self.paused_until),
            total_pause_ms: Set(i64::try_from(self.total_pause.as_millis()).unwrap_or(i64::MAX)),
            ..Default::default()
        };
        if let Some(HealthCause { reason, at, attempt }) = cause {
            row.health_reason = Set(Some(reason));
            row.health_changed_at = Set(Some(at));
            row.health_delivery_id = Set(attempt.map(|(delivery, _)| delivery));
            row.health_attempt = Set(attempt.map(|(_, number)| number));
        }
        row
    }
}

/// The latest change of health; `None` if none is stored.
#[must_use]
pub fn health_change(row: &Model) -> Option<HealthChange> {
    Some(HealthChange {
        at: row.health_changed_at?,
        reason: row.health_reason.clone()?,
        delivery_id: row.health_delivery_id,
        attempt: row.health_attempt.map(i32::unsigned_abs),
    })
}
