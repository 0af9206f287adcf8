//! Test cases.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json};

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::id::{CaseId, ProjectId};
use crate::model::page::Page;
use crate::model::test_case::{CaseQuery, CreateCase as NewCase, TestCase, UpdateCase as CaseChange};

/// The test cases of a project, the newest first.
#[server(prefix = "/ui", endpoint = "cases/list", input = GetUrl, output = Text)]
pub async fn list_cases(project: ProjectId, #[server(default)] query: CaseQuery) -> Result<Page<TestCase>> {
    let (service, actor) = caller()?;
    told(service.list_cases(&actor, project, query).await)
}

/// One test case.
#[server(prefix = "/ui", endpoint = "cases/get", input = GetUrl, output = Text)]
pub async fn read_case(id: CaseId) -> Result<TestCase> {
    let (service, actor) = caller()?;
    told(service.case(&actor, id).await)
}

/// Makes a test case.
#[server(prefix = "/ui", endpoint = "cases/create", input = Json, output = Text)]
pub async fn create_case(project: ProjectId, new: NewCase) -> Result<TestCase> {
    let (service, actor) = caller()?;
    told(service.create_case(&actor, project, new).await)
}

/// Changes a test case.
#[server(prefix = "/ui", endpoint = "cases/update", input = Json, output = Text)]
pub async fn update_case(id: CaseId, change: CaseChange) -> Result<TestCase> {
    let (service, actor) = caller()?;
    told(service.update_case(&actor, id, change).await)
}

/// Makes a copy of a test case.
#[server(prefix = "/ui", endpoint = "cases/duplicate", output = Text)]
pub async fn duplicate_case(id: CaseId) -> Result<TestCase> {
    let (service, actor) = caller()?;
    told(service.duplicate_case(&actor, id).await)
}

/// Deletes a test case.
#[server(prefix = "/ui", endpoint = "cases/delete", output = Text)]
pub async fn delete_case(id: CaseId) -> Result<()> {
    let (service, actor) = caller()?;
    told(service.delete_case(&actor, id).await)
}
