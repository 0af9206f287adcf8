//! Automation runs: the results of automated tests, as a tool reported them. A run belongs to the CI that reported it,
//! and only its name and its URL are entered by people.

mod demo;
pub mod formats;
mod record;
mod rest;
pub mod result_table;
mod results;
pub mod table;

use app::error::{Checks, Result};
use app::model::text::Name;
use app::testware::automation::{AutomationRun, AutomationRunFields, AutomationRunQuery};
use app::testware::execution::Counts;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::ci_job;
use super::row::{Stored, TestwareRow, testware_row};
use super::search;
use crate::config::Config;
use crate::entity::project;
use crate::service::issues::fields::address;
use crate::storage::Tx;

impl Stored for AutomationRun {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, AutomationRun,
        fields: { name = "name", url = "url" },
        reset: { format, passed, failed, skipped, duration_ms, created_cases, completed_at }
    }

    const COMPLETED_AT: Option<Column> = Some(Column::CompletedAt);

    fn set_fields(&mut self, update: &mut AutomationRunFields) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("url", &mut self.url, update.url.take().map(|url| address(&url)));
        checks.finish()
    }

    fn filter(select: Select<Entity>, query: &AutomationRunQuery) -> Result<Select<Entity>> {
        Ok(search::completed::<Self>(select, query.completed))
    }

    fn event_data(&self) -> Value {
        let counts = self.counted();
        json!({
            "name": self.name,
            "url": self.url,
            "format": self.format,
            "durationMs": self.duration_ms,
            "createdCases": self.created_cases,
            "counts": counts,
            "total": counts.total(),
        })
    }

    fn view(self, key: String, author: String, _: Counts) -> AutomationRun {
        AutomationRun {
            id: self.id,
            project_id: self.project_id,
            key,
            counts: self.counted(),
            name: self.name,
            url: self.url,
            format: self.format,
            duration_ms: self.duration_ms.unsigned_abs(),
            created_cases: self.created_cases.unsigned_abs(),
            completed_at: self.completed_at,
            author,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(run: AutomationRun) -> AutomationRun {
        run
    }

    async fn detach(&self, tx: &Tx<'_>, _: &project::Model) -> Result<(), DbErr> {
        ci_job::detach(tx, self.id).await?;
        result_table::Entity::delete_many().filter(result_table::Column::RunId.eq(self.id)).exec(tx.db()).await?;
        Ok(())
    }

    fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.completed_at
    }

    fn set_completed_at(&mut self, at: DateTime<Utc>) {
        self.completed_at = Some(at);
    }

    async fn completed_data<C: ConnectionTrait>(
        &self,
        db: &C,
        project: &project::Model,
        _: &Config,
    ) -> Result<Value, DbErr> {
        results::summary(db, project, self).await
    }
}

impl Model {
    /// The number of its results.
    fn results(&self) -> usize {
        usize::try_from(self.counted().total()).unwrap_or(usize::MAX)
    }

    /// Its results by status.
    pub fn counted(&self) -> Counts {
        Counts {
            passed: self.passed.unsigned_abs(),
            failed: self.failed.unsigned_abs(),
            skipped: self.skipped.unsigned_abs(),
            ..Counts::default()
        }
    }
}
