//! `/projects/{id or key}`: redirects to the project's dashboard.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_params_map;

use super::NotFound;
use crate::api;
use crate::components::dynamic::awaited;
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::page_resource::PageResource;

#[component]
pub fn ProjectEntry() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("project").unwrap_or_default()));
    let found = PageResource::new_blocking(
        move || name.get(),
        |name| async move {
            match name.parse() {
                Ok(id) => Ok(Some(id)),
                Err(_) => find(&name).await,
            }
        },
    );
    view! {
        <Suspense>
            {awaited(move || async move {
                match found.await {
                    Ok(Some(id)) => view! { <Redirect path=format!("/projects/{id}/dashboard")/> }.into_any(),
                    _ => view! { <NotFound/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

async fn find(key: &str) -> Result<Option<ProjectId>> {
    let mut cursor = None;
    loop {
        let page = api::projects::list_projects(PageQuery { limit: Some(MAX_LIMIT), cursor }).await?;
        let found = page.items.iter().find(|project| project.key.eq_ignore_ascii_case(key));
        cursor = page.next_cursor;
        if found.is_some() || cursor.is_none() {
            return Ok(found.map(|project| project.id));
        }
    }
}
