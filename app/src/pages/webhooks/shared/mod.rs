//! `/webhooks`: the webhooks with several projects, or all. System admins see all of them, also those whose projects
//! were deleted; project admins see those with a project that they administer.

mod history;
mod table;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::shared_webhooks::list_shared_webhooks;
use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::filters::{Choice, Filters};
use crate::components::skeleton::table_skeleton;
use crate::layout::use_current_actor;
use crate::model::webhook::Health;
use crate::model::webhook_scope::WebhookQuery;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

pub use history::SharedWebhook;
use table::{HEADINGS, Table};

#[component]
pub fn SharedWebhooks() -> impl IntoView {
    let url_state = use_url_state();
    let actor = use_current_actor();
    let query = Memo::new(move |_| WebhookQuery {
        cursor: url_state.param("cursor"),
        search: url_state.param("search"),
        health: url_state.parsed("health"),
        active: url_state.parsed("active"),
        orphaned: url_state.parsed("orphaned"),
        ..WebhookQuery::default()
    });
    let page = PageResource::new(move || query.get(), list_shared_webhooks);
    let filtered = move || {
        query.with_untracked(|query| *query != WebhookQuery { cursor: query.cursor.clone(), ..WebhookQuery::default() })
    };
    view! {
        <Title text="Webhooks across projects"/>
        <header class="page-head">
            <div>
                <h1>"Webhooks across projects"</h1>
                <p class="lead">"Webhooks with several projects, or all. Add a webhook in a project, then select Change projects in its menu."</p>
            </div>
        </header>
        <Transition>
            {awaited(move || async move {
                let admin = actor.await.ok().flatten().is_some_and(|actor| actor.system_admin);
                view! { <Filters label="Search webhooks" placeholder="Name or URL" choices=choices(admin) free=&[]/> }.into_any()
            })}
        </Transition>
        <Transition fallback=|| table_skeleton("stack compact", HEADINGS)>
            {awaited(move || async move {
                match page.await {
                    Ok(webhooks) => {
                        view! { <Table page=webhooks filtered=filtered() changed=move |()| page.refetch()/> }.into_any()
                    }
                    Err(error) => view! { <PageError error what="webhooks" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn choices(system_admin: bool) -> Vec<Choice> {
    let active = Choice {
        label: "Activity",
        param: "active",
        all: "All",
        values: vec![("true", "Active"), ("false", "Inactive")],
    };
    let health = Choice {
        label: "Health",
        param: "health",
        all: "Any health",
        values: Health::ALL.iter().map(|health| (health.as_str(), health.label())).collect(),
    };
    let orphaned =
        Choice { label: "Projects", param: "orphaned", all: "Any project", values: vec![("true", "Project deleted")] };
    [Some(active), Some(health), system_admin.then_some(orphaned)].into_iter().flatten().collect()
}
