//! A note above the list about refused calls, most of which have no delivery.

use leptos::prelude::*;

use crate::api;
use crate::components::dynamic::{awaited, dynamic};
use crate::components::refused_note::refused_note;
use crate::live::{LiveMessage, use_live};
use crate::model::delivery::DeliveryQuery;
use crate::model::id::ProjectId;
use crate::model::live::ChangeKind;
use crate::model::page::PageQuery;
use crate::model::webhook::{Direction, Webhook};
use crate::page_resource::PageResource;

#[component]
pub fn RefusedRequests(project: ProjectId, query: Memo<DeliveryQuery>) -> impl IntoView {
    let first = PageResource::new(|| (), move |()| async move { read_inbound(project).await });
    view! {
        <Transition>
            {awaited(move || async move { first.await.map(|webhook| view! { <Note webhook project query/> }) })}
        </Transition>
    }
}

/// The inbound webhook comes first.
async fn read_inbound(project: ProjectId) -> Option<Webhook> {
    let page = api::webhooks::list_webhooks(project, PageQuery { limit: Some(1), cursor: None }).await.ok()?;
    page.items.into_iter().find(|webhook| webhook.direction == Direction::Inbound)
}

#[component]
fn Note(webhook: Webhook, project: ProjectId, query: Memo<DeliveryQuery>) -> impl IntoView {
    let id = webhook.id;
    let webhook = RwSignal::new(webhook);
    use_live(move |message| match message {
        LiveMessage::Changed(ChangeKind::WebhookChanged { webhook_id }) if webhook_id != id => {}
        LiveMessage::Missed | LiveMessage::Changed(ChangeKind::WebhookChanged { .. }) => {
            leptos::task::spawn_local(async move {
                if let Some(fresh) = read_inbound(project).await {
                    let _ = webhook.try_set(fresh);
                }
            })
        }
        LiveMessage::Changed(_) => {}
    });
    let concerned = move || {
        query.with(|query| {
            let is_outbound = query.direction == Some(Direction::Outbound) || query.digest.is_some();
            !is_outbound && query.webhook_id.is_none_or(|webhook| webhook == id)
        })
    };
    dynamic(move || concerned().then(|| webhook.with(refused_note)))
}
