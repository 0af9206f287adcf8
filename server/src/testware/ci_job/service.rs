//! What happens to a CI job after it was queued: the CI system starts and completes it.

use app::error::{Checks, Error, Result};
use app::model::account::TokenScope;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::service::CiJobs;
use app::testware::automation::AutomationRunId;
use app::testware::ci_job::{CiJob, CiJobFields, CiJobId, CiJobStatus, CompleteCiJob, UpdateCiJob};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::table::Model;
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::automation::table as automation_run;
use crate::testware::items;
use crate::testware::row::TestwareRow;

#[async_trait]
impl CiJobs for AppState {
    async fn update_ci_job(&self, actor: &Actor, id: CiJobId, change: UpdateCiJob) -> Result<CiJob> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<Model>(self, actor, id).await?.1;
        let (state, parent) = (self.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let before = items::lock_open::<Model>(tx, &parent, id).await?;
                let mut after = before.clone();
                after.update(change, state.clock.now())?;
                if after != before {
                    items::save(&state, tx, &mut after).await?;
                    items::show(tx, &parent, &after);
                }
                Ok::<_, TxError>(after)
            })
        });
        items::view(self, &project, change.await?).await
    }

    async fn complete_ci_job(&self, actor: &Actor, id: CiJobId, complete: CompleteCiJob) -> Result<CiJob> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<Model>(self, actor, id).await?.1;
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = items::lock_open::<Model>(tx, &parent, id).await?;
                row.set_fields(&mut CiJobFields { url: complete.url, ..CiJobFields::default() })?;
                row.status = complete.outcome.into();
                if let Some(run) = complete.automation_run_id {
                    check_automation_run(tx, parent.id, run).await?;
                    row.automation_run_id = Some(run);
                }
                items::complete(&state, tx, &parent, &mut row, Some(&by)).await?;
                Ok::<_, TxError>(row)
            })
        });
        items::view(self, &project, change.await?).await
    }
}

impl Model {
    fn update(&mut self, change: UpdateCiJob, now: DateTime<Utc>) -> Result<()> {
        let UpdateCiJob { status, branch, commit, url } = change;
        let mut checks = Checks::default();
        let mut fields = CiJobFields { branch, commit, url, ..CiJobFields::default() };
        checks.take_invalid(self.set_fields(&mut fields))?;
        match (self.status, status) {
            (CiJobStatus::Queued, Some(CiJobStatus::Running)) => {
                self.status = CiJobStatus::Running;
                self.started_at = Some(now);
            }
            (current, Some(wanted)) if current != wanted => {
                let message = if wanted == CiJobStatus::Queued {
                    "A running job can't be queued again. Queue another one."
                } else {
                    "Send the outcome to /ci-jobs/{id}/complete."
                };
                checks.require(false, "status", message);
            }
            _ => {}
        }
        checks.finish()
    }
}

/// Checks that the automation run can be linked. It stays until the change is committed.
async fn check_automation_run(tx: &Tx<'_>, project: ProjectId, id: AutomationRunId) -> Result<(), TxError> {
    let found = automation_run::Entity::find_by_id(id)
        .filter(automation_run::Column::ProjectId.eq(project))
        .filter(automation_run::Column::DeletedAt.is_null())
        .lock_shared()
        .one(tx.db())
        .await?;
    match found {
        Some(_) => Ok(()),
        None => Err(Error::field("automationRunId", "Send the ID of an automation run of this project.").into()),
    }
}
