//! Active or inactive: the switch, the item in the menu, and the note of an inactive webhook.

use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;

use super::confirm::{ConfirmRequest, WebhookAction, held_count_text};
use super::context::{WebhooksPageContext, use_webhooks_page};
use crate::api::webhook_activity::{activate_webhook, deactivate_webhook};
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::toast::{Toasts, use_toasts};
use crate::model::webhook::{Direction, Health, HeldDeliveriesAction, Webhook};
use crate::model::webhook_activity::WhileInactive;

/// Changes the activity of one webhook.
#[derive(Clone, Copy)]
pub struct ActivityControl {
    webhook: Signal<Webhook>,
    changed: Callback<Webhook>,
    action: AsyncAction,
    context: WebhooksPageContext,
    toasts: Toasts,
}

impl ActivityControl {
    /// For an admin; `changed` is called with the changed webhook.
    pub fn new(webhook: Signal<Webhook>, changed: Callback<Webhook>) -> Self {
        Self { webhook, changed, action: AsyncAction::new(), context: use_webhooks_page(), toasts: use_toasts() }
    }

    /// Whether the webhook can be inactive.
    fn is_outbound(self) -> bool {
        self.webhook.with_untracked(|webhook| webhook.direction == Direction::Outbound)
    }

    fn active(self) -> Memo<bool> {
        Memo::new(move |_| self.webhook.with(|webhook| webhook.active))
    }

    /// Deactivates or activates it. If deliveries are held, the user decides about them first.
    pub fn toggle(self) {
        let webhook = self.webhook.get_untracked();
        if !webhook.active && webhook.held_count > 0 {
            return self.context.confirm(ConfirmRequest { action: WebhookAction::Activate, webhook });
        }
        self.action.start(async move {
            let result = match webhook.active {
                true => deactivate_webhook(webhook.id).await,
                false => activate_webhook(webhook.id, HeldDeliveriesAction::Send).await,
            };
            match result {
                Ok(webhook) => {
                    self.toasts.done(if webhook.active { "Webhook activated" } else { "Webhook deactivated" });
                    self.changed.try_run(webhook);
                }
                Err(error) => self.toasts.failed(error.to_string()),
            }
            Ok(())
        });
    }
}

/// The item in the menu of a webhook.
pub fn activity_item(control: ActivityControl) -> Option<AnyView> {
    let active = control.active();
    let text = move || if active.get() { "Deactivate" } else { "Activate" };
    let label = move || control.webhook.with(|webhook| format!("{}: {}", text(), webhook.name));
    control.is_outbound().then(|| {
        view! {
            <button type="button" aria-label=dynamic_value(label) on:click=move |_| control.toggle()>
                {dynamic(move || icon(if active.get() { Icon::Pause } else { Icon::Run }))}{dynamic(text)}
            </button>
        }
        .into_any()
    })
}

/// The switch on the page of a webhook.
pub fn active_switch(control: ActivityControl) -> Option<AnyView> {
    let (active, hydrated) = (control.active(), use_hydrated());
    control.is_outbound().then(|| {
        view! {
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    checked=active.get_untracked()
                    prop:checked=dynamic_value(move || active.get())
                    disabled=dynamic_value(move || !hydrated.get())
                    on:change=move |event| {
                        // It shows what is stored, until the change is.
                        event_target::<HtmlInputElement>(&event).set_checked(active.get_untracked());
                        control.toggle();
                    }
                />
                "Active"
            </label>
        }
        .into_any()
    })
}

/// What happens to the events of an inactive webhook, or while all webhooks are paused. `control` is `None` for a
/// member.
pub fn inactive_note(webhook: Signal<Webhook>, control: Option<ActivityControl>) -> AnyView {
    let text = Memo::new(move |_| webhook.with(note_text));
    let inactive = Memo::new(move |_| webhook.with(|webhook| !webhook.active));
    let button = move || {
        control.filter(|_| inactive.get()).map(|control| {
            view! {
                <button
                    type="button"
                    class="button small"
                    aria-label=dynamic_value(move || webhook.with(|webhook| format!("Activate webhook: {}", webhook.name)))
                    on:click=move |_| control.toggle()
                >
                    "Activate"
                </button>
            }
        })
    };
    dynamic(move || {
        text.get().map(|text| view! { <p class="note">{icon(Icon::Pause)}<span>{text}</span>{button()}</p> })
    })
    .into_any()
}

fn note_text(webhook: &Webhook) -> Option<String> {
    let events = match (webhook.active, webhook.while_inactive) {
        (true, _) if webhook.instance_paused => "All webhooks are paused. Events are held until this one is resumed.",
        (true, _) => return None,
        (false, WhileInactive::Hold) => "Events are held while this webhook is inactive.",
        (false, WhileInactive::Drop) => "Events are dropped while this webhook is inactive. They can be replayed.",
    };
    // The note of a disabled webhook counts them, too.
    match webhook.held_count {
        count if count > 0 && webhook.health != Health::Disabled => {
            Some(format!("{events} {}.", held_count_text(count)))
        }
        _ => Some(events.to_owned()),
    }
}
