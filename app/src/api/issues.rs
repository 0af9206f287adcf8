//! Issues.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

use super::InitialValues;
#[cfg(feature = "ssr")]
use super::{authenticated, filled, separated, with_status};
use crate::error::Result;
use crate::model::id::{IssueId, ProjectId};
#[cfg(feature = "ssr")]
use crate::model::issue::{CreateIssue as NewIssue, UpdateIssue as IssueChange};
use crate::model::issue::{FoundIssue, Issue, IssuePage, IssueQuery, StatusKind};
use crate::model::page::{Page, PageQuery};
use crate::testware::result::TestResult;

/// The issues of a project.
#[server(prefix = "/ui", endpoint = "issues/list", protocol = PageCall<GetUrl>)]
pub async fn list_issues(project: ProjectId, #[server(default)] query: IssueQuery) -> Result<Page<Issue>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_issues(&actor, project, query).await)
}

/// One issue.
#[server(prefix = "/ui", endpoint = "issues/get", protocol = PageCall<GetUrl>)]
pub async fn read_issue(id: IssueId) -> Result<IssuePage> {
    let (service, actor) = authenticated()?;
    with_status(service.issue(&actor, id).await).map(IssuePage::from)
}

/// The issues whose keys a text mentions.
#[server(prefix = "/ui", endpoint = "issues/keys", protocol = PageCall<GetUrl>)]
pub async fn find_issues(project: ProjectId, keys: Vec<String>) -> Result<Vec<FoundIssue>> {
    let (service, actor) = authenticated()?;
    with_status(service.issues_with_keys(&actor, project, keys).await)
}

/// Creates an issue and redirects to it. `labels` are separated by commas.
#[server(prefix = "/ui", endpoint = "issues/create", protocol = PageCall<PostUrl>)]
pub async fn create_issue(
    project: ProjectId,
    title: String,
    #[server(default)] description: String,
    #[server(default)] status: String,
    status_kind: StatusKind,
    #[server(default)] priority: String,
    #[server(default)] issue_type: String,
    #[server(default)] labels: String,
    #[server(default)] assignee: String,
    #[server(default)] url: String,
) -> Result<Issue> {
    let (service, actor) = authenticated()?;
    let new = NewIssue {
        title,
        description,
        status: filled(status),
        status_kind: Some(status_kind),
        priority: filled(priority),
        issue_type: filled(issue_type),
        labels: separated(&labels),
        assignee: filled(assignee),
        key: None,
        url: filled(url),
    };
    let issue = with_status(service.create_issue(&actor, project, new).await)?;
    leptos_axum::redirect(&format!("/projects/{project}/issues/{}", issue.id));
    Ok(issue)
}

/// Changes the fields that were edited; an empty field is cleared.
#[server(prefix = "/ui", endpoint = "issues/update", protocol = PageCall<PostUrl>)]
pub async fn update_issue(
    id: IssueId,
    title: String,
    #[server(default)] description: String,
    #[server(default)] status: String,
    status_kind: StatusKind,
    #[server(default)] priority: String,
    #[server(default)] issue_type: String,
    #[server(default)] labels: String,
    #[server(default)] assignee: String,
    #[server(default)] url: String,
    #[server(default)] initial: InitialValues,
) -> Result<Issue> {
    let (service, actor) = authenticated()?;
    let change = IssueChange {
        title: initial.changed("title", &title),
        description: initial.changed("description", &description),
        status: initial.changed("status", &status),
        status_kind: initial.selected("status_kind", status_kind, StatusKind::as_str),
        priority: initial.changed("priority", &priority),
        issue_type: initial.changed("issue_type", &issue_type),
        labels: initial.changed("labels", &labels).map(|labels| separated(&labels)),
        assignee: initial.changed("assignee", &assignee),
        key: None,
        url: initial.changed("url", &url),
    };
    let issue = with_status(service.update_issue(&actor, id, change).await)?;
    leptos_axum::redirect(&format!("/projects/{}/issues/{id}", issue.project_id));
    Ok(issue)
}

/// Deletes an issue.
#[server(prefix = "/ui", endpoint = "issues/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_issue(id: IssueId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_issue(&actor, id).await)
}

/// Reads an issue from its tracker again.
#[server(prefix = "/ui", endpoint = "issues/sync", protocol = PageCall<PostUrl>)]
pub async fn sync_issue(id: IssueId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.sync_issue(&actor, id).await)
}

/// The results of runs and sessions that are linked to an issue, newest first.
#[server(prefix = "/ui", endpoint = "issues/results", protocol = PageCall<GetUrl>)]
pub async fn list_issue_results(id: IssueId, #[server(default)] page: PageQuery) -> Result<Page<TestResult>> {
    let (service, actor) = authenticated()?;
    with_status(service.issue_results(&actor, id, page).await)
}
