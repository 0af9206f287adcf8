//! `/projects/{id}/settings/integration`: the connection to the issue tracker. The page loads the
//! integration and whether an inbound webhook depends on it; [`card`] shows what is connected, and
//! [`setup`] connects or changes it.

mod card;
mod fields;
mod setup;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::skeleton::Skeleton;
use crate::error::Result;
use crate::layout::{as_admin, use_project};
use crate::live::{LiveMessage, use_live};
use crate::model::id::ProjectId;
use crate::model::integration::Integration as Connected;
use crate::model::live::ChangeKind;
use crate::model::page::PageQuery;
use crate::model::webhook::Direction;
use crate::page_resource::PageResource;

use card::IntegrationCard;
use setup::IntegrationSetup;

#[component]
pub fn Integration() -> impl IntoView {
    let project = use_project();
    let loaded = PageResource::new(|| (), move |()| load(project));
    let reload = move |()| loaded.refetch();
    view! {
        <Title text="Issue integration"/>
        <header class="page-head">
            <div>
                <h1>"Issue integration"</h1>
                <p class="lead">"Connect the project to its issue tracker."</p>
            </div>
        </header>
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match loaded.await {
                    Ok((connected, has_inbound)) => {
                        let has_inbound = inbound_signal(project, has_inbound);
                        view! {
                            {connected.clone().map(|connected| view! { <IntegrationCard connected project has_inbound reload/> })}
                            <IntegrationSetup connected project has_inbound reload/>
                        }.into_any()
                    }
                    Err(error) => view! { <PageError error what="the integration" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The integration, and whether the project has an inbound webhook.
async fn load(project: ProjectId) -> Result<(Option<Connected>, bool)> {
    as_admin(project).await?;
    let integration = api::integrations::read_integration(project).await?;
    Ok((integration, has_inbound_webhook(project).await?))
}

async fn has_inbound_webhook(project: ProjectId) -> Result<bool> {
    // The list starts with the inbound webhook.
    let first = api::webhooks::list_webhooks(project, PageQuery { limit: Some(1), cursor: None }).await?;
    Ok(first.items.iter().any(|webhook| webhook.direction == Direction::Inbound))
}

/// Whether there is an inbound webhook. It updates when another user adds or deletes one.
fn inbound_signal(project: ProjectId, initial: bool) -> Signal<bool> {
    let has_inbound = RwSignal::new(initial);
    use_live(move |message| {
        if matches!(message, LiveMessage::Missed | LiveMessage::Changed(ChangeKind::WebhookChanged { .. })) {
            leptos::task::spawn_local(async move {
                if let Ok(fresh) = has_inbound_webhook(project).await {
                    let _ = has_inbound.try_set(fresh);
                }
            });
        }
    });
    has_inbound.into()
}

/// What is lost when an integration is removed or replaced.
fn consequences(has_credentials: bool, has_inbound: bool) -> Vec<String> {
    let mut all = if has_credentials {
        vec![
            "Imported issues are kept but no longer update.".to_owned(),
            "The stored token will be deleted.".to_owned(),
        ]
    } else {
        vec!["Imported issues are kept.".to_owned()]
    };
    if has_inbound {
        all.push("The inbound webhook will also be deleted.".to_owned());
    }
    all
}
