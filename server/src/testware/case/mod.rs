//! Test cases. Lists leave out a deleted case, but the runs that have it keep it.

pub mod automation_link;
mod bulk;
mod demo;
pub mod diff;
mod rest;
pub mod steps;
pub mod table;
pub mod versions;

use app::error::{Checks, Result};
use app::model::catalog::Verb;
use app::model::item_id::ItemId;
use app::model::people::Actor;
use app::model::text::Title;
use app::testware::case::{CaseContent, CaseQuery, CaseState, TestCase, UpdateCase};
use app::testware::execution::Counts;
use app::testware::item::CopiedCases;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::custom_field::values;
use super::row::{Stored, TestwareRow, testware_row};
use super::shared_step::uses;
use super::suite;
use crate::app_state::AppState;
use crate::entity::json::{Steps, Strings};
use crate::entity::project;
use crate::events::{FieldChange, cut_text};
use crate::service::issues::fields::labels_of;
use crate::service::{TxError, search, text};
use crate::storage::Tx;

impl Stored for TestCase {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, TestCase,
        fields: {
            title = "title", preconditions = "preconditions", steps = "steps", suite_id = "suiteId",
            priority = "priority", labels = "labels"
        },
        reset: { state, automation_links }
    }

    fn set_fields(&mut self, update: &mut UpdateCase) -> Result<()> {
        let mut checks = Checks::default();
        let title = update.title.take().map(|title| title.parse().map(Title::into_string));
        checks.set("title", &mut self.title, title);
        checks.set("preconditions", &mut self.preconditions, update.preconditions.take().map(text::long));
        let used = uses::used(&self.steps.0);
        let present = self.steps.0.len();
        let steps = update.steps.clone().map(|steps| steps::checked(steps, present).map(Steps));
        checks.set("steps", &mut self.steps, steps);
        if used.is_empty() && uses::used(&self.steps.0).is_empty() {
            // There is nothing to store or to check.
            update.steps = None;
        }
        let before = self.suite_id;
        checks.set("suiteId", &mut self.suite_id, update.suite_id.as_deref().map(suite::parse));
        if self.suite_id == before {
            // It needs no check.
            update.suite_id = None;
        }
        self.priority = update.priority.unwrap_or(self.priority);
        let labels = update.labels.take().map(|labels| labels_of(&labels).map(Strings));
        checks.set("labels", &mut self.labels, labels);
        self.state = update.state.unwrap_or(self.state);
        let links = update.automation_links.as_deref().map(|links| automation_link::checked(links).map(Strings));
        checks.set("automationLinks", &mut self.automation_links, links);
        checks.finish()
    }

    fn filter(mut select: Select<Entity>, query: &CaseQuery) -> Result<Select<Entity>> {
        if let Some(suite) = query.suite {
            select = select.filter(Column::SuiteId.eq(suite));
        }
        if let Some(shared) = query.shared_step {
            select = select.filter(Column::Id.in_subquery(uses::cases_with(shared)));
        }
        if let Some(priority) = query.priority {
            select = select.filter(Column::Priority.eq(priority));
        }
        if let Some(label) = search::exact("label", query.label.as_deref())? {
            select = select.filter(search::has_label(Column::Labels, label));
        }
        let link = search::exact("automationLink", query.automation_link.as_deref())?;
        // A test that is looked up has its case also if that is archived.
        let state = query.state.or(link.is_none().then_some(CaseState::Active));
        if let Some(link) = link {
            select = select.filter(Column::Id.in_subquery(automation_link::case_with(link)));
        }
        if let Some(state) = state {
            select = select.filter(Column::State.eq(state));
        }
        Ok(select)
    }

    fn open(select: Select<Entity>) -> Select<Entity> {
        select.filter(Column::State.eq(CaseState::Active))
    }

    fn own_changes(before: &Self, after: &Self) -> Vec<(Verb, FieldChange)> {
        let state = FieldChange::between("state", &before.state, &after.state);
        let links = FieldChange::between("automationLinks", &before.automation_links.0, &after.automation_links.0);
        let state = state.map(|change| (Verb::StateChanged, change));
        state.into_iter().chain(links.map(|change| (Verb::AutomationLinksChanged, change))).collect()
    }

    async fn set_related(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        update: &mut UpdateCase,
    ) -> Result<Vec<FieldChange>, TxError> {
        if update.suite_id.take().is_some() {
            suite::check(tx, project.id, self.suite_id).await?;
        }
        if update.steps.take().is_some() {
            uses::set(tx, project.id, self.id, &self.steps.0).await?;
        }
        if update.automation_links.take().is_some() {
            automation_link::set(tx, project, self.id, &self.automation_links.0).await?;
        }
        let values = values::set(tx, project, self.id, std::mem::take(&mut update.custom_fields)).await?;
        Ok(values.into_iter().collect())
    }

    fn part_of(&self) -> Vec<ItemId> {
        let shared = uses::used(&self.steps.0).into_iter().map(ItemId::from);
        self.suite_id.map(ItemId::from).into_iter().chain(shared).collect()
    }

    async fn related_data<C: ConnectionTrait>(&self, db: &C, project: &project::Model) -> Result<Value, DbErr> {
        let steps = uses::expanded(db, &self.steps.0).await?;
        let mut data = steps::event_data(&steps);
        let mut values = values::of_cases(db, project.id, std::iter::once(self.id)).await?;
        data["customFields"] = json!(values.remove(&self.id).unwrap_or_default());
        data["suite"] = suite::reference(db, project, self.suite_id).await?;
        Ok(data)
    }

    async fn record(
        &self,
        state: &AppState,
        tx: &Tx<'_>,
        project: &project::Model,
        (before, changes): (Option<&Self>, &[FieldChange]),
        by: &Actor,
    ) -> Result<(), DbErr> {
        versions::record(state, tx, project, (before, self), changes, by).await
    }

    async fn detach(&self, tx: &Tx<'_>, _: &project::Model) -> Result<(), DbErr> {
        automation_link::delete(tx, self.id).await
    }

    async fn copy_related(
        &self,
        _: &AppState,
        tx: &Tx<'_>,
        _: &project::Model,
        copy: &Self,
        _: CopiedCases,
    ) -> Result<(), TxError> {
        let used = uses::used(&copy.steps.0);
        uses::insert(tx, used.into_iter().map(|shared| (shared, copy.id))).await?;
        Ok(values::copy(tx, &[(self.id, copy.id)].into()).await?)
    }

    async fn complete_views<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        views: &mut [TestCase],
    ) -> Result<(), DbErr> {
        let mut values = values::of_cases(db, project.id, views.iter().map(|case| case.id)).await?;
        for case in views {
            case.custom_fields = values.remove(&case.id).unwrap_or_default();
        }
        Ok(())
    }

    fn event_data(&self) -> Value {
        json!({
            "title": self.title,
            "priority": self.priority,
            "labels": self.labels.0,
            "state": self.state,
            "automationLinks": self.automation_links.0,
            "preconditions": cut_text(&self.preconditions),
        })
    }

    fn view(self, key: String, author: String, _: Counts) -> TestCase {
        TestCase {
            id: self.id,
            project_id: self.project_id,
            key,
            title: self.title,
            preconditions: self.preconditions,
            steps: self.steps.0,
            suite_id: self.suite_id,
            priority: self.priority,
            labels: self.labels.0,
            state: self.state,
            automation_links: self.automation_links.0,
            custom_fields: Vec::new(),
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(case: TestCase) -> TestCase {
        case
    }
}

impl Model {
    /// What reviews propose to change.
    #[must_use]
    pub fn content(&self) -> CaseContent {
        CaseContent {
            title: self.title.clone(),
            preconditions: self.preconditions.clone(),
            steps: self.steps.0.clone(),
            priority: self.priority,
            labels: self.labels.0.clone(),
        }
    }
}
