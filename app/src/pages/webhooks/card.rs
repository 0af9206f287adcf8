//! A webhook: where it leads, how it is, what it sends.

use leptos::prelude::*;

use super::subscriptions::Subscriptions;
use crate::api::webhooks::DeleteWebhook;
use crate::components::badge;
use crate::components::confirm::Confirm;
use crate::components::failure::{failure, on_success};
use crate::components::toast::use_toasts;
use crate::components::when::WhenOrNever;
use crate::live::Row;
use crate::model::id::WebhookId;
use crate::model::webhook::{Direction, Webhook};
use crate::time;

/// Failures in a row after which nothing is sent any more.
const DISABLED_AT: u32 = 10;

/// See the [module](self).
#[component]
pub fn Card(row: Row<WebhookId, Webhook>, #[prop(into)] removed: Callback<WebhookId>) -> impl IntoView {
    let id = row.id;
    let flash = row.flash();
    let value = row.value;
    let toasts = use_toasts();
    let delete = ServerAction::<DeleteWebhook>::new();
    let asking = RwSignal::new(false);
    on_success(delete, move |()| {
        asking.set(false);
        toasts.done("The webhook was deleted");
        removed.run(id);
    });
    let inbound = value.with_untracked(|webhook| webhook.direction == Direction::Inbound);
    let consequences = if inbound {
        vec![
            "Its address stops accepting events; the tracker's deliveries fail from then on.".to_owned(),
            "Past deliveries stay to be read.".to_owned(),
        ]
    } else {
        vec![
            "Nothing is sent to it any more; what waits is given up.".to_owned(),
            "Past deliveries stay to be read.".to_owned(),
        ]
    };
    let name = {
        let value = value.clone();
        Signal::derive(move || value.with(|webhook| webhook.name.clone()))
    };
    let head = {
        let value = value.clone();
        move || head(&value.get())
    };
    let body = {
        let value = value.clone();
        move || body(&value.get())
    };
    let deliveries = format!("?tab=deliveries&webhook={id}");
    view! {
        <article class="card webhook" data-flash=flash aria-label=name>
            <div class="row">
                {head}
                <span class="grow"></span>
                <a class="button small" href=deliveries aria-label=move || format!("Deliveries of {}", name.get())>"Deliveries"</a>
                <button type="button" class="button small" aria-label=move || format!("Delete {}", name.get()) on:click=move |_| asking.set(true)>
                    "Delete"
                </button>
            </div>
            {body}
            {(!inbound).then(|| view! { <Subscriptions webhook=value/> })}
        </article>
        <Confirm
            open=asking
            title=Signal::derive(move || format!("Delete {}?", name.get()))
            consequences
            deed="Delete webhook"
            pending=delete.pending()
            error=failure(delete)
            on_confirm=move |()| { delete.dispatch(DeleteWebhook { id }); }
        />
    }
}

fn head(webhook: &Webhook) -> impl IntoView + use<> {
    let latest = match (webhook.last_failure_at, webhook.last_success_at) {
        (Some(failure), success) if success.is_none_or(|success| failure > success) => {
            format!("Last failure {}", time::exact(failure))
        }
        (_, Some(success)) => format!("Last success {}", time::exact(success)),
        _ => "Nothing sent or received yet".to_owned(),
    };
    view! {
        <h3 class="title">{webhook.name.clone()}</h3>
        <span class="kind">{webhook.kind.label()}</span>
        <span title=latest>{badge::health(webhook.health)}</span>
    }
}

fn body(webhook: &Webhook) -> impl IntoView + use<> {
    let first = if webhook.direction == Direction::Inbound { "Last received " } else { "Last dispatched " };
    let failures = webhook.consecutive_failures;
    view! {
        <p class="url">{webhook.url.clone()}</p>
        <p class="facts">
            <span>{first}<b><WhenOrNever time=webhook.last_dispatched_at/></b></span>
            <span>"Last success "<b><WhenOrNever time=webhook.last_success_at/></b></span>
            <span>"Last failure "<b><WhenOrNever time=webhook.last_failure_at/></b></span>
            {(failures > 0).then(|| view! {
                <span><b>{failures}</b>{if failures == 1 { " failure" } else { " failures" }}{format!(" in a row, disabled at {DISABLED_AT}")}</span>
            })}
        </p>
    }
}
