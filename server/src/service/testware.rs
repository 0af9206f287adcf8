//! Testware.

use app::error::{Error, Result};
use app::model::id::*;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_case::*;
use app::model::test_run::*;
use app::model::test_session::*;
use app::model::testware::*;
use app::service::{Cases, Runs, Sessions};
use async_trait::async_trait;

use crate::core::Core;

#[async_trait]
impl Cases for Core {
    async fn list_cases(&self, _: &Actor, _: ProjectId, _: CaseQuery) -> Result<Page<TestCase>> {
        Err(Error::Internal)
    }
    async fn case(&self, _: &Actor, _: CaseId) -> Result<TestCase> {
        Err(Error::Internal)
    }
    async fn create_case(&self, _: &Actor, _: ProjectId, _: CreateCase) -> Result<TestCase> {
        Err(Error::Internal)
    }
    async fn update_case(&self, _: &Actor, _: CaseId, _: UpdateCase) -> Result<TestCase> {
        Err(Error::Internal)
    }
    async fn duplicate_case(&self, _: &Actor, _: CaseId) -> Result<TestCase> {
        Err(Error::Internal)
    }
    async fn delete_case(&self, _: &Actor, _: CaseId) -> Result<()> {
        Err(Error::Internal)
    }
}

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
