//! Test runs: a set of cases and their results.

use std::collections::HashMap;

use app::error::{Checks, Error, Result};
use app::model::catalog::Subject;
use app::model::id::{IssueId, ProjectId, RunId};
use app::model::live::ChangeKind;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_run::{CreateRun, RunCase, RunDetail, TestRun, UpdateRun};
use app::model::testware::{AddResult, Counts, ExecutionQuery, State, TestResult};
use app::model::text::Name;
use app::model::time::Millis;
use app::service::Runs;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, DbErr, Select};
use serde_json::{Value, json};

use super::result_fields::CheckedResult;
use super::results::{self, ResultParent};
use super::subject::row_accessors;
use super::{Execution, Testware, TestwareEvent, execution, operations, run_cases};
use crate::app_state::AppState;
use crate::entity::project;
use crate::entity::search_text::SearchText;
use crate::entity::test_run::{self, Column, Entity, Model};
use crate::markup;
use crate::service::{TxError, issues, text};
use crate::storage::Tx;

#[async_trait]
impl Runs for AppState {
    async fn list_runs(&self, actor: &Actor, project: ProjectId, query: ExecutionQuery) -> Result<Page<TestRun>> {
        operations::list::<Model>(self, actor, project, query).await
    }

    async fn run(&self, actor: &Actor, id: RunId) -> Result<RunDetail> {
        let run = operations::read::<Model>(self, actor, id).await?;
        Ok(RunDetail { description_html: markup::to_safe_html(&run.description), run })
    }

    async fn run_cases(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<RunCase>> {
        let project = operations::active::<Model>(self, actor, id).await?.1;
        run_cases::page(self.store.read(), &project, id, page).await
    }

    async fn run_results(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<TestResult>> {
        execution::results::<Model>(self, actor, id, page).await
    }

    async fn create_run(&self, actor: &Actor, project: ProjectId, new: CreateRun) -> Result<TestRun> {
        let CreateRun { name, description, case_ids } = new;
        let fields =
            UpdateRun { name: Some(name), description: Some(description), state: None, case_ids: Some(case_ids) };
        operations::create::<Model>(self, actor, project, fields).await
    }

    async fn update_run(&self, actor: &Actor, id: RunId, change: UpdateRun) -> Result<TestRun> {
        operations::update::<Model>(self, actor, id, change).await
    }

    async fn duplicate_run(&self, actor: &Actor, id: RunId) -> Result<TestRun> {
        operations::duplicate::<Model>(self, actor, id).await
    }

    async fn complete_run(&self, actor: &Actor, id: RunId) -> Result<TestRun> {
        execution::complete::<Model>(self, actor, id).await
    }

    async fn add_run_result(&self, actor: &Actor, id: RunId, new: AddResult) -> Result<TestResult> {
        execution::add_result::<Model>(self, actor, id, new).await
    }

    async fn delete_run(&self, actor: &Actor, id: RunId) -> Result<()> {
        operations::delete::<Model>(self, actor, id).await
    }

    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>> {
        let (_, access) = issues::active_issue(self, actor, issue).await?;
        results::page(self, &access.project, results::linked_to(issue), &page).await
    }
}

#[async_trait]
impl Testware for Model {
    row_accessors!(test_run, RunId);
    type Update = UpdateRun;
    type Query = ExecutionQuery;
    type View = TestRun;

    const SUBJECT: Subject = Subject::TestRun;
    const NAME_FIELD: &'static str = "name";

    fn name(&self) -> &str {
        &self.name
    }

    fn empty(state: &AppState, project: &project::Model, author: &Actor) -> Self {
        let now = state.clock.now();
        Self {
            id: state.ids.next(),
            project_id: project.id,
            number: 0,
            name: String::new(),
            search: SearchText::default(),
            description: String::new(),
            state: State::New,
            completed_at: None,
            author_id: author.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    fn copy_onto(&self, empty: Self) -> Self {
        Self { name: self.name.clone(), description: self.description.clone(), ..empty }
    }

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

    fn changed_fields(before: &Self, after: &Self) -> Vec<&'static str> {
        let fields = [("name", before.name != after.name), ("description", before.description != after.description)];
        fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
    }

    fn page_and_search(query: &ExecutionQuery) -> (PageQuery, Option<&str>) {
        (query.page(), query.search.as_deref())
    }

    fn filter(select: Select<Entity>, query: &ExecutionQuery) -> Result<Select<Entity>> {
        Ok(execution::filter(select, query, Column::State, Column::CompletedAt))
    }

    fn live_change(&self) -> ChangeKind {
        ChangeKind::RunChanged { run_id: self.id }
    }

    fn event_data(&self, key: String, counts: Counts, link: String) -> Value {
        json!({
            "id": self.id,
            "key": key,
            "name": self.name,
            "description": text::cut(&self.description),
            "state": self.state,
            "completedAt": self.completed_at.text(),
            "counts": counts,
            "total": counts.total(),
            "link": link,
        })
    }

    fn page_path(&self) -> String {
        format!("runs/{}", self.id)
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

    async fn counts_in(tx: &DatabaseTransaction, ids: &[RunId]) -> Result<HashMap<RunId, Counts>, DbErr> {
        run_cases::counts(tx, ids.iter().copied()).await
    }

    async fn counts(state: &AppState, ids: &[RunId]) -> Result<HashMap<RunId, Counts>, DbErr> {
        run_cases::counts(state.store.read(), ids.iter().copied()).await
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

    fn require_open(&self, project: &project::Model) -> Result<()> {
        execution::require_open(self, project)
    }

    fn state_change(before: &Self, after: &Self) -> Option<TestwareEvent<'static>> {
        execution::state_change(before, after)
    }
}

#[async_trait]
impl Execution for Model {
    const RESULTS_HAVE_CASES: bool = true;

    fn state_and_end(&mut self) -> (&mut State, &mut Option<DateTime<Utc>>) {
        (&mut self.state, &mut self.completed_at)
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
