//! Exploratory sessions: a charter and results.

mod demo;
pub mod notes;
mod rest;
pub mod table;
mod timer;

use std::collections::HashMap;

use app::error::{Checks, Result};
use app::model::text::Name;
use app::testware::execution::Counts;
use app::testware::session::{SessionDetail, SessionId, TestSession, UpdateSession};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use table::{Column, Model};
use timer::seconds;

use super::execution::{ExecutionColumns, ExecutionRow, execution_row};
use super::milestone::table::Model as Milestone;
use super::result::rows::{self, ResultParent};
use super::row::{Stored, TestwareRow};
use super::summary;
use super::{attachment, group};
use crate::config::Config;
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::markup;
use crate::service::{TxError, text};
use crate::storage::Tx;

/// A day.
const MAX_TIME_BOX_MINUTES: u32 = 24 * 60;

impl Stored for TestSession {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    execution_row! {
        table, TestSession,
        fields: { name = "name", charter = "charter", time_box_minutes = "timeBoxMinutes", milestone_id = "milestoneId" },
        groups: { milestone_id },
        reset: { timer_ms, timer_started_at }
    }

    async fn detach(&self, tx: &Tx<'_>, _: &project::Model) -> Result<(), DbErr> {
        attachment::delete_of_parent(tx, self.id.0).await
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
        let before = self.milestone_id;
        let milestone = update.milestone_id.as_deref().map(group::parse::<Milestone>);
        checks.set("milestoneId", &mut self.milestone_id, milestone);
        if self.milestone_id == before {
            // It may stay although it is completed.
            update.milestone_id = None;
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
            milestone_id: self.milestone_id,
            state: self.state,
            completed_at: self.completed_at,
            elapsed_seconds: seconds(self.timer_ms),
            timer_started_at: self.timer_started_at,
            counts,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(session: TestSession) -> SessionDetail {
        SessionDetail { charter_html: markup::to_safe_html(&session.charter), session }
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateSession,
    ) -> Result<Vec<FieldChange>, TxError> {
        if update.milestone_id.take().is_some() {
            group::check_open::<Milestone>(tx, project.id, self.milestone_id).await?;
        }
        Ok(Vec::new())
    }

    async fn before_copy(&mut self, tx: &Tx<'_>) -> Result<(), DbErr> {
        self.milestone_id = group::if_open::<Milestone>(tx, self.milestone_id).await?;
        Ok(())
    }

    async fn related_data<C: ConnectionTrait>(&self, db: &C, project: &project::Model) -> Result<Value, DbErr> {
        Ok(json!({"milestone": group::reference::<Milestone>(db, project, self.milestone_id).await?}))
    }

    async fn completed_data<C: ConnectionTrait>(
        &self,
        db: &C,
        project: &project::Model,
        config: &Config,
    ) -> Result<Value, DbErr> {
        let mut data = summary::of_completed(db, project, config, self).await?;
        data["timerSeconds"] = json!(seconds(self.timer_ms));
        Ok(data)
    }

    fn before_end(&mut self, at: DateTime<Utc>) {
        self.stop_timer(at);
    }

    async fn counts<C: ConnectionTrait>(db: &C, ids: &[SessionId]) -> Result<HashMap<SessionId, Counts>, DbErr> {
        rows::counts(db, ids.iter().copied()).await
    }
}

impl ExecutionRow for Model {
    const EXECUTION_COLUMNS: ExecutionColumns<Column> =
        ExecutionColumns { state: Column::State, milestone: Column::MilestoneId, plan: None };

    fn result_parent(id: SessionId) -> ResultParent {
        ResultParent::Session(id)
    }
}
