//! Exploratory sessions: a charter and results.

mod demo;
mod rest;
pub mod table;

use std::collections::HashMap;

use app::error::{Checks, Result};
use app::model::text::Name;
use app::testware::execution::Counts;
use app::testware::session::{SessionDetail, SessionId, TestSession, UpdateSession};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use table::Model;

use super::execution::{ExecutionRow, execution_row};
use super::results::{self, ResultParent};
use super::row::{Stored, TestwareRow};
use crate::events::cut_text;
use crate::markup;
use crate::service::text;

/// A day.
const MAX_TIME_BOX_MINUTES: u32 = 24 * 60;

impl Stored for TestSession {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    execution_row! {
        table, TestSession,
        fields: { name = "name", charter = "charter", time_box_minutes = "timeBoxMinutes" }
    }

    fn set_fields(&mut self, update: &mut UpdateSession) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("charter", &mut self.charter, update.charter.take().map(text::long));
        if let Some(minutes) = update.time_box_minutes {
            checks.require(minutes <= MAX_TIME_BOX_MINUTES, "timeBoxMinutes", "Use 1 to 1,440 minutes.");
            // 0 removes it.
            self.time_box_minutes = i32::try_from(minutes).ok().filter(|&minutes| minutes > 0);
        }
        self.state = update.state.unwrap_or(self.state);
        checks.finish()
    }

    fn event_data(&self) -> Value {
        json!({
            "name": self.name,
            "charter": cut_text(&self.charter),
            "timeBoxMinutes": self.time_box_minutes,
        })
    }

    fn view(self, key: String, author: String, counts: Counts) -> TestSession {
        TestSession {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            charter: self.charter,
            time_box_minutes: self.time_box_minutes.and_then(|minutes| u32::try_from(minutes).ok()),
            state: self.state,
            completed_at: self.completed_at,
            counts,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(session: TestSession) -> SessionDetail {
        SessionDetail { charter_html: markup::to_safe_html(&session.charter), session }
    }

    async fn counts<C: ConnectionTrait>(db: &C, ids: &[SessionId]) -> Result<HashMap<SessionId, Counts>, DbErr> {
        results::counts(db, ids.iter().copied()).await
    }
}

impl ExecutionRow for Model {
    fn complete(&mut self, at: DateTime<Utc>) {
        self.completed_at = Some(at);
    }

    fn result_parent(id: SessionId) -> ResultParent {
        ResultParent::Session(id)
    }
}
