//! Test runs: a set of cases and their results.

use std::collections::HashMap;

use app::error::{Checks, Error, Result};
use app::model::id::RunId;
use app::model::test_run::{RunDetail, TestRun, UpdateRun};
use app::model::testware::{Counts, ExecutionQuery};
use app::model::text::Name;
use app::model::time::Millis;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Select};
use serde_json::{Value, json};

use super::execution::{self, ExecutionRow};
use super::result_fields::CheckedResult;
use super::results::ResultParent;
use super::row::{Progress, Stored, TestwareRow, testware_row};
use super::run_cases;
use crate::entity::project;
use crate::entity::test_run::{self, Column, Entity, Model};
use crate::markup;
use crate::service::{TxError, text};
use crate::storage::Tx;

impl Stored for TestRun {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        test_run, TestRun,
        fields: { name = "name", description = "description" },
        reset: { state, completed_at }
    }

    const COMPLETED_AT: Option<Column> = Some(Column::CompletedAt);

    fn set_fields(&mut self, update: &mut UpdateRun) -> Result<()> {
        let mut checks = Checks::default();
        if let Some(name) = update.name.take().and_then(|name| checks.take("name", name.parse::<Name>())) {
            self.name = name.into_string();
        }
        if let Some(text) = update.description.take().and_then(|text| checks.take("description", text::long(text))) {
            self.description = text;
        }
        self.state = update.state.unwrap_or(self.state);
        checks.finish()
    }

    fn filter(select: Select<Entity>, query: &ExecutionQuery) -> Result<Select<Entity>> {
        Ok(execution::filter::<Self>(select, query, Column::State))
    }

    fn event_data(&self, counts: Counts) -> Value {
        json!({
            "name": self.name,
            "description": text::cut(&self.description),
            "state": self.state,
            "completedAt": self.completed_at.text(),
            "counts": counts,
            "total": counts.total(),
        })
    }

    fn view(self, key: String, author: String, counts: Counts) -> TestRun {
        TestRun {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            description: self.description,
            state: self.state,
            completed_at: self.completed_at,
            counts,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(run: TestRun) -> RunDetail {
        RunDetail { description_html: markup::to_safe_html(&run.description), run }
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress { state: self.state, completed_at: self.completed_at })
    }

    async fn counts<C: ConnectionTrait>(db: &C, ids: &[RunId]) -> Result<HashMap<RunId, Counts>, DbErr> {
        run_cases::counts(db, ids.iter().copied()).await
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateRun,
    ) -> Result<Vec<&'static str>, TxError> {
        let Some(cases) = update.case_ids.take() else { return Ok(Vec::new()) };
        let changed = run_cases::set(tx, project, self.id, cases).await?;
        Ok(if changed { vec!["cases"] } else { Vec::new() })
    }

    async fn copy_related(&self, tx: &Tx<'_>, project: &project::Model, copy: RunId) -> Result<(), DbErr> {
        run_cases::copy(tx, project, self.id, copy).await
    }
}

#[async_trait]
impl ExecutionRow for Model {
    const RESULTS_HAVE_CASES: bool = true;

    fn complete(&mut self, at: DateTime<Utc>) {
        self.completed_at = Some(at);
    }

    fn result_parent(id: RunId) -> ResultParent {
        ResultParent::Run(id)
    }

    async fn on_result(id: RunId, tx: &Tx<'_>, result: &CheckedResult) -> Result<(), TxError> {
        let in_run = match result.case {
            Some(case) => run_cases::set_status(tx, id, case, result.status).await?,
            None => false,
        };
        if in_run { Ok(()) } else { Err(Error::field("caseId", "This case is not in the run.").into()) }
    }
}
