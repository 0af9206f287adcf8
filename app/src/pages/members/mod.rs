//! `/projects/{id}/settings/members`: the members and the pending invites.

mod invites;
mod owner;
mod people;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::skeleton::table_skeleton;
use crate::error::Result;
use crate::layout::{use_current_actor, use_project};
use crate::model::id::{ProjectId, UserId};
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::people::{Actor, Invite, Member};
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;
use invites::Invites;
use people::People;

#[component]
pub fn Members() -> impl IntoView {
    let project = use_project();
    let url_state = use_url_state();
    let actor = use_current_actor();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let invites = PageResource::new(|| (), move |()| pending_invites(project));
    let members = PageResource::new(move || cursor.get(), move |cursor| read(project, cursor));
    let people = PageResource::new(|| (), move |()| async move { owner_candidates(actor.await?).await });
    view! {
        <Title text="Members"/>
        <header class="page-head">
            <div>
                <h1>"Members"</h1>
                <p class="lead">"Members work on tests and issues. Project admins also manage settings."</p>
            </div>
        </header>
        <Transition>
            {awaited(move || async move {
                // An error is shown with the members below.
                invites.await.ok().flatten().map(|pending_invites| view! { <Invites pending_invites project/> })
            })}
        </Transition>
        <section>
            <h2 class="visually-hidden">"All members"</h2>
            <Transition fallback=|| table_skeleton("stack compact many-actions", &["Name", "Role", "Joined", ""])>
                {awaited(move || async move {
                    let actor = actor.await.ok().flatten();
                    match members.await {
                        Ok((admin, page)) => {
                            // If the invites can't be read, the members are still shown.
                            let people = people.await.unwrap_or_default();
                            let changed = move |()| members.refetch();
                            view! { <People page project admin actor people changed/> }.into_any()
                        }
                        Err(error) => view! { <PageError error what="members" part=true/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// The pending invites, if the caller is an admin.
async fn pending_invites(project: ProjectId) -> Result<Option<Vec<Invite>>> {
    if !api::projects::read_project(project).await?.is_admin() {
        return Ok(None);
    }
    let page = api::invites::list_invites(project, PageQuery { limit: Some(MAX_LIMIT), cursor: None }).await?;
    Ok(Some(page.items))
}

/// IDs and names of users who are no members and whom the caller may make the owner: for a system
/// admin, the caller and a page of all users.
async fn owner_candidates(actor: Option<Actor>) -> Result<Vec<(UserId, String)>> {
    let Some(actor) = actor.filter(|actor| actor.system_admin) else { return Ok(Vec::new()) };
    let people = api::users::list_users(PageQuery { limit: Some(MAX_LIMIT), cursor: None }).await?;
    let others = people.items.into_iter().filter(|user| user.active && user.id != actor.id);
    Ok([(actor.id, actor.name)].into_iter().chain(others.map(|user| (user.id, user.name))).collect())
}

/// Whether the caller is an admin, and a page of members.
async fn read(project: ProjectId, cursor: Option<String>) -> Result<(bool, Page<Member>)> {
    let admin = api::projects::read_project(project).await?.is_admin();
    let members = api::members::list_members(project, PageQuery { limit: None, cursor }).await?;
    Ok((admin, members))
}
