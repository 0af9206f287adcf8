//! Exploratory sessions: a charter and results.

use std::collections::HashMap;

use app::error::{Checks, Result};
use app::model::catalog::Subject;
use app::model::id::{ProjectId, SessionId};
use app::model::live::ChangeKind;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_session::{CreateSession, SessionDetail, TestSession, UpdateSession};
use app::model::testware::{AddResult, Counts, ExecutionQuery, State, TestResult};
use app::model::text::Name;
use app::model::time::Millis;
use app::service::Sessions;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, DbErr, Select};
use serde_json::{Value, json};

use super::results::{self, ResultParent};
use super::subject::row_accessors;
use super::{Execution, Testware, TestwareEvent, execution, operations};
use crate::app_state::AppState;
use crate::entity::project;
use crate::entity::search_text::SearchText;
use crate::entity::test_session::{self, Column, Entity, Model};
use crate::markup;
use crate::service::text;

/// A day.
const MAX_TIME_BOX_MINUTES: u32 = 24 * 60;

#[async_trait]
impl Sessions for AppState {
    async fn list_sessions(
        &self,
        actor: &Actor,
        project: ProjectId,
        query: ExecutionQuery,
    ) -> Result<Page<TestSession>> {
        operations::list::<Model>(self, actor, project, query).await
    }

    async fn session(&self, actor: &Actor, id: SessionId) -> Result<SessionDetail> {
        let session = operations::read::<Model>(self, actor, id).await?;
        Ok(SessionDetail { charter_html: markup::to_safe_html(&session.charter), session })
    }

    async fn session_results(&self, actor: &Actor, id: SessionId, page: PageQuery) -> Result<Page<TestResult>> {
        execution::results::<Model>(self, actor, id, page).await
    }

    async fn create_session(&self, actor: &Actor, project: ProjectId, new: CreateSession) -> Result<TestSession> {
        let CreateSession { name, charter, time_box_minutes } = new;
        let fields = UpdateSession { name: Some(name), charter: Some(charter), time_box_minutes, state: None };
        operations::create::<Model>(self, actor, project, fields).await
    }

    async fn update_session(&self, actor: &Actor, id: SessionId, change: UpdateSession) -> Result<TestSession> {
        operations::update::<Model>(self, actor, id, change).await
    }

    async fn duplicate_session(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        operations::duplicate::<Model>(self, actor, id).await
    }

    async fn complete_session(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        execution::complete::<Model>(self, actor, id).await
    }

    async fn add_session_result(&self, actor: &Actor, id: SessionId, new: AddResult) -> Result<TestResult> {
        execution::add_result::<Model>(self, actor, id, new).await
    }

    async fn delete_session(&self, actor: &Actor, id: SessionId) -> Result<()> {
        operations::delete::<Model>(self, actor, id).await
    }
}

#[async_trait]
impl Testware for Model {
    row_accessors!(test_session, SessionId);
    type Update = UpdateSession;
    type Query = ExecutionQuery;
    type View = TestSession;

    const SUBJECT: Subject = Subject::Session;
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
            charter: String::new(),
            time_box_minutes: None,
            state: State::New,
            completed_at: None,
            author_id: author.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    fn copy_onto(&self, empty: Self) -> Self {
        Self {
            name: self.name.clone(),
            charter: self.charter.clone(),
            time_box_minutes: self.time_box_minutes,
            ..empty
        }
    }

    fn set_fields(&mut self, update: &mut UpdateSession) -> Result<()> {
        let mut checks = Checks::default();
        if let Some(name) = update.name.take().and_then(|name| checks.take("name", name.parse::<Name>())) {
            self.name = name.into_string();
        }
        if let Some(text) = update.charter.take().and_then(|text| checks.take("charter", text::long(text))) {
            self.charter = text;
        }
        if let Some(minutes) = update.time_box_minutes {
            checks.require(minutes <= MAX_TIME_BOX_MINUTES, "timeBoxMinutes", "Use 1 to 1,440 minutes.");
            // 0 removes it.
            self.time_box_minutes = i32::try_from(minutes).ok().filter(|&minutes| minutes > 0);
        }
        self.state = update.state.unwrap_or(self.state);
        checks.finish()
    }

    fn changed_fields(before: &Self, after: &Self) -> Vec<&'static str> {
        let fields = [
            ("name", before.name != after.name),
            ("charter", before.charter != after.charter),
            ("timeBoxMinutes", before.time_box_minutes != after.time_box_minutes),
        ];
        fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
    }

    fn page_and_search(query: &ExecutionQuery) -> (PageQuery, Option<&str>) {
        (query.page(), query.search.as_deref())
    }

    fn filter(select: Select<Entity>, query: &ExecutionQuery) -> Result<Select<Entity>> {
        Ok(execution::filter(select, query, Column::State, Column::CompletedAt))
    }

    fn live_change(&self) -> ChangeKind {
        ChangeKind::SessionChanged { session_id: self.id }
    }

    fn event_data(&self, key: String, counts: Counts, link: String) -> Value {
        json!({
            "id": self.id,
            "key": key,
            "name": self.name,
            "charter": text::cut(&self.charter),
            "timeBoxMinutes": self.time_box_minutes,
            "state": self.state,
            "completedAt": self.completed_at.text(),
            "counts": counts,
            "total": counts.total(),
            "link": link,
        })
    }

    fn page_path(&self) -> String {
        format!("sessions/{}", self.id)
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

    async fn counts_in(tx: &DatabaseTransaction, ids: &[SessionId]) -> Result<HashMap<SessionId, Counts>, DbErr> {
        results::counts(tx, ids.iter().copied()).await
    }

    async fn counts(state: &AppState, ids: &[SessionId]) -> Result<HashMap<SessionId, Counts>, DbErr> {
        results::counts(state.store.read(), ids.iter().copied()).await
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
    const RESULTS_HAVE_CASES: bool = false;

    fn state_and_end(&mut self) -> (&mut State, &mut Option<DateTime<Utc>>) {
        (&mut self.state, &mut self.completed_at)
    }

    fn result_parent(id: SessionId) -> ResultParent {
        ResultParent::Session(id)
    }
}
