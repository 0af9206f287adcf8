//! The secret before the latest rotation, for as long as it still signs.

use leptos::prelude::*;

use super::ask::{Asked, Deed};
use super::desk::use_desk;
use crate::api::webhooks::extend_secret;
use crate::components::failure::FormError;
use crate::components::icon::{Icon, icon};
use crate::components::task::Task;
use crate::components::when::{When, use_now};
use crate::model::webhook::{SecretInfo, Webhook};
use crate::time;

/// The secret that still signs beside the latest, if any. For as long as it does, there is no other
/// rotation.
pub fn retiring(webhook: Signal<Webhook>) -> Memo<Option<SecretInfo>> {
    let now = use_now();
    let secret = Memo::new(move |_| webhook.with(|webhook| in_its_last_hours(&webhook.secrets).cloned()));
    // It is gone at its deadline, though nothing is announced then.
    Memo::new(move |_| {
        let over = |secret: &SecretInfo| secret.retires_at.zip(now.get()).is_some_and(|(end, now)| end <= now);
        secret.get().filter(|secret| !over(secret))
    })
}

/// Its deadline, with the ways to bring it nearer or put it off. `id` is the one of the words why
/// the webhook is not rotated meanwhile.
pub fn retiring_note(
    secret: Memo<Option<SecretInfo>>,
    webhook: Signal<Webhook>,
    changed: Callback<Webhook>,
    id: String,
) -> AnyView {
    (move || secret.get().map(|secret| deadline(secret, webhook, changed, id.clone()))).into_any()
}

fn in_its_last_hours(secrets: &[SecretInfo]) -> Option<&SecretInfo> {
    secrets.iter().find(|secret| secret.retires_at.is_some())
}

fn deadline(secret: SecretInfo, webhook: Signal<Webhook>, changed: Callback<Webhook>, why: String) -> AnyView {
    let desk = use_desk();
    let task = Task::new();
    let id = webhook.with_untracked(|webhook| webhook.id);
    let said = move || webhook.with(|webhook| format!("Previous secret of {}", webhook.name));
    let reason = format!("extended-{}", secret.id);
    let extend = move |_| {
        task.start(async move {
            changed.run(extend_secret(id, secret.id).await?);
            Ok(())
        });
    };
    let retire = move |_| desk.ask(Asked { deed: Deed::Retire(secret.id), webhook: webhook.get_untracked() });
    let end = secret.retires_at.map(|time| {
        view! { <b title=time::exact(time)>{time::absolute(time)}</b>" ("<When time/>")" }
    });
    view! {
        <div class="note warn deadline" role="group" aria-label=said>
            {icon(Icon::Clock)}
            <span class="grow">"The previous secret still signs until "{end}"."</span>
            <span class="deeds">
                <button
                    type="button"
                    class="button small"
                    aria-describedby=reason.clone()
                    disabled=move || secret.extended || task.pending().get()
                    on:click=extend
                >
                    "Extend once"
                </button>
                <button type="button" class="button small" on:click=retire>"Retire now"</button>
            </span>
            <span class="reason" id=why>
                "The secret can be rotated again once the previous one no longer signs: retire it now, or wait."
            </span>
            <span class="reason" id=reason>
                {if secret.extended { "It was extended already, which can be done once." } else { "Extending gives it another 24 hours." }}
            </span>
        </div>
        <FormError error=task.error()/>
    }
    .into_any()
}
