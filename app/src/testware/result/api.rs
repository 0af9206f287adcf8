//! The results of runs and sessions. [`execution::api`](crate::testware::execution::api) adds them.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::PostUrl;

use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::id::{IssueId, ProjectId, ResultId};
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::service::Executions;
use crate::testware::attachment::AttachmentId;
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;
#[cfg(feature = "ssr")]
use crate::testware::execution::durations;
use crate::testware::run::RunId;
#[cfg(feature = "ssr")]
use crate::testware::{
    result::{AddResult, UpdateResult as ResultChange},
    run::TestRun,
};

/// Adds a result with a status only to a case of a run.
#[server(prefix = "/ui", endpoint = "results/set-status", protocol = PageCall<PostUrl>)]
pub async fn set_case_status(run: RunId, case: CaseId, status: ResultStatus) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new =
        AddResult { case_id: Some(case), status, comment: String::new(), elapsed_seconds: None, issue_ids: Vec::new() };
    with_status(Executions::<TestRun>::add_result(&*service, &actor, run, new).await.map(drop))
}

/// Changes the fields that were edited, and redirects to the run or session. The issues change only with `with_issues`.
/// Returns the ID, to which the browser then attaches files.
#[server(prefix = "/ui", endpoint = "results/update", protocol = PageCall<PostUrl>)]
pub async fn update_result(
    project: ProjectId,
    parent: ItemId,
    id: ResultId,
    status: ResultStatus,
    #[server(default)] comment: String,
    #[server(default)] elapsed_minutes: String,
    #[server(default)] with_issues: bool,
    #[server(default)] issue_ids: Vec<IssueId>,
    #[server(default)] delete_attachments: Vec<AttachmentId>,
    #[server(default)] initial: InitialValues,
) -> Result<ResultId> {
    let (service, actor) = authenticated()?;
    let elapsed_seconds = match initial.changed("elapsed_minutes", &elapsed_minutes) {
        Some(text) => Some(with_status(durations::seconds(&text))?.unwrap_or(0)),
        None => None,
    };
    let change = ResultChange {
        status: initial.selected("status", status, ResultStatus::as_str),
        comment: initial.changed("comment", &comment),
        elapsed_seconds,
        issue_ids: with_issues.then_some(issue_ids),
    };
    with_status(service.update_result(&actor, id, change).await)?;
    for attachment in delete_attachments {
        match service.delete_attachment(&actor, attachment).await {
            // Someone else has deleted it.
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return with_status(Err(error)),
        }
    }
    leptos_axum::redirect(&parent.path(project));
    Ok(id)
}

/// Deletes a result.
#[server(prefix = "/ui", endpoint = "results/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_result(id: ResultId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_result(&actor, id).await)
}
