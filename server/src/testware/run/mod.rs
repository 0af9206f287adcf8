//! Test runs: a set of cases and their results.

pub mod cases;
mod demo;
mod public_link;
mod rest;
pub mod table;

use std::collections::{HashMap, HashSet};

use app::error::{Checks, Result};
use app::model::catalog::Verb;
use app::model::page::Page;
use app::model::text::Name;
use app::testware::case::CaseId;
use app::testware::execution::{Counts, State};
use app::testware::item::CopiedCases;
use app::testware::run::{MAX_CASES_PER_RUN, RunCase, RunCaseQuery, RunDetail, RunId, TestRun, UpdateRun};
use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use table::{Column, Model};

use super::execution::{ExecutionColumns, ExecutionRow, execution_row};
use super::milestone::table::Model as Milestone;
use super::plan::table::Model as Plan;
use super::result::fields::CheckedResult;
use super::result::rows::ResultParent;
use super::row::{Stored, TestwareRow};
use super::{attachment, group, suite, summary};
use crate::app_state::AppState;
use crate::config::Config;
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
        fields: { name = "name", description = "description", milestone_id = "milestoneId", plan_id = "planId" },
        groups: { milestone_id, plan_id },
        reset: { aborted, public_token, public_token_hash }
    }

    async fn detach(&self, tx: &Tx<'_>, _: &project::Model) -> Result<(), DbErr> {
        attachment::delete_of_parent(tx, self.id.0).await
    }

    fn set_fields(&mut self, update: &mut UpdateRun) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("description", &mut self.description, update.description.take().map(text::long));
        let before = self.milestone_id;
        let milestone = update.milestone_id.as_deref().map(group::parse::<Milestone>);
        checks.set("milestoneId", &mut self.milestone_id, milestone);
        if self.milestone_id == before {
            // It may stay although it is completed.
            update.milestone_id = None;
        }
        let before = self.plan_id;
        checks.set("planId", &mut self.plan_id, update.plan_id.as_deref().map(group::parse::<Plan>));
        if self.plan_id == before {
            update.plan_id = None;
        }
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
            milestone_id: self.milestone_id,
            plan_id: self.plan_id,
            state: self.state,
            completed_at: self.completed_at,
            aborted: self.aborted,
            has_public_link: self.public_token.is_some(),
            counts,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(run: TestRun) -> RunDetail {
        RunDetail { description_html: markup::to_safe_html(&run.description), run }
    }

    async fn before_copy(&mut self, tx: &Tx<'_>) -> Result<(), DbErr> {
        self.milestone_id = group::if_open::<Milestone>(tx, self.milestone_id).await?;
        self.plan_id = group::if_open::<Plan>(tx, self.plan_id).await?;
        Ok(())
    }

    async fn related_data<C: ConnectionTrait>(&self, db: &C, project: &project::Model) -> Result<Value, DbErr> {
        Ok(json!({
            "milestone": group::reference::<Milestone>(db, project, self.milestone_id).await?,
            "plan": group::reference::<Plan>(db, project, self.plan_id).await?,
        }))
    }

    async fn completed_data<C: ConnectionTrait>(
        &self,
        db: &C,
        project: &project::Model,
        config: &Config,
    ) -> Result<Value, DbErr> {
        summary::of_completed(db, project, config, self).await
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
        if update.milestone_id.take().is_some() {
            group::check_open::<Milestone>(tx, project.id, self.milestone_id).await?;
        }
        if update.plan_id.take().is_some() {
            group::check_open::<Plan>(tx, project.id, self.plan_id).await?;
        }
        let Some(mut cases) = update.case_ids.take() else { return Ok(Vec::new()) };
        let suites = std::mem::take(&mut update.suite_ids);
        if !suites.is_empty() {
            let listed: HashSet<CaseId> = cases.iter().copied().collect();
            let of_suites = suite::cases_within(tx, project.id, suites, MAX_CASES_PER_RUN).await?;
            cases.extend(of_suites.into_iter().filter(|case| !listed.contains(case)));
        }
        Ok(cases::set(tx, project, self.id, cases).await?.into_iter().collect())
    }

    async fn added_cases(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        changes: &[FieldChange],
    ) -> Result<Option<Value>, DbErr> {
        match changes.iter().find(|change| change.field() == cases::FIELD) {
            Some(change) => cases::added(tx, project, change).await,
            None => Ok(None),
        }
    }

    fn own_changes(before: &Self, after: &Self) -> Vec<(Verb, FieldChange)> {
        let Some(change) = FieldChange::between("state", &before.state, &after.state) else { return Vec::new() };
        let begins = before.state == State::New && after.state == State::InProgress;
        let started = begins.then(|| (Verb::Started, change.clone()));
        [(Verb::StateChanged, change)].into_iter().chain(started).collect()
    }

    async fn copy_related(
        &self,
        _: &AppState,
        tx: &Tx<'_>,
        project: &project::Model,
        copy: &Self,
        cases: CopiedCases,
    ) -> Result<(), TxError> {
        cases::copy(tx, project, self.id, copy.id, cases).await
    }

    fn is_aborted(&self) -> bool {
        self.aborted
    }

    fn set_aborted(&mut self) {
        self.aborted = true;
    }
}

#[async_trait]
impl ExecutionRow for Model {
    const EXECUTION_COLUMNS: ExecutionColumns<Column> =
        ExecutionColumns { state: Column::State, milestone: Column::MilestoneId, plan: Some(Column::PlanId) };

    fn result_parent(id: RunId) -> ResultParent {
        ResultParent::Run(id)
    }

    async fn cases<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        id: RunId,
        query: RunCaseQuery,
    ) -> Result<Page<RunCase>> {
        cases::page(db, project, id, query).await
    }

    async fn on_results(id: RunId, tx: &Tx<'_>, results: &[CheckedResult]) -> Result<Option<usize>, DbErr> {
        cases::set_statuses(tx, id, results).await
    }

    async fn after_change(id: RunId, tx: &Tx<'_>, case: Option<CaseId>) -> Result<(), DbErr> {
        match case {
            Some(case) => cases::refresh_status(tx, id, case).await,
            None => Ok(()),
        }
    }
}
