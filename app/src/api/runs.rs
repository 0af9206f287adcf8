//! Test runs and their results.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json};

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::id::{ProjectId, RunId};
use crate::model::page::{Page, PageQuery};
use crate::model::test_run::{CreateRun as NewRun, RunCase, TestRun, UpdateRun as RunChange};
use crate::model::testware::{AddResult as NewResult, TestResult, WorkQuery};

/// The test runs of a project, the newest first.
#[server(prefix = "/ui", endpoint = "runs/list", input = GetUrl, output = Text)]
pub async fn list_runs(project: ProjectId, #[server(default)] query: WorkQuery) -> Result<Page<TestRun>> {
    let (service, actor) = caller()?;
    told(service.list_runs(&actor, project, query).await)
}

/// One run.
#[server(prefix = "/ui", endpoint = "runs/get", input = GetUrl, output = Text)]
pub async fn read_run(id: RunId) -> Result<TestRun> {
    let (service, actor) = caller()?;
    told(service.run(&actor, id).await)
}

/// The cases of a run, in order.
#[server(prefix = "/ui", endpoint = "runs/cases", input = GetUrl, output = Text)]
pub async fn list_run_cases(id: RunId, #[server(default)] page: PageQuery) -> Result<Page<RunCase>> {
    let (service, actor) = caller()?;
    told(service.run_cases(&actor, id, page).await)
}

/// The results of a run, the newest first.
#[server(prefix = "/ui", endpoint = "runs/results", input = GetUrl, output = Text)]
pub async fn list_run_results(id: RunId, #[server(default)] page: PageQuery) -> Result<Page<TestResult>> {
    let (service, actor) = caller()?;
    told(service.run_results(&actor, id, page).await)
}

/// Makes a run.
#[server(prefix = "/ui", endpoint = "runs/create", input = Json, output = Text)]
pub async fn create_run(project: ProjectId, new: NewRun) -> Result<TestRun> {
    let (service, actor) = caller()?;
    told(service.create_run(&actor, project, new).await)
}

/// Changes a run.
#[server(prefix = "/ui", endpoint = "runs/update", input = Json, output = Text)]
pub async fn update_run(id: RunId, change: RunChange) -> Result<TestRun> {
    let (service, actor) = caller()?;
    told(service.update_run(&actor, id, change).await)
}

/// Makes a copy of a run, without its results.
#[server(prefix = "/ui", endpoint = "runs/duplicate", output = Text)]
pub async fn duplicate_run(id: RunId) -> Result<TestRun> {
    let (service, actor) = caller()?;
    told(service.duplicate_run(&actor, id).await)
}

/// Completes a run.
#[server(prefix = "/ui", endpoint = "runs/complete", output = Text)]
pub async fn complete_run(id: RunId) -> Result<TestRun> {
    let (service, actor) = caller()?;
    told(service.complete_run(&actor, id).await)
}

/// Adds a result to a run.
#[server(prefix = "/ui", endpoint = "runs/add-result", input = Json, output = Text)]
pub async fn add_run_result(id: RunId, new: NewResult) -> Result<TestResult> {
    let (service, actor) = caller()?;
    told(service.add_run_result(&actor, id, new).await)
}

/// Deletes a run.
#[server(prefix = "/ui", endpoint = "runs/delete", output = Text)]
pub async fn delete_run(id: RunId) -> Result<()> {
    let (service, actor) = caller()?;
    told(service.delete_run(&actor, id).await)
}
