//! Test cases. Lists leave out a deleted case, but the runs that have it keep it.

mod demo;
mod rest;
pub mod table;

use app::error::{Checks, Result};
use app::model::text::Title;
use app::testware::case::{CaseQuery, Step, TestCase, UpdateCase};
use app::testware::execution::Counts;
use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::row::{Stored, TestwareRow, testware_row};
use crate::entity::json::{Steps, Strings};
use crate::events::cut_text;
use crate::service::issues::fields::labels_of;
use crate::service::{search, text};

const MAX_STEPS: usize = 100;
/// The number of steps that its events contain.
const MAX_EVENT_STEPS: usize = 50;
/// The maximum length of a step's action and expected result in characters.
const MAX_STEP_CHARS: usize = 4_000;

impl Stored for TestCase {
    type Row = Model;
}

impl TestwareRow for Model {
    testware_row! {
        table, TestCase,
        fields: {
            title = "title", preconditions = "preconditions", steps = "steps", priority = "priority", labels = "labels"
        },
        reset: {}
    }

    fn set_fields(&mut self, update: &mut UpdateCase) -> Result<()> {
        let mut checks = Checks::default();
        let title = update.title.take().map(|title| title.parse().map(Title::into_string));
        checks.set("title", &mut self.title, title);
        checks.set("preconditions", &mut self.preconditions, update.preconditions.take().map(text::long));
        let steps = update.steps.take().map(|steps| checked_steps(steps).map(Steps));
        checks.set("steps", &mut self.steps, steps);
        self.priority = update.priority.unwrap_or(self.priority);
        let labels = update.labels.take().map(|labels| labels_of(&labels).map(Strings));
        checks.set("labels", &mut self.labels, labels);
        checks.finish()
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

    fn event_data(&self) -> Value {
        json!({
            "title": self.title,
            "priority": self.priority,
            "labels": self.labels.0,
            "steps": self.steps.0.len(),
            "stepDetails": self.steps.0.iter().take(MAX_EVENT_STEPS).map(step_data).collect::<Vec<_>>(),
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
            priority: self.priority,
            labels: self.labels.0,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(case: TestCase) -> TestCase {
        case
    }
}

fn step_data(step: &Step) -> Value {
    json!({"action": cut_text(&step.action), "expected": cut_text(&step.expected)})
}

/// The steps without blank ones, which a form may contain.
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
