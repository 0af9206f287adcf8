//! Test runs and exploratory sessions, which the pages treat alike.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::{Text, Was};
#[cfg(feature = "ssr")]
use super::{caller, plain, told};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
use crate::model::id::{CaseId, IssueId, ProjectId};
use crate::model::item::{ItemId, Kind, Work};
use crate::model::testware::{ResultStatus, State};
#[cfg(feature = "ssr")]
use crate::model::{
    page::{MAX_LIMIT, PageQuery},
    test_run::{CreateRun, UpdateRun},
    test_session::{CreateSession, UpdateSession},
    testware::{AddResult as NewResult, ELAPSED_MAX},
};

/// A run or a session with a page of its cases and one of its results.
#[server(prefix = "/ui", endpoint = "work/get", input = GetUrl, output = Text)]
pub async fn read_work(
    id: ItemId,
    #[server(default)] cases: Option<String>,
    #[server(default)] results: Option<String>,
) -> Result<Work> {
    let (service, actor) = caller()?;
    let page = PageQuery { limit: None, cursor: results };
    match id {
        ItemId::Run(id) => {
            let cases = PageQuery { limit: Some(MAX_LIMIT), cursor: cases };
            let work = Work::from(told(service.run(&actor, id).await)?);
            let cases = told(service.run_cases(&actor, id, cases).await)?;
            Ok(Work { cases, results: told(service.run_results(&actor, id, page).await)?, ..work })
        }
        ItemId::Session(id) => {
            let work = Work::from(told(service.session(&actor, id).await)?);
            Ok(Work { results: told(service.session_results(&actor, id, page).await)?, ..work })
        }
        ItemId::Case(_) => told(Err(Error::NotFound)),
    }
}

/// Makes a run or a session and goes to it. `text` is the description of the one, the charter of
/// the other; `time_box` is in minutes.
#[server(prefix = "/ui", endpoint = "work/create", output = Text)]
pub async fn create_work(
    project: ProjectId,
    kind: Kind,
    name: String,
    #[server(default)] text: String,
    #[server(default)] time_box: String,
    #[server(default)] case_ids: Vec<CaseId>,
) -> Result<()> {
    let (service, actor) = caller()?;
    let text = plain(&text);
    let id = if kind == Kind::Run {
        let new = CreateRun { name, description: text, case_ids };
        ItemId::Run(told(service.create_run(&actor, project, new).await)?.id)
    } else {
        let new = CreateSession { name, charter: text, time_box_minutes: told(minutes(&time_box))? };
        ItemId::Session(told(service.create_session(&actor, project, new).await)?.id)
    };
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Changes what differs from what the form was opened with. The cases of a run change only if
/// `with_cases` says that the form knew them and that others were chosen.
#[server(prefix = "/ui", endpoint = "work/update", output = Text)]
pub async fn update_work(
    id: ItemId,
    name: String,
    state: State,
    #[server(default)] text: String,
    #[server(default)] time_box: String,
    #[server(default)] with_cases: bool,
    #[server(default)] case_ids: Vec<CaseId>,
    #[server(default)] was: Was,
) -> Result<()> {
    let (service, actor) = caller()?;
    let (name, text) = (was.changed("name", &name), was.changed("text", &text));
    let state = was.chosen("state", state, State::as_str);
    let project = match id {
        ItemId::Run(id) => {
            let change = UpdateRun { name, description: text, state, case_ids: with_cases.then_some(case_ids) };
            told(service.update_run(&actor, id, change).await)?.project_id
        }
        ItemId::Session(id) => {
            let time_box_minutes = match was.changed("time_box", &time_box) {
                Some(text) => Some(told(minutes(&text))?.unwrap_or(0)),
                None => None,
            };
            let change = UpdateSession { name, charter: text, time_box_minutes, state };
            told(service.update_session(&actor, id, change).await)?.project_id
        }
        ItemId::Case(_) => return told(Err(Error::NotFound)),
    };
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Moves a run or a session to another state.
#[server(prefix = "/ui", endpoint = "work/move", output = Text)]
pub async fn move_work(id: ItemId, state: State) -> Result<()> {
    let (service, actor) = caller()?;
    let state = Some(state);
    told(match id {
        ItemId::Run(id) => {
            service.update_run(&actor, id, UpdateRun { state, ..UpdateRun::default() }).await.map(|_| ())
        }
        ItemId::Session(id) => {
            service.update_session(&actor, id, UpdateSession { state, ..UpdateSession::default() }).await.map(|_| ())
        }
        ItemId::Case(_) => Err(Error::NotFound),
    })
}

/// Adds a result to a run or a session and goes back to it; `took` is in minutes, and may have a
/// fraction.
#[server(prefix = "/ui", endpoint = "work/add-result", output = Text)]
pub async fn add_result(
    project: ProjectId,
    id: ItemId,
    status: ResultStatus,
    #[server(default)] case_id: Option<CaseId>,
    #[server(default)] comment: String,
    #[server(default)] took: String,
    #[server(default)] issue_ids: Vec<IssueId>,
) -> Result<()> {
    let (service, actor) = caller()?;
    let new =
        NewResult { case_id, status, comment: plain(&comment), elapsed_seconds: told(seconds(&took))?, issue_ids };
    told(match id {
        ItemId::Run(id) => service.add_run_result(&actor, id, new).await,
        ItemId::Session(id) => service.add_session_result(&actor, id, new).await,
        ItemId::Case(_) => Err(Error::NotFound),
    })?;
    leptos_axum::redirect(&id.path(project));
    Ok(())
}

/// Whole minutes as somebody typed them; nothing is none.
#[cfg(feature = "ssr")]
fn minutes(text: &str) -> Result<Option<u32>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::field("timeBoxMinutes", "Enter whole minutes, such as 90."))
}

/// Minutes as somebody typed them, in seconds; nothing is none.
#[cfg(feature = "ssr")]
fn seconds(text: &str) -> Result<Option<u32>> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = text.parse::<f64>().map(|minutes| (minutes * 60.0).round()).unwrap_or(-1.0);
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(Error::field("elapsedSeconds", "Enter minutes, such as 5 or 2.5."));
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
    fn minutes_are_read_as_people_type_them() {
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
