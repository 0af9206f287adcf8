//! Testware: cases, runs and sessions, with their results. The members of a project work on it;
//! each of its subjects has its own files for the fields, the search, the events and the rules.

mod case_events;
mod case_fields;
mod case_search;
mod cases;
mod key;
mod text;

use app::error::{Error, Result};
use app::model::id::*;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_run::*;
use app::model::test_session::*;
use app::model::testware::*;
use app::service::{Runs, Sessions};
use async_trait::async_trait;

use crate::core::Core;

#[async_trait]
impl Runs for Core {
    async fn list_runs(&self, _: &Actor, _: ProjectId, _: WorkQuery) -> Result<Page<TestRun>> {
        Err(Error::Internal)
    }
    async fn run(&self, _: &Actor, _: RunId) -> Result<TestRun> {
        Err(Error::Internal)
    }
    async fn run_cases(&self, _: &Actor, _: RunId, _: PageQuery) -> Result<Page<RunCase>> {
        Err(Error::Internal)
    }
    async fn run_results(&self, _: &Actor, _: RunId, _: PageQuery) -> Result<Page<TestResult>> {
        Err(Error::Internal)
    }
    async fn create_run(&self, _: &Actor, _: ProjectId, _: CreateRun) -> Result<TestRun> {
        Err(Error::Internal)
    }
    async fn update_run(&self, _: &Actor, _: RunId, _: UpdateRun) -> Result<TestRun> {
        Err(Error::Internal)
    }
    async fn duplicate_run(&self, _: &Actor, _: RunId) -> Result<TestRun> {
        Err(Error::Internal)
    }
    async fn complete_run(&self, _: &Actor, _: RunId) -> Result<TestRun> {
        Err(Error::Internal)
    }
    async fn add_run_result(&self, _: &Actor, _: RunId, _: AddResult) -> Result<TestResult> {
        Err(Error::Internal)
    }
    async fn delete_run(&self, _: &Actor, _: RunId) -> Result<()> {
        Err(Error::Internal)
    }
    async fn issue_results(&self, _: &Actor, _: IssueId, _: PageQuery) -> Result<Page<TestResult>> {
        Err(Error::Internal)
    }
}

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
