//! The row of a webhook: its URL, latest deliveries, facts and problems. An admin gets one visible
//! action and a menu; a member gets neither.

use leptos::prelude::*;

use super::actions::{row_actions, view_deliveries};
use super::activity::{ActivityControl, inactive_note};
use super::confirm::{ConfirmRequest, WebhookAction};
use super::context::use_webhooks_page;
use super::facts::facts;
use super::health::health_badge;
use super::health_note::{health_note, reenable_button};
use super::links::webhook_path;
use super::queue_facts::queue_facts;
use super::recent_deliveries::recent_of;
use super::retiring_secret::{retiring, retiring_note};
use super::scope_dialog::scope_badge;
use super::send_test::SendTest;
use super::signing_facts::{insecure_badge, signing_facts};
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::refused_note::refused_note;
use crate::components::spark::spark;
use crate::live::Row;
use crate::model::id::WebhookId;
use crate::model::provider::{InboundAuthentication, Provider};
use crate::model::webhook::{Health, Webhook, WebhookKind};

#[component]
pub fn WebhookRow(
    row: Row<WebhookId, Webhook>,
    /// Called with the changed webhook.
    changed: Option<Callback<Webhook>>,
) -> impl IntoView {
    let context = use_webhooks_page();
    let id = row.id;
    let flash = row.flash();
    let webhook = Signal::<Webhook>::from(row.value.clone());
    let direction = webhook.with_untracked(|webhook| webhook.direction);
    let kind = Memo::new(move |_| webhook.with(|webhook| webhook.kind));
    let name = Memo::new(move |_| webhook.with(|webhook| webhook.name.clone()));
    let url = Memo::new(move |_| webhook.with(|webhook| webhook.url.clone()));
    let trend = move || context.recent.with(|recent| spark(recent_of(recent, id), direction));
    // An admin of this project may not be one of the others, and the projects may change.
    let manages = Memo::new(move |_| webhook.with(|webhook| webhook.scope.can_manage));
    let changed = move || changed.filter(|_| manages.get());
    let test = SendTest::new(webhook);
    let (previous, reason_id) = (retiring(webhook), format!("not-rotated-{id}"));
    let actions = move || match changed() {
        Some(changed) => {
            let activity = ActivityControl::new(webhook, changed);
            row_actions(webhook, test, previous, reason_id.clone(), activity)
        }
        None => view_deliveries(webhook),
    };
    let reenable = Callback::new(move |()| {
        context.confirm(ConfirmRequest { action: WebhookAction::Enable, webhook: webhook.get_untracked() });
    });
    let disabled = Memo::new(move |_| webhook.with(|webhook| webhook.health == Health::Disabled));
    let offer = move || disabled.get().then(|| reenable_button(webhook, reenable));
    let notes = move || match changed() {
        Some(changed) => view! {
            {dynamic(move || advice(kind.get()).map(|text| view! { <p class="hint">{text}</p> }))}
            {inactive_note(webhook, Some(ActivityControl::new(webhook, changed)))}
            {health_note(webhook, Some(reenable))}
            {retiring_note(previous, webhook, changed)}
            {test.result(offer)}
        }
        .into_any(),
        None => view! { {inactive_note(webhook, None)}{health_note(webhook, None)} }.into_any(),
    };
    let href = webhook.with_untracked(webhook_path);
    view! {
        <article class="webhook" id=format!("card-{id}") tabindex="-1" data-flash=flash aria-label=name>
            <span class="tile">{dynamic(move || icon(kind.get().icon()))}</span>
            <div class="id">
                <div class="row"><h3 dir="auto" title=name><a href=href>{name}</a></h3>{health_badge(webhook)}{insecure_badge(webhook)}{scope_badge(webhook)}</div>
                <p class="address"><span>{dynamic(move || kind.get().label())}</span>"·"<code class="url" title=url>{url}</code></p>
            </div>
            <div class="trend">{dynamic(trend)}</div>
            <div class="row-actions">{dynamic(actions)}</div>
            {dynamic(move || facts(webhook, changed().is_some()))}
            <div class="notes">
                {signing_facts(webhook)}
                {dynamic(move || webhook.with(missing_secret_note))}
                {queue_facts(webhook)}
                {dynamic(move || webhook.with(refused_note))}
                {dynamic(notes)}
            </div>
        </article>
    }
}

/// What to do before the tracker's own secret was entered.
pub fn missing_secret_note(webhook: &Webhook) -> Option<AnyView> {
    let is_missing = webhook.has_tracker_secret() && webhook.secrets.is_empty();
    let text = || {
        let tracker = webhook.kind.label();
        format!("Events are refused until an admin enters the signing secret that {tracker} shows for its webhook.")
    };
    is_missing.then(|| view! { <p class="note warn">{icon(Icon::Key)}<span>{text()}</span></p> }.into_any())
}

/// What to do if there is no secret to rotate.
fn advice(kind: WebhookKind) -> Option<&'static str> {
    let tracker = kind.tracker().and_then(Provider::inbound_authentication);
    (tracker == Some(InboundAuthentication::UsernamePassword))
        .then_some("To change its username or password, delete it and add it again.")
}
