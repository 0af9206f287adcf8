//! `/projects/{id}/settings/webhooks`: the webhooks of both directions; under `?tab=deliveries`
//! what they received and sent.

mod card;
mod create;
mod inbound;
mod outbound;
mod picker;
mod subscriptions;

use leptos::prelude::*;
use leptos_meta::Title;

use super::deliveries::Deliveries;
use crate::api;
use crate::components::failure::PageError;
use crate::components::skeleton::Skeleton;
use crate::components::tabs::Tabs;
use crate::error::{Error, Result};
use crate::layout::{as_admin, use_project};
use crate::live::{Gather, Heard, Rows, use_live};
use crate::model::id::{ProjectId, WebhookId};
use crate::model::integration::Integration;
use crate::model::live::What;
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::webhook::{Direction, Webhook};
use crate::place::use_place;
use inbound::Inbound;
use outbound::Outbound;

/// See the [module](self).
#[component]
pub fn Webhooks() -> impl IntoView {
    let id = use_project();
    let place = use_place();
    let on_deliveries = Memo::new(move |_| place.param("tab").as_deref() == Some("deliveries"));
    view! {
        <Title text="Webhooks"/>
        <header class="page-head">
            <div>
                <h1>"Webhooks"</h1>
                <p class="lead">"Receive issue changes from your tracker, and send test events to your tools."</p>
            </div>
        </header>
        <Tabs label="Webhooks" path=format!("/projects/{id}/settings/webhooks") tabs=vec![("", "Webhooks"), ("deliveries", "Deliveries")]/>
        <Show when=move || on_deliveries.get() fallback=move || view! { <Configured project=id/> }>
            <Deliveries project=id/>
        </Show>
    }
}

/// All that the tab shows, read at once.
async fn read(project: ProjectId) -> Result<(Option<Integration>, Page<Webhook>)> {
    as_admin(project).await?;
    let integration = api::integrations::read_integration(project).await?;
    // The inbound webhook comes first.
    let webhooks = api::webhooks::list_webhooks(project, PageQuery { limit: Some(MAX_LIMIT), cursor: None }).await?;
    Ok((integration, webhooks))
}

#[component]
fn Configured(project: ProjectId) -> impl IntoView {
    let all = Resource::new(|| (), move |()| read(project));
    view! {
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                match all.await {
                    Ok((integration, page)) => {
                        view! { <Sections integration page project reload=move |()| all.refetch()/> }.into_any()
                    }
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Both sections; each webhook changes in place.
#[component]
fn Sections(
    integration: Option<Integration>,
    page: Page<Webhook>,
    project: ProjectId,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let (inbound, outbound): (Vec<_>, Vec<_>) =
        page.items.into_iter().partition(|webhook| webhook.direction == Direction::Inbound);
    let keyed = |webhooks: Vec<Webhook>| Rows::new(webhooks.into_iter().map(|webhook| (webhook.id, webhook)));
    let (inbound, outbound) = (keyed(inbound), keyed(outbound));
    let read = move |id: WebhookId| async move {
        match api::webhooks::read_webhook(id).await {
            Ok(webhook) if webhook.project_id != project => {}
            Ok(webhook) if webhook.direction == Direction::Inbound => inbound.push(id, webhook),
            Ok(webhook) => outbound.push(id, webhook),
            Err(Error::NotFound) => {
                inbound.remove(id);
                outbound.remove(id);
            }
            Err(_) => {}
        }
    };
    let changed = Gather::new(move |ids: Vec<WebhookId>| {
        for id in ids {
            leptos::task::spawn_local(read(id));
        }
    });
    let integration = RwSignal::new(integration);
    use_live(move |heard| match heard {
        Heard::Changed(What::WebhookChanged { webhook_id }) => changed.add(webhook_id),
        Heard::Changed(What::IntegrationChanged) => leptos::task::spawn_local(async move {
            if let Ok(fresh) = api::integrations::read_integration(project).await {
                let _ = integration.try_set(fresh);
            }
        }),
        Heard::Changed(_) => {}
        Heard::Missed => reload.run(()),
    });
    view! {
        <Inbound rows=inbound integration project/>
        <Outbound rows=outbound project/>
    }
}
