//! The project that the address names.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use crate::api;
use crate::components::failure::PageError;
use crate::components::skeleton::Skeleton;
use crate::error::{Error, Result};
use crate::model::id::ProjectId;
use crate::model::people::Role;
use crate::model::project::Project;

/// The project of the address, for the navigation and the pages.
#[derive(Clone, Copy)]
pub struct Scope {
    /// Its id, while the address names one.
    pub id: Memo<Option<ProjectId>>,
    /// What is known of it.
    pub project: Resource<Option<Result<Project>>>,
}

impl Scope {
    /// Reads the project whenever the address names another one.
    pub fn provide() -> Self {
        let path = use_location().pathname;
        let id = Memo::new(move |_| path.with(|path| project_of(path)));
        let read = move |id: Option<ProjectId>| async move {
            match id {
                Some(id) => Some(api::projects::read_project(id).await),
                None => None,
            }
        };
        let scope = Self { id, project: Resource::new(move || id.get(), read) };
        provide_context(scope);
        scope
    }
}

fn project_of(path: &str) -> Option<ProjectId> {
    path.strip_prefix("/projects/")?.split('/').next()?.parse().ok()
}

/// The project of the page. Pages stand below [`ProjectScope`], which shows them only with one.
pub fn use_project() -> Project {
    expect_context::<Project>()
}

impl Project {
    /// Whether the caller configures it.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// Shows a page of a project, once the project is known and the caller may see it.
#[component]
pub fn ProjectScope() -> impl IntoView {
    let scope = expect_context::<Scope>();
    let path = use_location().pathname;
    // `/projects/WEB` names a project by its key: that page finds it.
    let by_key =
        move || scope.id.get().is_none() && path.with(|path| path.trim_end_matches('/').matches('/').count() == 2);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match scope.project.await {
                    Some(Ok(project)) => view! { <WithProject project/> }.into_any(),
                    Some(Err(error)) => view! { <PageError error/> }.into_any(),
                    None if by_key() => view! { <Outlet/> }.into_any(),
                    None => view! { <PageError error=not_found()/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn WithProject(project: Project) -> impl IntoView {
    provide_context(project);
    view! { <Outlet/> }
}

/// An address that names nothing.
fn not_found() -> Error {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    Error::NotFound
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
