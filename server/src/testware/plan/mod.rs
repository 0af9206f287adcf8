//! Test plans: several runs, and their progress.

mod demo;
mod rest;
pub mod table;

use std::collections::HashMap;

use app::error::{Checks, Result};
use app::model::text::Name;
use app::testware::execution::Counts;
use app::testware::group::GroupQuery;
use app::testware::plan::{PlanDetail, PlanId, TestPlan, UpdatePlan};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::group::{self, GroupRow};
use super::row::{Stored, TestwareRow, testware_row};
use super::run::table as test_run;
use super::search;
use super::session::table as test_session;
use crate::entity::project;
use crate::events::cut_text;
use crate::markup;
use crate::service::text;
use crate::storage::Tx;

impl Stored for TestPlan {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, TestPlan,
        fields: { name = "name", description = "description" },
        reset: { completed_at }
    }

    const HAS_COUNTS: bool = true;
    const COMPLETED_AT: Option<Column> = Some(Column::CompletedAt);

    fn set_fields(&mut self, update: &mut UpdatePlan) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("description", &mut self.description, update.description.take().map(text::long));
        checks.finish()
    }

    fn filter(select: Select<Entity>, query: &GroupQuery) -> Result<Select<Entity>> {
        Ok(search::completed::<Self>(select, query.completed))
    }

    fn event_data(&self) -> Value {
        json!({"name": self.name, "description": cut_text(&self.description)})
    }

    fn view(self, key: String, author: String, counts: Counts) -> TestPlan {
        TestPlan {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            description: self.description,
            completed_at: self.completed_at,
            counts,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(plan: TestPlan) -> PlanDetail {
        PlanDetail { description_html: markup::to_safe_html(&plan.description), plan }
    }

    async fn counts<C: ConnectionTrait>(db: &C, ids: &[PlanId]) -> Result<HashMap<PlanId, Counts>, DbErr> {
        group::counts::<Self>(db, ids).await
    }

    async fn detach(&self, tx: &Tx<'_>, project: &project::Model) -> Result<(), DbErr> {
        group::detach::<Self>(tx, project.id, self.id).await
    }

    fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.completed_at
    }

    fn set_completed_at(&mut self, at: DateTime<Utc>) {
        self.completed_at = Some(at);
    }
}

impl GroupRow for Model {
    const FIELD: &'static str = "planId";
    const UNKNOWN: &'static str = "Choose an open test plan of this project.";
    const OF_RUN: test_run::Column = test_run::Column::PlanId;
    const OF_SESSION: Option<test_session::Column> = None;
}
