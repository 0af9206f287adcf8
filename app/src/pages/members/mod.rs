//! `/projects/{id}/settings/members`: who belongs to the project, and who is invited.

mod invites;
mod people;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::components::failure::PageError;
use crate::components::skeleton::Skeleton;
use crate::error::Result;
use crate::layout::use_project;
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::people::{Invite, Member};
use crate::place::use_place;
use invites::Invites;
use people::People;

/// See the [module](self).
#[component]
pub fn Members() -> impl IntoView {
    let project = use_project();
    let place = use_place();
    let cursor = Memo::new(move |_| place.param("cursor"));
    let invites = Resource::new(|| (), move |()| waiting(project));
    let members = Resource::new(move || cursor.get(), move |cursor| read(project, cursor));
    view! {
        <Title text="Members"/>
        <header class="page-head">
            <div>
                <h1>"Members"</h1>
                <p class="lead">"Members read and work on issues; project admins also configure."</p>
            </div>
        </header>
        <Transition>
            {move || Suspend::new(async move {
                // What went wrong is told below.
                invites.await.ok().flatten().map(|waiting| view! { <Invites waiting project/> })
            })}
        </Transition>
        <section>
            <h2>"People"</h2>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match members.await {
                        Ok((admin, page)) => {
                            let changed = move |()| members.refetch();
                            view! { <People page project admin changed/> }.into_any()
                        }
                        Err(error) => view! { <PageError error part=true/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// The invitations that wait, for an admin.
async fn waiting(project: ProjectId) -> Result<Option<Vec<Invite>>> {
    if !api::projects::read_project(project).await?.is_admin() {
        return Ok(None);
    }
    let page = api::invites::list_invites(project, PageQuery { limit: Some(MAX_LIMIT), cursor: None }).await?;
    Ok(Some(page.items))
}

/// Whether the caller is an admin, and a page of members.
async fn read(project: ProjectId, cursor: Option<String>) -> Result<(bool, Page<Member>)> {
    let admin = api::projects::read_project(project).await?.is_admin();
    let members = api::members::list_members(project, PageQuery { limit: None, cursor }).await?;
    Ok((admin, members))
}
