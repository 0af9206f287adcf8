//! The project in the current URL.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use crate::api;
use crate::components::dynamic::dynamic;
use crate::components::failure::PageError;
use crate::error::{Error, Result};
use crate::model::id::ProjectId;
use crate::model::people::Role;
use crate::model::project::Project;
use crate::page_resource::PageResource;

/// The project in the URL, for the navigation and the pages.
#[derive(Clone, Copy)]
pub struct ProjectScope {
    /// Its ID, if the URL has one.
    pub id: Memo<Option<ProjectId>>,
    /// The loaded project.
    pub project: PageResource<Option<Result<Project>>>,
}

impl ProjectScope {
    /// Loads the project whenever the URL names another one.
    pub fn provide() -> Self {
        let path = use_location().pathname;
        let id = Memo::new(move |_| path.with(|path| project_of(path)));
        let read = move |id: Option<ProjectId>| async move {
            match id {
                Some(id) => Some(api::projects::read_project(id).await),
                None => None,
            }
        };
        let scope = Self { id, project: PageResource::new(move || id.get(), read) };
        provide_context(scope);
        scope
    }
}

fn project_of(path: &str) -> Option<ProjectId> {
    path.strip_prefix("/projects/")?.split('/').next()?.parse().ok()
}

/// The current project. Call it below [`ProjectOutlet`], which renders pages only if there is one.
pub fn use_project() -> ProjectId {
    expect_context::<ProjectId>()
}

impl Project {
    /// Whether the caller is an admin of the project.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// The project, if the caller is an admin of it.
///
/// # Errors
/// [`Error::Forbidden`] for a member, and errors of the service.
pub async fn as_admin(id: ProjectId) -> Result<Project> {
    let project = api::projects::read_project(id).await?;
    if project.is_admin() { Ok(project) } else { Err(Error::forbidden("Only project admins can change settings.")) }
}

/// Shows the page of a project, and creates it again when the URL names another project.
///
/// Nothing is awaited here. Leptos identifies resources by the order in which they are created, and
/// the order after an await differs on the server.
#[component]
pub fn ProjectOutlet() -> impl IntoView {
    let scope = expect_context::<ProjectScope>();
    let path = use_location().pathname;
    // `/projects/WEB` names a project by its key. That page finds it.
    let by_key = Memo::new(move |_| path.with(|path| path.trim_end_matches('/').matches('/').count() == 2));
    dynamic(move || match scope.id.get() {
        Some(id) => {
            provide_context(id);
            view! { <Outlet/> }.into_any()
        }
        None if by_key.get() => view! { <Outlet/> }.into_any(),
        None => view! { <PageError error=Error::NotFound/> }.into_any(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_read_from_the_address() {
        let id = ProjectId(uuid::Uuid::from_u128(7));
        assert_eq!(project_of(&format!("/projects/{id}/settings/webhooks")), Some(id));
        assert_eq!(project_of(&format!("/projects/{id}")), Some(id));
        assert_eq!(project_of("/projects/WEB/issues"), None);
        assert_eq!(project_of("/account/tokens"), None);
    }
}
