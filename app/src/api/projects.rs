//! Projects.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::page::{Page, PageQuery};
use crate::model::project::Project;
#[cfg(feature = "ssr")]
use crate::model::project::{CreateProject as NewProject, UpdateProject as ProjectChange};

/// Lists the caller's projects.
#[server(prefix = "/ui", endpoint = "projects/list", protocol = PageCall<GetUrl>)]
pub async fn list_projects(#[server(default)] page: PageQuery) -> Result<Page<Project>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_projects(&actor, page).await)
}

/// One project.
#[server(prefix = "/ui", endpoint = "projects/get", protocol = PageCall<GetUrl>)]
pub async fn read_project(id: ProjectId) -> Result<Project> {
    let (service, actor) = authenticated()?;
    with_status(service.project(&actor, id).await)
}

/// Creates a project and redirects to it.
#[server(prefix = "/ui", endpoint = "projects/create", protocol = PageCall<PostUrl>)]
pub async fn create_project(key: String, name: String) -> Result<Project> {
    let (service, actor) = authenticated()?;
    let project = with_status(service.create_project(&actor, NewProject { key, name }).await)?;
    leptos_axum::redirect(&format!("/projects/{}/dashboard", project.id));
    Ok(project)
}

/// Changes a project's key and name.
#[server(prefix = "/ui", endpoint = "projects/update", protocol = PageCall<PostUrl>)]
pub async fn update_project(id: ProjectId, key: String, name: String) -> Result<Project> {
    let (service, actor) = authenticated()?;
    with_status(service.update_project(&actor, id, ProjectChange { key: Some(key), name: Some(name) }).await)
}

/// Deletes a project.
#[server(prefix = "/ui", endpoint = "projects/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_project(id: ProjectId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_project(&actor, id).await)
}
