//! The head of a webhook's page: its name and health, the switch, and its actions.

use leptos::prelude::*;

use super::super::actions::{row_actions, view_deliveries};
use super::super::activity::{ActivityControl, active_switch, inactive_note};
use super::super::confirm::{ConfirmRequest, WebhookAction};
use super::super::context::use_webhooks_page;
use super::super::digest_note::digest_note;
use super::super::health::health_badge;
use super::super::health_note::{health_note, reenable_button};
use super::super::links::webhooks_path;
use super::super::retiring_secret::{retiring, retiring_note};
use super::super::scope_dialog::scope_badge;
use super::super::send_test::SendTest;
use super::super::signing_facts::insecure_badge;
use super::super::webhook_row::missing_secret_note;
use super::deleted_notice;
use crate::components::dynamic::dynamic;
use crate::components::item_head::{ItemHead, item_head};
use crate::components::refused_note::refused_note;
use crate::model::webhook::{Health, Webhook};

/// `changed` is called with a changed webhook; `None` for a member.
pub fn head(webhook: Signal<Webhook>, changed: Option<Callback<Webhook>>, deleted: RwSignal<bool>) -> AnyView {
    let context = use_webhooks_page();
    let (project, id, direction) =
        webhook.with_untracked(|webhook| (webhook.project_id, webhook.id, webhook.direction));
    let admin = changed.map(|changed| {
        let (test, control) = (SendTest::new(webhook), ActivityControl::new(webhook, changed));
        let (previous, reason_id) = (retiring(webhook), format!("not-rotated-{id}"));
        let reenable = Callback::new(move |()| {
            context.confirm(ConfirmRequest { action: WebhookAction::Enable, webhook: webhook.get_untracked() });
        });
        let disabled = Memo::new(move |_| webhook.with(|webhook| webhook.health == Health::Disabled));
        let offer = move || disabled.get().then(|| reenable_button(webhook, reenable));
        let actions = view! {
            <div class="row-actions">{active_switch(control)}{row_actions(webhook, test, previous, reason_id, control)}</div>
        };
        let notes = view! {
            {inactive_note(webhook, Some(control))}
            {health_note(webhook, Some(reenable))}
            {digest_note(webhook, Some(changed))}
            {retiring_note(previous, webhook, changed)}
            {test.result(offer)}
        };
        (actions.into_any(), notes.into_any())
    });
    let (actions, notes) = admin.unwrap_or_else(|| {
        let notes = view! { {inactive_note(webhook, None)}{health_note(webhook, None)}{digest_note(webhook, None)} };
        (view_deliveries(webhook), notes.into_any())
    });
    item_head(ItemHead {
        list: webhooks_path(project),
        list_label: "Webhooks",
        key: view! { <span>{direction.label()}</span> }.into_any(),
        title: Signal::derive(move || webhook.with(|webhook| webhook.name.clone())),
        badge: view! { {health_badge(webhook)}{insecure_badge(webhook)}{scope_badge(webhook)} }.into_any(),
        notes: view! {
            <div class="webhook-notes">{deleted_notice(deleted)}{dynamic(move || webhook.with(missing_secret_note))}{dynamic(move || webhook.with(refused_note))}{notes}</div>
        }
        .into_any(),
        actions,
    })
}
