//! Test cases. Lists leave out a deleted case, but the runs that have it keep it.

use app::error::{Checks, Result};
use app::model::catalog::Subject;
use app::model::id::{CaseId, ProjectId};
use app::model::live::ChangeKind;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_case::{CaseQuery, CreateCase, Priority, Step, TestCase, UpdateCase};
use app::model::testware::Counts;
use app::model::text::Title;
use app::service::Cases;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value, json};

use super::subject::row_accessors;
use super::{Testware, operations};
use crate::app_state::AppState;
use crate::entity::json::{Steps, Strings};
use crate::entity::project;
use crate::entity::search_text::SearchText;
use crate::entity::test_case::{self, Column, Entity, Model};
use crate::service::issues::fields::labels_of;
use crate::service::{search, text};

const MAX_STEPS: usize = 100;
/// The most characters of a step's action, and of its expected result.
const MAX_STEP_CHARS: usize = 4_000;

#[async_trait]
impl Cases for AppState {
    async fn list_cases(&self, actor: &Actor, project: ProjectId, query: CaseQuery) -> Result<Page<TestCase>> {
        operations::list::<Model>(self, actor, project, query).await
    }

    async fn case(&self, actor: &Actor, id: CaseId) -> Result<TestCase> {
        operations::read::<Model>(self, actor, id).await
    }

    async fn create_case(&self, actor: &Actor, project: ProjectId, new: CreateCase) -> Result<TestCase> {
        let fields = UpdateCase {
            title: Some(new.title),
            preconditions: Some(new.preconditions),
            steps: Some(new.steps),
            priority: new.priority,
            labels: Some(new.labels),
        };
        operations::create::<Model>(self, actor, project, fields).await
    }

    async fn update_case(&self, actor: &Actor, id: CaseId, change: UpdateCase) -> Result<TestCase> {
        operations::update::<Model>(self, actor, id, change).await
    }

    async fn duplicate_case(&self, actor: &Actor, id: CaseId) -> Result<TestCase> {
        operations::duplicate::<Model>(self, actor, id).await
    }

    async fn delete_case(&self, actor: &Actor, id: CaseId) -> Result<()> {
        operations::delete::<Model>(self, actor, id).await
    }
}

impl Testware for Model {
    row_accessors!(test_case, CaseId);
    type Update = UpdateCase;
    type Query = CaseQuery;
    type View = TestCase;

    const SUBJECT: Subject = Subject::Case;
    const NAME_FIELD: &'static str = "title";

    fn name(&self) -> &str {
        &self.title
    }

    fn empty(state: &AppState, project: &project::Model, author: &Actor) -> Self {
        let now = state.clock.now();
        Self {
            id: state.ids.next(),
            project_id: project.id,
            number: 0,
            title: String::new(),
            search: SearchText::default(),
            preconditions: String::new(),
            steps: Steps::default(),
            priority: Priority::Medium,
            labels: Strings::default(),
            author_id: author.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    fn copy_onto(&self, empty: Self) -> Self {
        let Self { title, preconditions, steps, priority, labels, .. } = self.clone();
        Self { title, preconditions, steps, priority, labels, ..empty }
    }

    fn set_fields(&mut self, update: &mut UpdateCase) -> Result<()> {
        let mut checks = Checks::default();
        if let Some(title) = update.title.take().and_then(|title| checks.take("title", title.parse::<Title>())) {
            self.title = title.into_string();
        }
        if let Some(text) = update.preconditions.take().and_then(|text| checks.take("preconditions", text::long(text)))
        {
            self.preconditions = text;
        }
        if let Some(steps) = update.steps.take().and_then(|steps| checks.take("steps", checked_steps(steps))) {
            self.steps = Steps(steps);
        }
        if let Some(priority) = update.priority {
            self.priority = priority;
        }
        if let Some(labels) = update.labels.take().and_then(|labels| checks.take("labels", labels_of(&labels))) {
            self.labels = Strings(labels);
        }
        checks.finish()
    }

    fn changed_fields(before: &Self, after: &Self) -> Vec<&'static str> {
        let fields = [
            ("title", before.title != after.title),
            ("preconditions", before.preconditions != after.preconditions),
            ("steps", before.steps != after.steps),
            ("priority", before.priority != after.priority),
            ("labels", before.labels != after.labels),
        ];
        fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
    }

    fn page_and_search(query: &CaseQuery) -> (PageQuery, Option<&str>) {
        (query.page(), query.search.as_deref())
    }

    fn filter(mut select: Select<Entity>, query: &CaseQuery) -> Result<Select<Entity>> {
        if let Some(priority) = query.priority {
            select = select.filter(Column::Priority.eq(priority));
        }
        if let Some(label) = search::exact("label", query.label.as_deref())? {
            select = select.filter(search::has_label(Column::Labels, label));
        }
        Ok(select)
    }

    fn live_change(&self) -> ChangeKind {
        ChangeKind::CaseChanged { case_id: self.id }
    }

    fn event_data(&self, key: String, _: Counts, link: String) -> Value {
        json!({
            "id": self.id,
            "key": key,
            "title": self.title,
            "priority": self.priority,
            "labels": self.labels.0,
            "steps": self.steps.0.len(),
            "link": link,
        })
    }

    fn page_path(&self) -> String {
        format!("cases/{}", self.id)
    }

    fn view(self, key: String, author: String, _: Counts) -> TestCase {
        TestCase {
            id: self.id,
            project_id: self.project_id,
            key,
            title: self.title,
            preconditions: self.preconditions,
            steps: self.steps.0,
            priority: self.priority,
            labels: self.labels.0,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The steps without the blank ones, which a form leaves behind.
fn checked_steps(mut steps: Vec<Step>) -> Result<Vec<Step>, &'static str> {
    steps.retain(|step| !(step.action.trim().is_empty() && step.expected.trim().is_empty()));
    if steps.len() > MAX_STEPS {
        return Err("Use at most 100 steps.");
    }
    let long = |text: &str| text.chars().count() > MAX_STEP_CHARS;
    if steps.iter().any(|step| long(&step.action) || long(&step.expected)) {
        return Err("Use at most 4,000 characters for each action and each expected result.");
    }
    steps.iter().try_for_each(|step| text::storable(&step.action).and(text::storable(&step.expected)))?;
    Ok(steps)
}
