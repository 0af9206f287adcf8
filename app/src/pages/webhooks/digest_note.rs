//! The digest of a chat tool: its intervals, and the note that suggests one while many deliveries are queued.

use leptos::prelude::*;

use super::queue_facts::with_queue;
use crate::api::webhooks::update_webhook;
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::focus::focus;
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::toast::use_toasts;
use crate::model::delivery_policy::PolicyChange;
use crate::model::digest::{LONG_QUEUE, SHORT_QUEUE, interval_text};
use crate::model::webhook::{UpdateWebhook, Webhook};

const OFF: &str = "Off, a message per event";
/// The suggested interval in minutes.
const SUGGESTED_MINUTES: u32 = 5;
/// The ID of the button that edits the interval, on the same page.
const EDIT_DIGEST: &str = "edit-digestMinutes";

/// The intervals that can be selected, in minutes.
pub const DIGEST_CHOICES: [(&str, &str); 7] = [
    ("0", OFF),
    ("1", "Every minute"),
    ("5", "Every 5 minutes"),
    ("15", "Every 15 minutes"),
    ("60", "Every hour"),
    ("240", "Every 4 hours"),
    ("1440", "Every day"),
];

fn minutes(webhook: &Webhook) -> u32 {
    webhook.policy.as_ref().map_or(0, |policy| policy.digest_minutes)
}

/// `Every 5 minutes`.
pub fn digest_interval(webhook: &Webhook) -> String {
    match minutes(webhook) {
        0 => OFF.to_owned(),
        minutes => format!("Every {}", interval_text(minutes)),
    }
}

/// `Every 5 minutes, 12 queued`.
pub fn digest_text(webhook: &Webhook) -> String {
    let interval = digest_interval(webhook);
    if minutes(webhook) == 0 { interval } else { with_queue(&interval, webhook) }
}

/// How many deliveries are queued, if a digest would help. A note that is shown stays until the queue is short, so that
/// it doesn't flicker.
fn long_queue(webhook: &Webhook, was_shown: bool) -> Option<u32> {
    let least = if was_shown { SHORT_QUEUE } else { LONG_QUEUE };
    let is_long = webhook.queued_count >= least && minutes(webhook) == 0;
    (is_long && webhook.kind.has_digests()).then_some(webhook.queued_count)
}

/// Suggests a digest. `changed` is called with the changed webhook; `None` for a member.
pub fn digest_note(webhook: Signal<Webhook>, changed: Option<Callback<Webhook>>) -> AnyView {
    let (action, toasts) = (AsyncAction::new(), use_toasts());
    let queue = Memo::new(move |before: Option<&Option<u32>>| {
        let was_shown = before.is_some_and(Option::is_some);
        webhook.with(|webhook| long_queue(webhook, was_shown))
    });
    let is_long = Memo::new(move |_| queue.get().is_some());
    let text = move || {
        let queued = counted(queue.get().unwrap_or_default(), "queued delivery", "queued deliveries");
        format!("{queued}. A digest sums them up in one message.")
    };
    let turn_on = move |_| {
        let id = webhook.with_untracked(|webhook| webhook.id);
        let policy = PolicyChange { digest_minutes: Some(SUGGESTED_MINUTES), ..PolicyChange::default() };
        action.start(async move {
            match update_webhook(id, UpdateWebhook { policy, ..UpdateWebhook::default() }).await {
                Ok(webhook) => {
                    // The user may have left the page.
                    changed.and_then(|changed| changed.try_run(webhook));
                    toasts.done("Digest turned on");
                    // The button is gone.
                    request_animation_frame(|| focus(EDIT_DIGEST));
                }
                Err(error) => toasts.failed(error.to_string()),
            }
            Ok(())
        });
    };
    let note = move || {
        is_long.get().then(|| {
            let button = changed.map(|_| view! {
                <button type="button" class="button small" aria-busy=dynamic_value(move || action.pending().get().to_string()) on:click=turn_on>
                    "Send a digest every 5 minutes"
                </button>
            });
            view! { <p class="note">{icon(Icon::Info)}<span>{dynamic(text)}</span>{button}</p> }
        })
    };
    dynamic(note).into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interval_is_named_as_it_is_selected() {
        assert!(DIGEST_CHOICES.iter().any(|(value, _)| *value == SUGGESTED_MINUTES.to_string()));
        for (value, text) in &DIGEST_CHOICES[1..] {
            assert_eq!(*text, format!("Every {}", interval_text(value.parse().unwrap())));
        }
    }
}
