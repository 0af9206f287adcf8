//! Test runs and exploratory sessions, which share their pages.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

#[cfg(feature = "ssr")]
use super::durations;
use crate::api::InitialValues;
use crate::api::page_call::PageCall;
#[cfg(feature = "ssr")]
use crate::api::{authenticated, normalize_newlines, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::id::{IssueId, ProjectId, ResultId};
use crate::model::item_id::ItemId;
#[cfg(feature = "ssr")]
use crate::model::page::{MAX_LIMIT, PageQuery};
#[cfg(feature = "ssr")]
use crate::service::{Executions, Testware};
use crate::testware::case::CaseId;
use crate::testware::execution::{ResultStatus, State};
use crate::testware::item::Execution;
#[cfg(feature = "ssr")]
use crate::testware::item::{ExecutionFields, TestwareItem};
#[cfg(feature = "ssr")]
use crate::testware::milestone::Milestone;
#[cfg(feature = "ssr")]
use crate::testware::plan::TestPlan;
#[cfg(feature = "ssr")]
use crate::testware::result::AddResult as NewResult;
#[cfg(feature = "ssr")]
use crate::testware::run::RunCaseQuery;
#[cfg(feature = "ssr")]
use crate::{testware::api::unless_deleted, with_execution};

/// A run or a session with a page of its cases and one of its results. With `mine`, only the cases that are assigned to
/// the caller; with a status, only those that have it.
#[server(prefix = "/ui", endpoint = "executions/get", protocol = PageCall<GetUrl>)]
pub async fn read_execution(
    id: ItemId,
    #[server(default)] cases: Option<String>,
    #[server(default)] results: Option<String>,
    #[server(default)] mine: bool,
    #[server(default)] status: Option<ResultStatus>,
) -> Result<Execution> {
    let (service, actor) = authenticated()?;
    let uuid = id.uuid();
    let mine = mine.then_some(true);
    let cases = RunCaseQuery { limit: Some(MAX_LIMIT), cursor: cases, mine, status, ..RunCaseQuery::default() };
    let results = PageQuery { limit: None, cursor: results };
    let read = with_execution!(id.subject(), T => async {
        let execution: Execution = Testware::<T>::read(&*service, &actor, uuid.into()).await?.into();
        let cases = Executions::<T>::cases(&*service, &actor, uuid.into(), cases).await?;
        let results = Executions::<T>::results(&*service, &actor, uuid.into(), results).await?;
        let milestone = match execution.milestone_id {
            Some(id) => {
                let found = Testware::<Milestone>::read(&*service, &actor, id).await;
                unless_deleted(found.map(|found| found.milestone.into()))?
            }
            None => None,
        };
        let plan = match execution.plan_id {
            Some(id) => {
                let found = Testware::<TestPlan>::read(&*service, &actor, id).await;
                unless_deleted(found.map(|found| found.plan.into()))?
            }
            None => None,
        };
        Ok(Execution { milestone, plan, cases, results, ..execution })
    }.await, else Err(Error::NotFound));
    let mut execution = with_status(read)?;
    if id.subject() == Subject::TestRun {
        execution.public_url = with_status(service.public_link(&actor, uuid.into()).await)?.map(|link| link.url);
        if execution.item.completed_at.is_none() {
            let page = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
            let members = with_status(service.list_members(&actor, execution.item.project_id, page).await)?.items;
            let active = members.into_iter().filter(|member| member.active);
            execution.members = active.map(|member| (member.user_id, member.name)).collect();
        }
    }
    Ok(execution)
}

/// Creates a run or a session and redirects to it. `text` is the description of a run or the charter
/// of a session; `time_box` is in minutes.
#[server(prefix = "/ui", endpoint = "executions/create", protocol = PageCall<PostUrl>)]
pub async fn create_execution(
    project: ProjectId,
    subject: Subject,
    name: String,
    #[server(default)] text: String,
    #[server(default)] time_box: String,
    #[server(default)] milestone: String,
    #[server(default)] plan: String,
    #[server(default)] suite: String,
    #[server(default)] case_ids: Vec<CaseId>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let fields = ExecutionFields {
        name: Some(name),
        text: Some(normalize_newlines(&text)),
        time_box_minutes: with_status(durations::minutes(&time_box))?,
        milestone: Some(milestone),
        plan: Some(plan),
        state: None,
        case_ids: Some(case_ids),
        suite: Some(suite),
    };
    let created = with_execution!(subject, T => {
        Testware::<T>::create(&*service, &actor, project, fields.into()).await.map(TestwareItem::from)
    }, else Err(Error::NotFound));
    leptos_axum::redirect(&with_status(created)?.id.path(project));
    Ok(())
}

