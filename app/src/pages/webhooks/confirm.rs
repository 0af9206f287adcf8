//! Confirms actions on a webhook: deleting or duplicating it, rotating or retiring its secret, re-enabling it. One
//! dialog serves all webhooks.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::rotate_options::RotateOptions;
use crate::api::history::delete_webhook_and_history;
use crate::api::webhook_activity::activate_webhook;
use crate::api::webhooks::{delete_webhook, duplicate_webhook, enable_webhook, retire_secret, rotate_webhook};
use crate::components::async_action::AsyncAction;
use crate::components::confirm::Confirm;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::focus::focus;
use crate::components::number::counted;
use crate::components::toast::use_toasts;
use crate::model::id::{SecretId, WebhookId};
use crate::model::signing::WebhookSigning;
use crate::model::webhook::{CreatedWebhook, Direction, HeldDeliveriesAction, Webhook};

/// The action on a tracker's own secret.
pub const ENTER_SECRET: &str = "Enter signing secret";

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookAction {
    /// Delete it.
    Delete,
    /// Rotate its secret.
    Rotate,
    /// Retire the old secret now.
    Retire(SecretId),
    /// Re-enable it.
    Enable,
    /// Activate it.
    Activate,
    /// Copy it.
    Duplicate,
}

/// An action on a webhook.
#[derive(Clone, Debug)]
pub struct ConfirmRequest {
    /// The action.
    pub action: WebhookAction,
    /// The webhook when the dialog opened.
    pub webhook: Webhook,
}

impl ConfirmRequest {
    /// Whether nothing stops working.
    fn is_harmless(&self) -> bool {
        match self.action {
            WebhookAction::Enable | WebhookAction::Activate | WebhookAction::Duplicate => true,
            WebhookAction::Rotate => self.webhook.has_tracker_secret(),
            WebhookAction::Delete | WebhookAction::Retire(_) => false,
        }
    }
}

/// The texts of the dialog.
#[derive(Clone, Default, PartialEq, Eq)]
struct ConfirmText {
    title: String,
    consequences: Vec<String>,
    button: &'static str,
}

/// The dialog has a title before an action is requested.
fn no_request() -> ConfirmText {
    ConfirmText { title: "Change webhook?".to_owned(), ..ConfirmText::default() }
}

fn text_of(request: &ConfirmRequest) -> ConfirmText {
    let name = &request.webhook.name;
    let inbound = request.webhook.direction == Direction::Inbound;
    let carries_two = request.webhook.signing.as_ref().is_none_or(WebhookSigning::carries_two);
    let enabled_again = match request.webhook.disabled_after {
        Some(1) => "Fix the endpoint first: it is disabled again after the next failure.".to_owned(),
        Some(failures) => {
            format!("Fix the endpoint first: it is disabled again after {failures} consecutive failures.")
        }
        None => "Fix the endpoint first.".to_owned(),
    };
    let copy_state = match request.webhook.signing.as_ref().is_some_and(|signing| signing.scheme.has_key()) {
        true => "It is inactive until you activate it, and signs with a secret of its own.",
        false => "It is inactive until you activate it.",
    };
    let (title, consequences, button): (_, &[&str], _) = match (request.action, inbound) {
        (WebhookAction::Delete, true) => {
            (format!("Delete {name}?"), &["Its URL stops accepting events.", "This can't be undone."], "Delete webhook")
        }
        (WebhookAction::Delete, false) => (
            format!("Delete {name}?"),
            &["Pending deliveries are cancelled.", "This can't be undone."],
            "Delete webhook",
        ),
        (WebhookAction::Rotate, true) if request.webhook.has_tracker_secret() => (
            format!("Enter the signing secret of {name}"),
            &["Events that are signed with another secret are refused."],
            "Save secret",
        ),
        (WebhookAction::Rotate, true) => (
            format!("Rotate the URL and secret of {name}?"),
            &[
                "The current URL and secret stop working immediately.",
                "Events are refused until you enter the new ones in your tracker.",
            ],
            "Rotate secret",
        ),
        (WebhookAction::Rotate, false) if carries_two => (
            format!("Rotate the secret of {name}?"),
            &["Both secrets sign for the selected time. You can retire the old one early, or extend it once."],
            "Rotate secret",
        ),
        (WebhookAction::Rotate, false) => (
            format!("Rotate the secret of {name}?"),
            &[
                "The current secret stops immediately: with this kind of signing, a request can't carry both.",
                "You can replay deliveries that the endpoint refuses until it knows the new secret.",
            ],
            "Rotate secret",
        ),
        (WebhookAction::Retire(_), _) => (
            format!("Retire the old secret of {name}?"),
            &["It stops signing immediately. Receivers that don't know the new secret will refuse deliveries."],
            "Retire now",
        ),
        (WebhookAction::Enable, _) => (
            format!("Re-enable {name}?"),
            &["This resets the failure count and resumes sending.", &enabled_again],
            "Re-enable",
        ),
        (WebhookAction::Duplicate, _) => (
            format!("Duplicate {name}?"),
            &["The copy has the same URL, projects, events and settings.", copy_state],
            "Duplicate webhook",
        ),
        (WebhookAction::Activate, _) => {
            (format!("Activate {name}?"), &["Deliveries were held while it was inactive."], "Activate")
        }
    };
    ConfirmText { title, consequences: consequences.iter().map(|&text| text.to_owned()).collect(), button }
}

