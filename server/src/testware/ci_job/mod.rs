//! CI jobs. A user or a script queues a job; the event tells the CI system to start it, and the CI system completes it.

mod demo;
mod fields;
mod rest;
mod service;
pub mod table;

use app::error::{Checks, Result};
use app::model::catalog::Verb;
use app::model::item_id::ItemId;
use app::model::text::Name;
use app::model::time::Millis;
use app::testware::automation::AutomationRunId;
use app::testware::ci_job::{CiJob, CiJobFields, CiJobQuery};
use app::testware::execution::Counts;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};
use serde_json::{Value, json};
use table::{Column, Entity, Model};

use super::automation::table as automation_run;
use super::events;
use super::row::{Stored, TestwareRow, testware_row};
use crate::config::Config;
use crate::entity::json::Parameters;
use crate::entity::project;
use crate::service::issues::fields::address;
use crate::storage::Tx;

impl Stored for CiJob {
    type Row = Model;
}

#[async_trait]
impl TestwareRow for Model {
    testware_row! {
        table, CiJob,
        fields: { name = "name", branch = "branch", commit = "commit", url = "url", parameters = "parameters" },
        reset: { status, automation_run_id, started_at, completed_at }
    }

    const CREATED: Verb = Verb::Queued;
    const HAS_OUTCOME: bool = true;
    const COMPLETED_AT: Option<Column> = Some(Column::CompletedAt);

    fn set_fields(&mut self, update: &mut CiJobFields) -> Result<()> {
        let mut checks = Checks::default();
        let name = update.name.take().map(|name| name.parse().map(Name::into_string));
        checks.set("name", &mut self.name, name);
        checks.set("branch", &mut self.branch, update.branch.take().map(|text| fields::branch(&text)));
        checks.set("commit", &mut self.commit, update.commit.take().map(|text| fields::commit(&text)));
        checks.set("url", &mut self.url, update.url.take().map(|url| address(&url)));
        let parameters = update.parameters.take().map(|all| fields::parameters(all).map(Parameters));
        checks.set("parameters", &mut self.parameters, parameters);
        checks.finish()
    }

    fn filter(select: Select<Entity>, query: &CiJobQuery) -> Result<Select<Entity>> {
        Ok(match query.status {
            Some(status) => select.filter(Column::Status.eq(status)),
            None => select,
        })
    }

    fn event_data(&self) -> Value {
        json!({
            "name": self.name,
            "branch": self.branch,
            "commit": self.commit,
            "url": self.url,
            "parameters": self.parameters.0,
            "status": self.status,
            "queuedAt": self.created_at.text(),
            "startedAt": self.started_at.text(),
        })
    }

    fn view(self, key: String, author: String, _: Counts) -> CiJob {
        CiJob {
            id: self.id,
            project_id: self.project_id,
            key,
            name: self.name,
            branch: self.branch,
            commit: self.commit,
            url: self.url,
            parameters: self.parameters.0,
            status: self.status,
            automation_run_id: self.automation_run_id,
            author,
            queued_at: self.created_at,
            started_at: self.started_at,
            completed_at: self.completed_at,
            updated_at: self.updated_at,
        }
    }

    fn detail(job: CiJob) -> CiJob {
        job
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
        config: &Config,
    ) -> Result<Value, DbErr> {
        let run = match self.automation_run_id {
            Some(id) => automation_run::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let duration = self.clone().view(String::new(), String::new(), Counts::default()).duration_seconds();
        let counts = run.as_ref().map(automation_run::Model::counted);
        let reference = run.map(|run| {
            let mut reference = events::reference(project, &run);
            reference["link"] = json!(config.link(&ItemId::from(run.id).path(project.id)));
            reference
        });
        Ok(json!({
            "outcome": self.status,
            "durationSeconds": duration,
            "automationRun": reference,
            "counts": counts,
            "total": counts.map(|counts| counts.total()),
        }))
    }
}

/// Removes a deleted automation run from the job that it belongs to, whose open pages follow.
pub async fn detach(tx: &Tx<'_>, run: AutomationRunId) -> Result<(), DbErr> {
    let jobs = Entity::update_many()
        .col_expr(Column::AutomationRunId, Expr::value(None::<Uuid>))
        .filter(Column::AutomationRunId.eq(run))
        .exec_with_returning(tx.db())
        .await?;
    jobs.into_iter().for_each(|job| events::show_change(tx, job.project_id, job.id.into()));
    Ok(())
}
