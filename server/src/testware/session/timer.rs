//! The timer of a session: it adds up the times between its starts and stops.

use app::error::Result;
use app::model::account::TokenScope;
use app::model::people::Actor;
use app::service::SessionTimers;
use app::testware::session::{SessionId, TestSession};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::table::Model;
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::service::TxError;
use crate::testware::items;

impl Model {
    /// The time on the timer at a point in time, in milliseconds.
    #[must_use]
    pub fn timer_ms_at(&self, now: DateTime<Utc>) -> i64 {
        let running = self.timer_started_at.map_or(0, |start| (now - start).num_milliseconds().max(0));
        self.timer_ms.saturating_add(running)
    }

    fn start_timer(&mut self, now: DateTime<Utc>) {
        self.timer_started_at.get_or_insert(now);
    }

    /// Stops the timer. A stopped one stays as it is.
    pub fn stop_timer(&mut self, now: DateTime<Utc>) {
        self.timer_ms = self.timer_ms_at(now);
        self.timer_started_at = None;
    }
}

/// Whole seconds, as they are shown.
#[must_use]
pub fn seconds(ms: i64) -> u32 {
    u32::try_from(ms / 1_000).unwrap_or(if ms < 0 { 0 } else { u32::MAX })
}

#[async_trait]
impl SessionTimers for AppState {
    async fn start_timer(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        change(self, actor, id, Model::start_timer).await
    }

    async fn stop_timer(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        change(self, actor, id, Model::stop_timer).await
    }
}

async fn change(
    state: &AppState,
    actor: &Actor,
    id: SessionId,
    apply: fn(&mut Model, DateTime<Utc>),
) -> Result<TestSession> {
    require_scope(actor, TokenScope::Write)?;
    let project = items::active::<Model>(state, actor, id).await?.1;
    let (state_in_tx, parent) = (state.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let before = items::lock_open::<Model>(tx, &parent, id).await?;
            let mut row = before.clone();
            apply(&mut row, state_in_tx.clock.now());
            if row != before {
                items::save(&state_in_tx, tx, &mut row).await?;
                items::show(tx, &parent, &row);
            }
            Ok::<_, TxError>(row)
        })
    });
    items::view(state, &project, change.await?).await
}
