//! Runs imports in the background, and finds those that were interrupted.

use std::time::Duration;

use app::error::Error;
use app::imports::ImportStatus;
use app::model::people::Actor;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::check::CheckedCase;
use super::running::RunningImport;
use super::table::{ActiveModel, Column, Entity, Model};
use super::write::write;
use crate::app_state::AppState;
use crate::service::TxError;
use crate::storage::report_outage;

/// How often to look for imports that were interrupted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);
/// Another node begins an import within this time after its row, and then has the row locked.
const START_GRACE: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
const INTERRUPTED: &str = "The server stopped before the end. No case was created. Start the import again.";

/// Runs until `shutdown`, and then until the running imports have ended.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    while !shutdown.is_cancelled() {
        if let Err(error) = end_interrupted(&state).await {
            report_outage(&error, "failed to look for interrupted imports");
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = state.clock.sleep(SWEEP_INTERVAL) => {}
        }
    }
    state.imports.tasks.close();
    state.imports.tasks.wait().await;
}

/// Ends imports that no node runs.
async fn end_interrupted(state: &AppState) -> Result<(), DbErr> {
    let open = Column::FinishedAt.is_null();
    // Most of the time there is none, and nothing to write.
    if Entity::find().filter(open.clone()).one(state.store.read()).await?.is_none() {
        return Ok(());
    }
    let state_in_tx = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let own = state_in_tx.imports.ids();
            let mut found = Entity::find().filter(open).filter(Column::Id.is_not_in(own));
            if state_in_tx.nodes.is_some() {
                found = found
                    .filter(Column::RequestedAt.lt(state_in_tx.clock.now() - START_GRACE))
                    .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            for row in found.all(tx.db()).await? {
                end(&state_in_tx, row, ImportStatus::Interrupted, INTERRUPTED).update(tx.db()).await?;
            }
            Ok::<_, DbErr>(())
        })
    });
    change.await
}

/// Runs an import whose row is committed.
pub fn start(state: &AppState, import: Model, cases: Vec<CheckedCase>, by: Actor, running: RunningImport) {
    let (of_task, tasks) = (state.clone(), state.imports.tasks.clone());
    let span = tracing::info_span!("import", import = %import.id, project = %import.project_id);
    tasks.spawn(async move { import_cases(of_task, import, cases, by, running).await }.instrument(span));
}

async fn import_cases(state: AppState, import: Model, cases: Vec<CheckedCase>, by: Actor, running: RunningImport) {
    let (state_in_tx, row, done) = (state.clone(), import.clone(), running.done());
    let change =
        state.store.write(move |tx| Box::pin(async move { write(&state_in_tx, tx, &row, cases, &by, &done).await }));
    let result: Result<(), TxError> = change.await;
    if let Err(error) = result {
        let error = Error::from(error);
        tracing::warn!(%error, "an import failed");
        let state_in_tx = state.clone();
        let failed = state.store.write(move |tx| {
            Box::pin(async move {
                // It may have been found interrupted.
                let row = Entity::find_by_id(import.id).lock_exclusive().one(tx.db()).await?;
                if let Some(row) = row.filter(|row| row.finished_at.is_none()) {
                    end(&state_in_tx, row, ImportStatus::Failed, &error.to_string()).update(tx.db()).await?;
                }
                Ok::<_, DbErr>(())
            })
        });
        // If that fails too, it is found interrupted.
        if let Err(error) = failed.await {
            report_outage(&error, "failed to record a failed import");
        }
    }
    // Its progress is known until its row has the result.
    drop(running);
}

fn end(state: &AppState, row: Model, status: ImportStatus, why: &str) -> ActiveModel {
    ActiveModel {
        id: Set(row.id),
        status: Set(status),
        error: Set(Some(why.to_owned())),
        finished_at: Set(Some(state.clock.now())),
        ..Default::default()
    }
}
