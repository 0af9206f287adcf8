//! A webhook: where it leads, how it is, what it sends, and what can be done with it.

use leptos::prelude::*;

use super::ask::{Asked, Deed, waiting_words};
use super::desk::use_desk;
use super::health::{DISABLED_AT, activity, health_badge};
use super::retiring::{retiring, retiring_note};
use super::send_test::SendTest;
use super::subscriptions::Subscriptions;
use crate::components::icon::{Icon, icon};
use crate::components::ready::use_ready;
use crate::live::Row;
use crate::model::id::WebhookId;
use crate::model::webhook::{Direction, Health, Webhook, WebhookKind};

/// See the [module](self).
#[component]
pub fn Card(
    row: Row<WebhookId, Webhook>,
    /// Told what the webhook has become.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (desk, ready) = (use_desk(), use_ready());
    let id = row.id;
    let flash = row.flash();
    let webhook = Signal::<Webhook>::from(row.value.clone());
    let test = SendTest::new(id);
    let (kind, direction) = webhook.with_untracked(|webhook| (webhook.kind, webhook.direction));
    let name = Memo::new(move |_| webhook.with(|webhook| webhook.name.clone()));
    let disabled = Memo::new(move |_| webhook.with(|webhook| webhook.health == Health::Disabled));
    let deed = move |deed: Deed, text: &'static str| {
        let ask = move |_| desk.ask(Asked { deed, webhook: webhook.get_untracked() });
        view! {
            <button
                type="button"
                class="button small waits"
                aria-label=move || format!("{text}: {}", name.get())
                disabled=move || !ready.get()
                on:click=ask
            >
                {text}
            </button>
        }
        .into_any()
    };
    let (previous, why) = (retiring(webhook), format!("unrotated-{id}"));
    let rotate = rotates(kind).then(|| {
        let (why, waits) = (why.clone(), move || previous.with(Option::is_some));
        let ask = move |_| {
            if !previous.with_untracked(Option::is_some) {
                desk.ask(Asked { deed: Deed::Rotate, webhook: webhook.get_untracked() });
            }
        };
        // It keeps the focus, so that whoever comes to it by keyboard hears why.
        view! {
            <button
                type="button"
                class="button small"
                class:waits=move || !waits()
                aria-label=move || format!("Rotate secret: {}", name.get())
                aria-disabled=move || waits().then_some("true")
                aria-describedby=move || waits().then(|| why.clone())
                disabled=move || !ready.get()
                on:click=ask
            >
                "Rotate secret"
            </button>
        }
    });
    let edit = (direction == Direction::Outbound).then(|| {
        view! {
            <button
                type="button"
                class="button small waits"
                aria-label=move || format!("Edit: {}", name.get())
                disabled=move || !ready.get()
                on:click=move |_| desk.editing.set(Some(webhook.get_untracked()))
            >
                "Edit"
            </button>
        }
    });
    let held = move || webhook.with(held_note);
    view! {
        <article class="card webhook" id=format!("card-{id}") tabindex="-1" data-flash=flash aria-label=name>
            <div class="head">
                <div class="named"><h3 class="title">{name}</h3><span class="kind">{kind.label()}</span>{health_badge(webhook)}</div>
                <div class="deeds">
                    {move || disabled.get().then(|| deed(Deed::Enable, "Re-enable"))}
                    <button
                        type="button"
                        class="button small waits"
                        aria-label=move || format!("Send test: {}", name.get())
                        aria-busy=move || test.pending().get().to_string()
                        disabled=move || !ready.get()
                        on:click=move |_| test.send()
                    >
                        "Send test"
                    </button>
                    {edit}
                    {rotate}
                    <a class="button small" href=format!("?tab=deliveries&webhook={id}") aria-label=move || format!("Deliveries of {}", name.get())>
                        "Deliveries"
                    </a>
                    {deed(Deed::Delete, "Delete")}
                </div>
            </div>
            <p class="url">{move || webhook.with(|webhook| webhook.url.clone())}</p>
            <p class="facts">{move || webhook.with(activity)}</p>
            {advice(kind).map(|text| view! { <p class="hint">{text}</p> })}
            {held}
            {retiring_note(previous, webhook, changed, why)}
            {test.result()}
            {(direction == Direction::Outbound).then(|| view! { <Subscriptions webhook changed/> })}
        </article>
    }
}

/// What waits while it is disabled, and after that until each had its turn.
pub fn held_note(webhook: &Webhook) -> Option<AnyView> {
    let waiting = waiting_words(webhook.held);
    let (class, sign, text) = match (webhook.health, webhook.held) {
        (Health::Disabled, _) => {
            let why = match webhook.consecutive_failures {
                failures @ DISABLED_AT.. => format!("after {failures} failures in a row"),
                _ => "as the endpoint answered that it is gone (410)".to_owned(),
            };
            ("note bad", Icon::Warning, format!("Nothing is sent, {why}. {waiting}."))
        }
        (_, 0) => return None,
        _ => ("note idle", Icon::Clock, format!("{waiting} for their turn: what was held is sent in order.")),
    };
    Some(view! { <p class=class>{icon(sign)}<span>{text}</span></p> }.into_any())
}

/// Whether Testbell minted its secret, and can mint another one.
const fn rotates(kind: WebhookKind) -> bool {
    matches!(kind, WebhookKind::Github | WebhookKind::Jira | WebhookKind::Generic)
}

/// What to do where there is nothing to rotate.
const fn advice(kind: WebhookKind) -> Option<&'static str> {
    match kind {
        WebhookKind::Slack => Some(
            "The URL is the credential, and there is no other secret. For another URL, delete it and add it again.",
        ),
        WebhookKind::AzureDevops => Some("To change its username or password, delete it and add it again."),
        WebhookKind::Github | WebhookKind::Jira | WebhookKind::Generic => None,
    }
}
