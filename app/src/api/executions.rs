//! Test runs and exploratory sessions, which share their pages.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::{InitialValues, Text};
#[cfg(feature = "ssr")]
use super::{authenticated, normalize_newlines, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::catalog::Subject;
use crate::model::id::{CaseId, IssueId, ProjectId};
use crate::model::item::{Execution, ItemId};
use crate::model::testware::{ResultStatus, State};
#[cfg(feature = "ssr")]
use crate::model::{
    page::{MAX_LIMIT, PageQuery},
    test_run::{CreateRun, UpdateRun},
    test_session::{CreateSession, UpdateSession},
    testware::{AddResult as NewResult, ELAPSED_MAX},
};

/// A run or a session with a page of its cases and one of its results.
#[server(prefix = "/ui", endpoint = "executions/get", input = GetUrl, output = Text)]
pub async fn read_execution(
    id: ItemId,
    #[server(default)] cases: Option<String>,
    #[server(default)] results: Option<String>,
) -> Result<Execution> {
    let (service, actor) = authenticated()?;
    let page = PageQuery { limit: None, cursor: results };
    match id {
        ItemId::Run(id) => {
            let cases = PageQuery { limit: Some(MAX_LIMIT), cursor: cases };
            let execution = Execution::from(with_status(service.run(&actor, id).await)?);
            let cases = with_status(service.run_cases(&actor, id, cases).await)?;
            Ok(Execution { cases, results: with_status(service.run_results(&actor, id, page).await)?, ..execution })
        }
        ItemId::Session(id) => {
            let execution = Execution::from(with_status(service.session(&actor, id).await)?);
            Ok(Execution { results: with_status(service.session_results(&actor, id, page).await)?, ..execution })
        }
        ItemId::Case(_) => with_status(Err(Error::NotFound)),
    }
}

/// Creates a run or a session and redirects to it. `text` is the description of a run or the charter
/// of a session; `time_box` is in minutes.
#[server(prefix = "/ui", endpoint = "executions/create", output = Text)]
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
    let id = match subject {
        Subject::TestRun => {
            let new = CreateRun { name, description: text, case_ids };
            ItemId::Run(with_status(service.create_run(&actor, project, new).await)?.id)
        }
        Subject::Session => {
            let time_box_minutes = with_status(minutes(&time_box))?;
            let new = CreateSession { name, charter: text, time_box_minutes };
            ItemId::Session(with_status(service.create_session(&actor, project, new).await)?.id)
        }
        Subject::Case | Subject::Issue => return with_status(Err(Error::NotFound)),
    };
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Changes the fields that were edited. The cases of a run change only with `with_cases`, which the
/// form sends once it has loaded them and others are selected.
#[server(prefix = "/ui", endpoint = "executions/update", output = Text)]
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
    let project = match id {
        ItemId::Run(id) => {
            let change = UpdateRun { name, description: text, state, case_ids: with_cases.then_some(case_ids) };
            with_status(service.update_run(&actor, id, change).await)?.project_id
        }
        ItemId::Session(id) => {
            let time_box_minutes = match initial.changed("time_box", &time_box) {
                Some(text) => Some(with_status(minutes(&text))?.unwrap_or(0)),
                None => None,
            };
            let change = UpdateSession { name, charter: text, time_box_minutes, state };
            with_status(service.update_session(&actor, id, change).await)?.project_id
        }
        ItemId::Case(_) => return with_status(Err(Error::NotFound)),
    };
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Moves a run or a session to another state.
#[server(prefix = "/ui", endpoint = "executions/set-state", output = Text)]
pub async fn set_execution_state(id: ItemId, state: State) -> Result<()> {
    let (service, actor) = authenticated()?;
    let state = Some(state);
    with_status(match id {
        ItemId::Run(id) => {
            service.update_run(&actor, id, UpdateRun { state, ..UpdateRun::default() }).await.map(|_| ())
        }
        ItemId::Session(id) => {
            service.update_session(&actor, id, UpdateSession { state, ..UpdateSession::default() }).await.map(|_| ())
        }
        ItemId::Case(_) => Err(Error::NotFound),
    })
}

/// Adds a result to a run or a session and redirects to it. `elapsed_minutes` may have a fraction.
#[server(prefix = "/ui", endpoint = "executions/add-result", output = Text)]
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
        elapsed_seconds: with_status(seconds(&elapsed_minutes))?,
        issue_ids,
    };
    with_status(match id {
        ItemId::Run(id) => service.add_run_result(&actor, id, new).await,
        ItemId::Session(id) => service.add_session_result(&actor, id, new).await,
        ItemId::Case(_) => Err(Error::NotFound),
    })?;
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Parses whole minutes; an empty text is none.
#[cfg(feature = "ssr")]
fn minutes(text: &str) -> Result<Option<u32>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::field("timeBoxMinutes", "Enter whole minutes, e.g. 90."))
}

/// Parses minutes into seconds; an empty text is none.
#[cfg(feature = "ssr")]
fn seconds(text: &str) -> Result<Option<u32>> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = text.parse::<f64>().map(|minutes| (minutes * 60.0).round()).unwrap_or(-1.0);
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(Error::field("elapsedSeconds", "Enter minutes, e.g. 5 or 2.5."));
    }
    if seconds > f64::from(ELAPSED_MAX) {
        return Err(Error::field("elapsedSeconds", format!("Enter at most {} minutes.", ELAPSED_MAX / 60)));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    Ok(Some(seconds as u32))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_parsed_leniently() {
        assert_eq!(minutes(" 90 "), Ok(Some(90)));
        assert_eq!(minutes(""), Ok(None));
        assert!(minutes("an hour").is_err());
        assert_eq!(seconds("2.5"), Ok(Some(150)));
        assert_eq!(seconds("2,5"), Ok(Some(150)));
        assert_eq!(seconds(" "), Ok(None));
        assert_eq!(seconds("166666"), Ok(Some(9_999_960)));
        for long in ["166667", "99999999", "1e300"] {
            assert_eq!(seconds(long).unwrap_err().to_string(), "Enter at most 166666 minutes.", "{long}");
        }
        for wrong in ["-1", "NaN", "inf", "soon"] {
            assert_eq!(seconds(wrong).unwrap_err().status(), 422, "{wrong}");
        }
    }
}