/// Changes the fields that were edited. The cases of a run change only with `with_cases`, which the
/// form sends once it has loaded them and others are selected.
#[server(prefix = "/ui", endpoint = "executions/update", protocol = PageCall<PostUrl>)]
pub async fn update_execution(
    id: ItemId,
    name: String,
    state: State,
    #[server(default)] text: String,
    #[server(default)] time_box: String,
    #[server(default)] milestone: String,
    #[server(default)] plan: String,
    #[server(default)] with_cases: bool,
    #[server(default)] case_ids: Vec<CaseId>,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let time_box_minutes = match initial.changed("time_box", &time_box) {
        Some(text) => Some(with_status(durations::minutes(&text))?.unwrap_or(0)),
        None => None,
    };
    let fields = ExecutionFields {
        name: initial.changed("name", &name),
        text: initial.changed("text", &text),
        time_box_minutes,
        milestone: initial.changed("milestone", &milestone),
        plan: initial.changed("plan", &plan),
        state: initial.selected("state", state, State::as_str),
        case_ids: with_cases.then_some(case_ids),
        suite: None,
    };
    let item = update(id, fields).await?;
    leptos_axum::redirect(&id.path(item.project_id));
    Ok(())
}

/// Moves a run or a session to another state.
#[server(prefix = "/ui", endpoint = "executions/set-state", protocol = PageCall<PostUrl>)]
pub async fn set_execution_state(id: ItemId, state: State) -> Result<()> {
    update(id, ExecutionFields { state: Some(state), ..ExecutionFields::default() }).await.map(drop)
}

#[cfg(feature = "ssr")]
async fn update(id: ItemId, fields: ExecutionFields) -> Result<TestwareItem> {
    let (service, actor) = authenticated()?;
    with_status(with_execution!(id.subject(), T => {
        Testware::<T>::update(&*service, &actor, id.uuid().into(), fields.into()).await.map(TestwareItem::from)
    }, else Err(Error::NotFound)))
}

/// Adds a result to a run or a session and redirects to it. `elapsed_minutes` may have a fraction. Returns the ID of the
/// result, to which the browser then attaches files.
#[server(prefix = "/ui", endpoint = "executions/add-result", protocol = PageCall<PostUrl>)]
pub async fn add_result(
    project: ProjectId,
    id: ItemId,
    status: ResultStatus,
    #[server(default)] case_id: Option<CaseId>,
    #[server(default)] comment: String,
    #[server(default)] elapsed_minutes: String,
    #[server(default)] issue_ids: Vec<IssueId>,
) -> Result<ResultId> {
    let (service, actor) = authenticated()?;
    let new = NewResult {
        case_id,
        status,
        comment: normalize_newlines(&comment),
        elapsed_seconds: with_status(durations::seconds(&elapsed_minutes))?,
        issue_ids,
    };
    let added = with_status(with_execution!(id.subject(), T => {
        Executions::<T>::add_result(&*service, &actor, id.uuid().into(), new).await
    }, else Err(Error::NotFound)))?;
    leptos_axum::redirect(&id.path(project));
    Ok(added.id)
}
