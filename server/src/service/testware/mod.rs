//! Testware: cases, runs and sessions, with their results. The members of a project work on it;
//! each of its subjects has its own files for the fields, the search, the events and the rules.

mod case_events;
mod case_fields;
mod case_search;
mod cases;
mod key;
mod result_fields;
mod result_view;
mod results;
mod run_cases;
mod run_events;
mod runs;
mod text;
mod work_event;
mod work_fields;
mod work_search;

use app::error::{Error, Result};
use app::model::id::*;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_session::*;
use app::model::testware::*;
use app::service::Sessions;
use async_trait::async_trait;

use crate::core::Core;

#[async_trait]
impl Sessions for Core {
    async fn list_sessions(&self, _: &Actor, _: ProjectId, _: WorkQuery) -> Result<Page<TestSession>> {
        Err(Error::Internal)
    }
    async fn session(&self, _: &Actor, _: SessionId) -> Result<TestSession> {
        Err(Error::Internal)
    }
    async fn session_results(&self, _: &Actor, _: SessionId, _: PageQuery) -> Result<Page<TestResult>> {
        Err(Error::Internal)
    }
    async fn create_session(&self, _: &Actor, _: ProjectId, _: CreateSession) -> Result<TestSession> {
        Err(Error::Internal)
    }
    async fn update_session(&self, _: &Actor, _: SessionId, _: UpdateSession) -> Result<TestSession> {
        Err(Error::Internal)
    }
    async fn duplicate_session(&self, _: &Actor, _: SessionId) -> Result<TestSession> {
        Err(Error::Internal)
    }
    async fn complete_session(&self, _: &Actor, _: SessionId) -> Result<TestSession> {
        Err(Error::Internal)
    }
    async fn add_session_result(&self, _: &Actor, _: SessionId, _: AddResult) -> Result<TestResult> {
        Err(Error::Internal)
    }
    async fn delete_session(&self, _: &Actor, _: SessionId) -> Result<()> {
        Err(Error::Internal)
    }
}
