//! Exploratory sessions and their results.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json};

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::id::{ProjectId, SessionId};
use crate::model::page::{Page, PageQuery};
use crate::model::test_session::{CreateSession as NewSession, TestSession, UpdateSession as SessionChange};
use crate::model::testware::{AddResult as NewResult, TestResult, WorkQuery};

/// The sessions of a project, the newest first.
#[server(prefix = "/ui", endpoint = "sessions/list", input = GetUrl, output = Text)]
pub async fn list_sessions(project: ProjectId, #[server(default)] query: WorkQuery) -> Result<Page<TestSession>> {
    let (service, actor) = caller()?;
    told(service.list_sessions(&actor, project, query).await)
}

/// One session.
#[server(prefix = "/ui", endpoint = "sessions/get", input = GetUrl, output = Text)]
pub async fn read_session(id: SessionId) -> Result<TestSession> {
    let (service, actor) = caller()?;
    told(service.session(&actor, id).await)
}

/// The results of a session, the newest first.
#[server(prefix = "/ui", endpoint = "sessions/results", input = GetUrl, output = Text)]
pub async fn list_session_results(id: SessionId, #[server(default)] page: PageQuery) -> Result<Page<TestResult>> {
    let (service, actor) = caller()?;
    told(service.session_results(&actor, id, page).await)
}

/// Makes a session.
#[server(prefix = "/ui", endpoint = "sessions/create", input = Json, output = Text)]
pub async fn create_session(project: ProjectId, new: NewSession) -> Result<TestSession> {
    let (service, actor) = caller()?;
    told(service.create_session(&actor, project, new).await)
}

/// Changes a session.
#[server(prefix = "/ui", endpoint = "sessions/update", input = Json, output = Text)]
pub async fn update_session(id: SessionId, change: SessionChange) -> Result<TestSession> {
    let (service, actor) = caller()?;
    told(service.update_session(&actor, id, change).await)
}

/// Makes a copy of a session, without its results.
#[server(prefix = "/ui", endpoint = "sessions/duplicate", output = Text)]
pub async fn duplicate_session(id: SessionId) -> Result<TestSession> {
    let (service, actor) = caller()?;
    told(service.duplicate_session(&actor, id).await)
}

/// Completes a session.
#[server(prefix = "/ui", endpoint = "sessions/complete", output = Text)]
pub async fn complete_session(id: SessionId) -> Result<TestSession> {
    let (service, actor) = caller()?;
    told(service.complete_session(&actor, id).await)
}

/// Adds a result to a session.
#[server(prefix = "/ui", endpoint = "sessions/add-result", input = Json, output = Text)]
pub async fn add_session_result(id: SessionId, new: NewResult) -> Result<TestResult> {
    let (service, actor) = caller()?;
    told(service.add_session_result(&actor, id, new).await)
}

/// Deletes a session.
#[server(prefix = "/ui", endpoint = "sessions/delete", output = Text)]
pub async fn delete_session(id: SessionId) -> Result<()> {
    let (service, actor) = caller()?;
    told(service.delete_session(&actor, id).await)
}
