//! `/admin/audit`: the audit log outside of projects (sign-ins, accounts, API tokens), for system
//! admins.

use leptos::prelude::*;
use leptos_meta::Title;

use super::audit::{HEADINGS, TABLE, entry_cells};
use crate::api;
use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::live_table::headings;
use crate::components::pager::Pager;
use crate::components::skeleton::table_skeleton;
use crate::model::page::PageQuery;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

#[component]
pub fn InstanceAudit() -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let entries = PageResource::new(
        move || cursor.get(),
        |cursor| api::audit::list_instance_audit(PageQuery { limit: None, cursor }),
    );
    view! {
        <Title text="Workspace audit log"/>
        <header class="page-head">
            <div>
                <h1>"Audit log"</h1>
                <p class="lead">"Sign-ins, accounts and API tokens. Each project has its own log."</p>
            </div>
        </header>
        <Transition fallback=|| table_skeleton(TABLE, HEADINGS)>
            {awaited(move || async move {
                match entries.await {
                    Ok(page) => view! {
                        <div class="table-wrap">
                            <table class=TABLE>
                                <thead><tr>{headings(HEADINGS)}</tr></thead>
                                <tbody>
                                    {page.items.into_iter().map(|entry| view! { <tr>{entry_cells(entry)}</tr> }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                        <Pager next=page.next_cursor/>
                    }.into_any(),
                    Err(error) => view! { <PageError error what="the audit log" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}
