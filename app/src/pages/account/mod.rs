//! `/account`: the caller's profile, password and sessions.

mod password;
mod profile;
mod sessions;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::skeleton::{Skeleton, table_skeleton};
use crate::error::Error;
use crate::layout::use_current_actor;
use crate::model::page::PageQuery;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;
use password::Password;
use profile::Profile;
use sessions::Sessions;

#[component]
pub fn Account() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let actor = use_current_actor();
    let sessions = PageResource::new(
        move || cursor.get(),
        |cursor| api::account::list_browser_sessions(PageQuery { limit: None, cursor }),
    );
    view! {
        <Title text="Account"/>
        <header class="page-head">
            <div><h1>"Account"</h1></div>
            <a class="button" href="/account/tokens">"API tokens"</a>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match actor.await {
                    Ok(Some(actor)) => view! { <Profile actor/> }.into_any(),
                    Ok(None) => view! { <PageError error=Error::Unauthenticated part=true/> }.into_any(),
                    Err(error) => view! { <PageError error what="your account" part=true/> }.into_any(),
                }
            })}
        </Transition>
        <Password changed=move |()| sessions.refetch()/>
        <section>
            <h2>"Sessions"</h2>
            <Transition fallback=|| table_skeleton("stack", &["Browser", "Signed in", "Last used", ""])>
                {awaited(move || async move {
                    match sessions.await {
                        Ok(page) => view! { <Sessions page changed=move |()| sessions.refetch()/> }.into_any(),
                        Err(error) => view! { <PageError error what="sessions" part=true/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}