#[component]
pub fn ConfirmDialog(
    /// Called with the changed webhook.
    #[prop(into)]
    changed: Callback<Webhook>,
    /// Called with a new copy.
    #[prop(into)]
    created: Callback<Webhook>,
    /// Called with the ID of a deleted webhook.
    #[prop(into)]
    removed: Callback<WebhookId>,
    /// The ID of the element that gets the focus after a webhook was deleted.
    #[prop(into)]
    after: Callback<WebhookId, String>,
) -> impl IntoView {
    let (context, toasts) = (use_webhooks_page(), use_toasts());
    let submit = AsyncAction::new();
    let held = RwSignal::new(HeldDeliveriesAction::Send);
    let rotate_options = RotateOptions::new();
    let with_history = RwSignal::new(false);
    let text = Memo::new(move |_| context.request.with(|request| request.as_ref().map_or_else(no_request, text_of)));
    let action = Memo::new(move |_| context.request.with(|request| request.as_ref().map(|request| request.action)));
    let next_focus = RwSignal::new(None::<String>);
    // A closing dialog returns the focus to its button, which may have been removed with its row.
    Effect::new(move |_| {
        if context.confirm_open.get() {
            return;
        }
        if let Some(id) = next_focus.try_update_untracked(Option::take).flatten() {
            request_animation_frame(move || focus(&id));
        }
    });
    // Reset the dialog for the next action.
    Effect::new(move |_| {
        if context.confirm_open.get() {
            held.set(HeldDeliveriesAction::Send);
            rotate_options.reset();
            with_history.set(false);
            submit.forget();
        }
    });
    let confirm = move |()| {
        let Some(ConfirmRequest { action, webhook }) = context.request.get_untracked() else { return };
        let (id, held) = (webhook.id, held.get_untracked());
        let (overlap, secret) = rotate_options.selected(&webhook);
        let deletes_history = with_history.get_untracked();
        submit.start(async move {
            let done = match action {
                WebhookAction::Delete => {
                    // Its position is known only while it is on the page.
                    let next = after.try_run(id);
                    if deletes_history {
                        delete_webhook_and_history(id).await?;
                    } else {
                        delete_webhook(id).await?;
                    }
                    // The user may have left the page, here and below.
                    removed.try_run(id);
                    let _ = next_focus.try_set(next);
                    "Webhook deleted"
                }
                WebhookAction::Rotate => {
                    let rotated = rotate_webhook(id, overlap, secret.is_some(), secret.unwrap_or_default()).await?;
                    changed.try_run(rotated.webhook.clone());
                    context.revealed.add(rotated);
                    if webhook.has_tracker_secret() { "Signing secret saved" } else { "Secret rotated" }
                }
                WebhookAction::Retire(secret) => {
                    changed.try_run(retire_secret(id, secret).await?);
                    "Old secret retired"
                }
                WebhookAction::Enable => {
                    changed.try_run(enable_webhook(id, held).await?);
                    "Webhook re-enabled"
                }
                WebhookAction::Activate => {
                    changed.try_run(activate_webhook(id, held).await?);
                    "Webhook activated"
                }
                WebhookAction::Duplicate => {
                    let copy = duplicate_webhook(id).await?;
                    // On the page of one of its projects, the secret is shown there.
                    let project_id = webhook.project_id;
                    let copy = CreatedWebhook { webhook: Webhook { project_id, ..copy.webhook }, ..copy };
                    created.try_run(copy.webhook.clone());
                    context.revealed.add(copy);
                    "Webhook duplicated"
                }
            };
            let _ = context.confirm_open.try_set(false);
            toasts.done(done);
            Ok(())
        });
    };
    let choice = move |which: HeldDeliveriesAction, hint: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="held" prop:checked=dynamic_value(move || held.get() == which) on:change=move |_| held.set(which)/>
                <span>{which.label()}<span class="hint">{hint}</span></span>
            </label>
        }
    };
    let choices = move || {
        let waiting = context.request.with(|request| request.as_ref().map_or(0, |request| request.webhook.held_count));
        matches!(action.get(), Some(WebhookAction::Enable | WebhookAction::Activate)).then(|| {
            view! {
                <fieldset class="choices stacked">
                    <legend>{held_count_text(waiting)}</legend>
                    {choice(HeldDeliveriesAction::Send, "In order, oldest first.")}
                    {choice(HeldDeliveriesAction::Discard, "They stay in the list and can be replayed.")}
                </fieldset>
            }
        })
    };
    let rotation = move || {
        // The fields are new each time the dialog opens.
        let is_rotation = context.confirm_open.get() && action.get() == Some(WebhookAction::Rotate);
        let webhook = context.request.with(|request| request.as_ref().map(|request| request.webhook.clone()));
        webhook.filter(|_| is_rotation).map(|webhook| rotate_options.fields(&webhook, submit.error()))
    };
    let history = move || {
        (action.get() == Some(WebhookAction::Delete)).then(|| {
            view! {
                <label class="choice">
                    <input type="checkbox" prop:checked=with_history on:change=move |event| with_history.set(event_target_checked(&event))/>
                    <span>"Also delete its delivery history"<span class="hint">"Otherwise it is kept until the retention period ends."</span></span>
                </label>
            }
        })
    };
    view! {
        <Confirm
            open=context.confirm_open
            title=Signal::derive(move || text.get().title)
            consequences=Signal::derive(move || text.get().consequences)
            confirm_label=Signal::derive(move || text.get().button.to_owned())
            pending=submit.pending()
            error=submit.error()
            non_destructive=Signal::derive(move || context.request.with(|request| request.as_ref().is_some_and(ConfirmRequest::is_harmless)))
            on_confirm=confirm
        >
            {dynamic(choices)}
            {dynamic(rotation)}
            {dynamic(history)}
        </Confirm>
    }
}

/// `1 held delivery`.
pub fn held_count_text(held: u32) -> String {
    match held {
        0 => "No held deliveries".to_owned(),
        _ => counted(held, "held delivery", "held deliveries"),
    }
}
