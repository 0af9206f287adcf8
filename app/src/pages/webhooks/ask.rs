//! What is confirmed before it is done to a webhook: deleting it, rotating or retiring its secret,
//! enabling it again. One dialog serves all cards.

use leptos::prelude::*;

use super::desk::use_desk;
use crate::api::webhooks::{delete_webhook, enable_webhook, retire_secret, rotate_webhook};
use crate::components::confirm::Confirm;
use crate::components::focus::focus;
use crate::components::task::Task;
use crate::components::toast::use_toasts;
use crate::model::id::{SecretId, WebhookId};
use crate::model::webhook::{Direction, Held, Webhook};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Delete it.
    Delete,
    /// Mint another secret.
    Rotate,
    /// End a retiring secret now.
    Retire(SecretId),
    /// Enable it again.
    Enable,
}

/// What is to be done, and to which webhook.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The deed.
    pub deed: Deed,
    /// The webhook as it was when it was asked for.
    pub webhook: Webhook,
}

/// What the dialog says.
#[derive(Clone, Default, PartialEq, Eq)]
struct Words {
    title: String,
    consequences: &'static [&'static str],
    button: &'static str,
}

/// The dialog is named before anything is asked.
fn nothing_yet() -> Words {
    Words { title: "Change the webhook?".to_owned(), ..Words::default() }
}

fn words(asked: &Asked) -> Words {
    let name = &asked.webhook.name;
    let inbound = asked.webhook.direction == Direction::Inbound;
    let (title, consequences, button): (_, &[&str], _) = match (asked.deed, inbound) {
        (Deed::Delete, true) => (
            format!("Delete {name}?"),
            &[
                "Its address stops accepting events; the tracker's deliveries fail from then on.",
                "Past deliveries stay to be read.",
            ],
            "Delete webhook",
        ),
        (Deed::Delete, false) => (
            format!("Delete {name}?"),
            &["Nothing is sent to it any more; what waits is given up.", "Past deliveries stay to be read."],
            "Delete webhook",
        ),
        (Deed::Rotate, true) => (
            format!("Rotate the URL and secret of {name}?"),
            &[
                "A new URL and a new secret are made, and shown once.",
                "The present ones stop working at once: what the tracker sends is refused until you enter the new ones there.",
            ],
            "Rotate secret",
        ),
        (Deed::Rotate, false) => (
            format!("Rotate the secret of {name}?"),
            &[
                "A new secret is made and shown once. It signs from now on.",
                "The present one signs too for another 24 hours, so that the receiver can change over; you can end that sooner, or extend it once.",
            ],
            "Rotate secret",
        ),
        (Deed::Retire(_), _) => (
            format!("Retire the previous secret of {name}?"),
            &["It stops signing at once: a receiver that does not know the new one refuses every delivery."],
            "Retire now",
        ),
        (Deed::Enable, _) => (
            format!("Re-enable {name}?"),
            &[
                "Its count of failures starts at 0, its health is Healthy, and events are sent again.",
                "It is disabled again after 10 failures in a row: mend the endpoint first.",
            ],
            "Re-enable",
        ),
    };
    Words { title, consequences, button }
}

/// See the [module](self).
#[component]
pub fn AskDialog(
    /// Told what a webhook has become.
    #[prop(into)]
    changed: Callback<Webhook>,
    /// Told which one is gone.
    #[prop(into)]
    removed: Callback<WebhookId>,
    /// The id of the element where a person goes on once a webhook is gone.
    #[prop(into)]
    after: Callback<WebhookId, String>,
) -> impl IntoView {
    let (desk, toasts) = (use_desk(), use_toasts());
    let task = Task::new();
    let held = RwSignal::new(Held::Send);
    let said = Memo::new(move |_| desk.asked.with(|asked| asked.as_ref().map_or_else(nothing_yet, words)));
    let deed = Memo::new(move |_| desk.asked.with(|asked| asked.as_ref().map(|asked| asked.deed)));
    let go_on = RwSignal::new(None::<String>);
    // A dialog that closes gives the focus back to its button, which may have gone with its card.
    Effect::new(move |_| {
        if desk.asking.get() {
            return;
        }
        if let Some(id) = go_on.try_update_untracked(Option::take).flatten() {
            request_animation_frame(move || focus(&id));
        }
    });
    // The next question starts afresh.
    Effect::new(move |_| {
        if desk.asking.get() {
            held.set(Held::Send);
            task.forget();
        }
    });
    let confirm = move |()| {
        let Some(Asked { deed, webhook }) = desk.asked.get_untracked() else { return };
        let (id, held) = (webhook.id, held.get_untracked());
        task.start(async move {
            let done = match deed {
                Deed::Delete => {
                    // Its place is known only while it is on the page.
                    let next = after.run(id);
                    delete_webhook(id).await?;
                    removed.run(id);
                    let _ = go_on.try_set(Some(next));
                    "The webhook was deleted"
                }
                Deed::Rotate => {
                    let rotated = rotate_webhook(id).await?;
                    changed.run(rotated.webhook.clone());
                    desk.revealed.add(rotated);
                    "The secret was rotated"
                }
                Deed::Retire(secret) => {
                    changed.run(retire_secret(id, secret).await?);
                    "The previous secret was retired"
                }
                Deed::Enable => {
                    changed.run(enable_webhook(id, held).await?);
                    "The webhook is enabled again"
                }
            };
            let _ = desk.asking.try_set(false);
            toasts.done(done);
            Ok(())
        });
    };
    let choice = move |which: Held, hint: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="held" prop:checked=move || held.get() == which on:change=move |_| held.set(which)/>
                <span>{which.label()}<span class="hint">{hint}</span></span>
            </label>
        }
    };
    let choices = move || {
        let waiting = desk.asked.with(|asked| asked.as_ref().map_or(0, |asked| asked.webhook.held));
        (deed.get() == Some(Deed::Enable)).then(|| {
            view! {
                <fieldset class="choices stacked">
                    <legend>{waiting_words(waiting)}</legend>
                    {choice(Held::Send, "In the order of their events, the oldest first.")}
                    {choice(Held::Discard, "They stay in the list as discarded, and can be replayed.")}
                </fieldset>
            }
        })
    };
    view! {
        <Confirm
            open=desk.asking
            title=Signal::derive(move || said.get().title)
            consequences=Signal::derive(move || said.get().consequences.iter().map(|&text| text.to_owned()).collect())
            deed=Signal::derive(move || said.get().button.to_owned())
            pending=task.pending()
            error=task.error()
            gentle=Signal::derive(move || deed.get() == Some(Deed::Enable))
            on_confirm=confirm
        >
            {choices}
        </Confirm>
    }
}

/// How many deliveries wait while a webhook is disabled.
pub fn waiting_words(waiting: u32) -> String {
    match waiting {
        0 => "No delivery waits".to_owned(),
        1 => "1 delivery waits".to_owned(),
        _ => format!("{waiting} deliveries wait"),
    }
}
