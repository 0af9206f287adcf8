//! The loop that reads issues from their trackers. An event may be late, lost or incomplete; the
//! tracker has the current state.
//!
//! Each project has at most one worker, and their number is limited: a slow tracker delays only its
//! own project. A tracker's rate limit is stored in the integration, so that all its issues wait, on
//! every node.

use std::collections::HashMap;
use std::time::Duration;

use app::model::id::ProjectId;
use sea_orm::DbErr;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::issue_sync::sync_next;
use super::sync_queue::queued_projects;
use super::sync_restart::release_syncs;
use crate::app_state::AppState;
use crate::storage::report_outage;

/// Projects that are synced at the same time.
const MAX_WORKERS: usize = 8;
/// The longest sleep, after which the loop finds what another node's crash left behind.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// After the database failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Runs until `shutdown`. Requests in flight are dropped then, and their leases expire.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    if let Err(error) = release_syncs(&state).await {
        // They are due once their leases expire.
        report_outage(&error, "failed to release interrupted issue syncs");
    }
    let mut workers = JoinSet::new();
    let mut projects: HashMap<Id, ProjectId> = HashMap::new();
    loop {
        let busy: Vec<ProjectId> = projects.values().copied().collect();
        let began = state.clock.instant();
        let wait = match due_projects(&state, &busy).await {
            Ok((due, wait)) => {
                for project in due {
                    let state = state.clone();
                    let span = tracing::info_span!("issue_sync", %project, issue = tracing::field::Empty);
                    let worker = workers.spawn(async move { sync_project(&state, project).await }.instrument(span));
                    projects.insert(worker.id(), project);
                }
                wait
            }
            Err(error) => {
                report_outage(&error, "failed to find the issues to sync");
                RETRY_INTERVAL
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.sync.notified() => {}
            () = state.clock.sleep_until(began + wait) => {}
            Some(ended) = workers.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                projects.remove(&id);
            }
        }
    }
}

/// Projects that have an issue to sync now and no worker, and how long to wait before the next look.
async fn due_projects(state: &AppState, busy: &[ProjectId]) -> Result<(Vec<ProjectId>, Duration), DbErr> {
    let now = state.clock.schedule_now();
    let mut due = Vec::new();
    let mut next_look = now + SWEEP_INTERVAL;
    for project in queued_projects(state, now).await? {
        let at = project.paused_until.map_or(project.due_at, |paused| paused.max(project.due_at));
        if at > now {
            next_look = next_look.min(at);
        } else if !busy.contains(&project.id) {
            due.push(project.id);
        }
    }
    // The others follow as soon as a worker ends.
    due.truncate(MAX_WORKERS.saturating_sub(busy.len()));
    Ok((due, (next_look - now).to_std().unwrap_or_default()))
}

/// Syncs the due issues of a project one after the other.
async fn sync_project(state: &AppState, project: ProjectId) {
    loop {
        match sync_next(state, project).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                report_outage(&error, "failed to sync an issue");
                state.clock.sleep(RETRY_INTERVAL).await;
                return;
            }
        }
    }
}
