//! The old secret after a rotation, as long as it still signs.

use leptos::prelude::*;

use super::confirm::{ConfirmRequest, WebhookAction};
use super::context::use_webhooks_page;
use crate::api::webhooks::extend_secret;
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::icon::{Icon, icon};
use crate::components::relative_time::{RelativeTime, use_current_time};
use crate::model::webhook::{SECRET_OVERLAP_HOURS, SecretInfo, Webhook};
use crate::time;

/// The old secret that still signs, if any. As long as it does, the secret can't be rotated again.
pub fn retiring(webhook: Signal<Webhook>) -> Memo<Option<SecretInfo>> {
    let now = use_current_time();
    let secret = Memo::new(move |_| webhook.with(|webhook| in_its_last_hours(&webhook.secrets).cloned()));
    // It ends at its deadline without a notification.
    Memo::new(move |_| {
        let over = |secret: &SecretInfo| secret.retires_at.is_some_and(|end| end <= now.get());
        secret.get().filter(|secret| !over(secret))
    })
}

/// Its deadline, with the buttons that extend or end it.
pub fn retiring_note(
    secret: Memo<Option<SecretInfo>>,
    webhook: Signal<Webhook>,
    changed: Callback<Webhook>,
) -> AnyView {
    dynamic(move || secret.get().map(|secret| deadline(secret, webhook, changed))).into_any()
}

fn in_its_last_hours(secrets: &[SecretInfo]) -> Option<&SecretInfo> {
    secrets.iter().find(|secret| secret.retires_at.is_some())
}

fn deadline(secret: SecretInfo, webhook: Signal<Webhook>, changed: Callback<Webhook>) -> AnyView {
    let context = use_webhooks_page();
    let action = AsyncAction::new();
    let id = webhook.with_untracked(|webhook| webhook.id);
    let label = move || webhook.with(|webhook| format!("Old secret of {}", webhook.name));
    let reason = format!("extended-{}", secret.id);
    let extend = move |_| {
        action.start(async move {
            // The user may have left the page.
            changed.try_run(extend_secret(id, secret.id).await?);
            Ok(())
        });
    };
    let retire = move |_| {
        context.confirm(ConfirmRequest { action: WebhookAction::Retire(secret.id), webhook: webhook.get_untracked() })
    };
    let end = secret.retires_at.map(|time| {
        view! { <b title=time::exact(time)>{time::absolute(time)}</b>" ("<RelativeTime time/>")" }
    });
    let extended = if secret.extended {
        "Already extended".to_owned()
    } else {
        format!("Extends it by {SECRET_OVERLAP_HOURS} hours")
    };
    view! {
        <div class="note secret-deadline" role="group" aria-label=dynamic_value(label)>
            {icon(Icon::Key)}
            <span>"The old secret signs until "{end}"."</span>
            <span class="toolbar">
                <button
                    type="button"
                    class="button small"
                    title=extended.clone()
                    aria-describedby=reason.clone()
                    disabled=dynamic_value(move || secret.extended || action.pending().get())
                    on:click=extend
                >
                    "Extend once"
                </button>
                <button type="button" class="button small" on:click=retire>"Retire now"</button>
            </span>
            <span class="visually-hidden" id=reason>{extended}</span>
        </div>
        <FormError error=action.error()/>
    }
    .into_any()
}
