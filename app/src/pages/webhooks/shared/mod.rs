//! `/webhooks`: the webhooks with several projects, or all. System admins see all of them, also those whose projects
//! were deleted; project admins see those with a project that they administer.

mod history;
mod table;

use leptos::prelude::*;
use leptos_meta::Title;

use super::context::{WebhooksPageContext, use_webhooks_page};
use super::links::webhooks_path;
use super::project_fields::ProjectChoices;
use super::reveal::Revealed;
use crate::api::shared_webhooks::list_shared_webhooks;
use crate::chunks::{self, Chunk};
use crate::components::dynamic::{awaited, dynamic_value};
use crate::components::failure::PageError;
use crate::components::filters::{Choice, Filters};
use crate::components::icon::{Icon, icon};
use crate::components::lazy_part::dialog_part;
use crate::components::skeleton::table_skeleton;
use crate::components::toast::use_toasts;
use crate::layout::use_current_actor;
use crate::live::Refetcher;
use crate::model::webhook::{CreatedWebhook, Health};
use crate::model::webhook_scope::{ScopeKind, WebhookQuery};
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
    let administered = PageResource::new(|| (), |()| administered_projects());
    let reader = RwSignal::new(None::<Refetcher>);
    WebhooksPageContext::provide();
    let filtered = move || {
        query.with_untracked(|query| *query != WebhookQuery { cursor: query.cursor.clone(), ..WebhookQuery::default() })
    };
    let (context, toasts) = (use_webhooks_page(), use_toasts());
    let added = Callback::new(move |created: CreatedWebhook| {
        let webhook = created.webhook.clone();
        if created.reveal.is_some() {
            context.revealed.add(created);
        } else {
            toasts.done("Webhook added");
        }
        // A webhook with one project is on the page of that project.
        if webhook.scope.kind == ScopeKind::Project {
            return url_state.go(webhooks_path(webhook.project_id));
        }
        url_state.replace(&[("add", None)]);
        if let Some(reader) = reader.get_untracked() {
            reader.now();
        }
    });
    let add_open = url_state.param_untracked("add").is_some();
    view! {
        <Title text="Webhooks across projects"/>
        <header class="page-head">
            <div>
                <h1>"Webhooks across projects"</h1>
                <p class="lead">"Webhooks with several projects, or all."</p>
            </div>
            <Transition>{awaited(move || async move { administered.await.map(|_| add_link()) })}</Transition>
        </header>
        <Revealed project=None/>
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
                        view! { <Table page=webhooks query=query.get_untracked() filtered=filtered() reader/> }.into_any()
                    }
                    Err(error) => view! { <PageError error what="webhooks" part=true/> }.into_any(),
                }
            })}
        </Transition>
        <Transition>
            {awaited(move || async move {
                administered.await.map(|choices| {
                    let part = move || chunks::add_shared_webhook(added, choices.clone());
                    dialog_part(add_open, Chunk::AddSharedWebhook, part)
                })
            })}
        </Transition>
    }
}

/// The projects of new webhooks, if there is one that the caller administers.
async fn administered_projects() -> Option<ProjectChoices> {
    ProjectChoices::read().await.ok().filter(|choices| !choices.projects.is_empty())
}

fn add_link() -> AnyView {
    let url_state = use_url_state();
    let add = move || url_state.with(&[("add", Some("outbound"))]);
    view! {
        <div class="actions">
            <a class="button primary" href=dynamic_value(add) data-noscroll="">{icon(Icon::Plus)}"Add webhook"</a>
        </div>
    }
    .into_any()
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
