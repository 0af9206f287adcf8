//! Test runs and exploratory sessions, which share their pages.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::InitialValues;
use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, durations, normalize_newlines, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::id::{CaseId, IssueId, ProjectId};
use crate::model::item::{Execution, ItemId};
use crate::model::testware::{ResultStatus, State};
#[cfg(feature = "ssr")]
use crate::{
    model::{
        page::{MAX_LIMIT, PageQuery},
        test_run::{CreateRun, TestRun, UpdateRun},
        test_session::{CreateSession, TestSession, UpdateSession},
        testware::AddResult as NewResult,
    },
    service::{Executions, Testware},
};

/// A run or a session with a page of its cases and one of its results.
#[server(prefix = "/ui", endpoint = "executions/get", protocol = PageCall<GetUrl>)]
pub async fn read_execution(
    id: ItemId,
    #[server(default)] cases: Option<String>,
    #[server(default)] results: Option<String>,
) -> Result<Execution> {
    let (service, actor) = authenticated()?;
    let page = PageQuery { limit: None, cursor: results };
    let (subject, uuid) = (id.subject(), id.uuid());
    match subject {
        Subject::TestRun => {
            let run = with_status(Testware::<TestRun>::read(&*service, &actor, uuid.into()).await)?;
            let cases = PageQuery { limit: Some(MAX_LIMIT), cursor: cases };
            let cases = with_status(service.run_cases(&actor, uuid.into(), cases).await)?;
            let results = with_status(Executions::<TestRun>::results(&*service, &actor, uuid.into(), page).await)?;
            Ok(Execution { cases, results, ..Execution::from(run) })
        }
        Subject::Session => {
            let session = with_status(Testware::<TestSession>::read(&*service, &actor, uuid.into()).await)?;
            let results = with_status(Executions::<TestSession>::results(&*service, &actor, uuid.into(), page).await)?;
            Ok(Execution { results, ..Execution::from(session) })
        }
        _ => with_status(Err(Error::NotFound)),
    }
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
    #[server(default)] case_ids: Vec<CaseId>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let text = normalize_newlines(&text);
    let id: ItemId = match subject {
        Subject::TestRun => {
            let new = CreateRun { name, description: text, case_ids };
            with_status(Testware::<TestRun>::create(&*service, &actor, project, new).await)?.id.into()
        }
        Subject::Session => {
            let time_box_minutes = with_status(durations::minutes(&time_box))?;
            let new = CreateSession { name, charter: text, time_box_minutes };
            with_status(Testware::<TestSession>::create(&*service, &actor, project, new).await)?.id.into()
        }
        _ => return with_status(Err(Error::NotFound)),
    };
    leptos_axum::redirect(&id.path(project));
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
    #[server(default)] with_cases: bool,
    #[server(default)] case_ids: Vec<CaseId>,
    #[server(default)] initial: InitialValues,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let (name, text) = (initial.changed("name", &name), initial.changed("text", &text));
    let state = initial.selected("state", state, State::as_str);
    let project = match id.subject() {
        Subject::TestRun => {
            let change = UpdateRun { name, description: text, state, case_ids: with_cases.then_some(case_ids) };
            with_status(Testware::<TestRun>::update(&*service, &actor, id.uuid().into(), change).await)?.project_id
        }
        Subject::Session => {
            let time_box_minutes = match initial.changed("time_box", &time_box) {
                Some(text) => Some(with_status(durations::minutes(&text))?.unwrap_or(0)),
                None => None,
            };
            let change = UpdateSession { name, charter: text, time_box_minutes, state };
            with_status(Testware::<TestSession>::update(&*service, &actor, id.uuid().into(), change).await)?.project_id
        }
        _ => return with_status(Err(Error::NotFound)),
    };
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Moves a run or a session to another state.
#[server(prefix = "/ui", endpoint = "executions/set-state", protocol = PageCall<PostUrl>)]
pub async fn set_execution_state(id: ItemId, state: State) -> Result<()> {
    let (service, actor) = authenticated()?;
    let (state, uuid) = (Some(state), id.uuid());
    with_status(match id.subject() {
        Subject::TestRun => {
            let change = UpdateRun { state, ..UpdateRun::default() };
            Testware::<TestRun>::update(&*service, &actor, uuid.into(), change).await.map(|_| ())
        }
        Subject::Session => {
            let change = UpdateSession { state, ..UpdateSession::default() };
            Testware::<TestSession>::update(&*service, &actor, uuid.into(), change).await.map(|_| ())
        }
        _ => Err(Error::NotFound),
    })
}

/// Adds a result to a run or a session and redirects to it. `elapsed_minutes` may have a fraction.
#[server(prefix = "/ui", endpoint = "executions/add-result", protocol = PageCall<PostUrl>)]
pub async fn add_result(
    project: ProjectId,
    id: ItemId,
    status: ResultStatus,
    #[server(default)] case_id: Option<CaseId>,
    #[server(default)] comment: String,
    #[server(default)] elapsed_minutes: String,
    #[server(default)] issue_ids: Vec<IssueId>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    let new = NewResult {
        case_id,
        status,
        comment: normalize_newlines(&comment),
        elapsed_seconds: with_status(durations::seconds(&elapsed_minutes))?,
        issue_ids,
    };
    with_status(match id.subject() {
        Subject::TestRun => Executions::<TestRun>::add_result(&*service, &actor, id.uuid().into(), new).await,
        Subject::Session => Executions::<TestSession>::add_result(&*service, &actor, id.uuid().into(), new).await,
        _ => Err(Error::NotFound),
    })?;
    leptos_axum::redirect(&id.path(project));
    Ok(())
}
