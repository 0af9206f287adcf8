//! Test runs: a set of cases and their results.

pub mod cases;
mod demo;
mod rest;
pub mod table;

use std::collections::HashMap;

use app::error::{Checks, Error, Result};
use app::model::page::{Page, PageQuery};
use app::model::text::Name;
use app::testware::execution::Counts;
use app::testware::run::{RunCase, RunDetail, RunId, TestRun, UpdateRun};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use table::Model;

use super::execution::{ExecutionRow, execution_row};
use super::result_fields::CheckedResult;
use super::results::ResultParent;
use super::row::{Stored, TestwareRow};
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::markup;
use crate::service::{TxError, text};
use crate::storage::Tx;

impl Stored for TestRun {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    execution_row! {
        table, TestRun,
        fields: { name = "name", description = "description" }
    }

    fn set_fields(&mut self, update: &mut UpdateRun) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("description", &mut self.description, update.description.take().map(text::long));
        self.state = update.state.unwrap_or(self.state);
        checks.finish()
    }

    fn event_data(&self) -> Value {
        json!({"name": self.name, "description": cut_text(&self.description)})
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

    async fn counts<C: ConnectionTrait>(db: &C, ids: &[RunId]) -> Result<HashMap<RunId, Counts>, DbErr> {
        cases::counts(db, ids.iter().copied()).await
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateRun,
    ) -> Result<Vec<FieldChange>, TxError> {
        let Some(cases) = update.case_ids.take() else { return Ok(Vec::new()) };
        Ok(cases::set(tx, project, self.id, cases).await?.into_iter().collect())
    }

    async fn copy_related(&self, tx: &Tx<'_>, project: &project::Model, copy: RunId) -> Result<(), DbErr> {
        cases::copy(tx, project, self.id, copy).await
    }
}

#[async_trait]
impl ExecutionRow for Model {
    fn complete(&mut self, at: DateTime<Utc>) {
        self.completed_at = Some(at);
    }

    fn result_parent(id: RunId) -> ResultParent {
        ResultParent::Run(id)
    }

    async fn cases<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        id: RunId,
        page: PageQuery,
    ) -> Result<Page<RunCase>> {
        cases::page(db, project, id, page).await
    }

    async fn on_result(id: RunId, tx: &Tx<'_>, result: &CheckedResult) -> Result<(), TxError> {
        let in_run = match result.case {
            Some(case) => cases::set_status(tx, id, case, result.status).await?,
            None => false,
        };
        if in_run { Ok(()) } else { Err(Error::field("caseId", "This case is not in the run.").into()) }
    }
}
