//! Shared steps: steps that several test cases use.

mod demo;
mod rest;
pub mod table;
pub mod uses;

use app::error::{Checks, Result};
use app::model::people::Actor;
use app::model::text::Name;
use app::testware::case::Step;
use app::testware::execution::Counts;
use app::testware::shared_step::{SharedStep, SharedStepQuery, UpdateSharedStep};
use async_trait::async_trait;
use sea_orm::{DbErr, Select};
use serde_json::{Value, json};
use table::{Entity, Model};

use super::case::steps;
use super::row::{Stored, TestwareRow, testware_row};
use crate::app_state::AppState;
use crate::entity::json::Steps;
use crate::entity::project;
use crate::events::FieldChange;
use crate::storage::Tx;

impl Stored for SharedStep {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, SharedStep,
        fields: { name = "name", steps = "steps" },
        reset: {}
    }

    fn set_fields(&mut self, update: &mut UpdateSharedStep) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        let present = self.steps.0.len();
        let steps = update.steps.take().map(|steps| own_steps(steps, present).map(Steps));
        checks.set("steps", &mut self.steps, steps);
        checks.finish()
    }

    fn filter(select: Select<Entity>, _: &SharedStepQuery) -> Result<Select<Entity>> {
        Ok(select)
    }

    fn event_data(&self) -> Value {
        let Value::Object(mut data) = steps::event_data(&self.steps.0) else { return Value::Null };
        data.insert("name".to_owned(), json!(self.name));
        Value::Object(data)
    }

    fn view(self, key: String, author: String, _: Counts) -> SharedStep {
        SharedStep {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            steps: self.steps.0,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(shared: SharedStep) -> SharedStep {
        shared
    }

    async fn record(
        &self,
        _: &AppState,
        tx: &Tx<'_>,
        project: &project::Model,
        _: (Option<&Self>, &[FieldChange]),
        _: &Actor,
    ) -> Result<(), DbErr> {
        uses::show_cases(tx, project.id, self.id).await
    }

    async fn detach(&self, tx: &Tx<'_>, _: &project::Model) -> Result<(), DbErr> {
        uses::replace_by_steps(tx, self).await
    }
}

/// The steps of a shared step: at least one, and none that refers to another one.
fn own_steps(all: Vec<Step>, present: usize) -> Result<Vec<Step>, &'static str> {
    if all.iter().any(|step| step.shared_step_id.is_some()) {
        return Err("A shared step can't contain another one.");
    }
    let all = steps::checked(all, present)?;
    if all.is_empty() { Err("Add at least one step.") } else { Ok(all) }
}
