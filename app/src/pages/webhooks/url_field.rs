//! The URL of a new outbound webhook: Slack is recognised while it is typed.

use leptos::prelude::*;

use crate::components::field::TextField;
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::model::webhook::WebhookKind;

/// See the [module](self).
#[component]
pub fn UrlField(error: Signal<Option<Error>>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let slack = Memo::new(move |_| typed.with(|typed| leads_to_slack(typed)));
    let recognised = move || {
        slack.get().then(|| {
            let words = "Slack is recognised: it gets messages, and there is no secret.";
            view! { <p class="note ok">{icon(Icon::Check)}<span>{words}</span></p> }
        })
    };
    view! {
        <div class="url-field" on:input=move |event| typed.set(event_target_value(&event))>
            <TextField
                name="url"
                label="URL"
                kind="url"
                placeholder="https://"
                hint="An HTTPS endpoint. Slack addresses are recognised."
                required=true
                mono=true
                error
            />
            <div role="status">{recognised}</div>
        </div>
    }
}

/// Reads the host as the server does; by the browser's own parser, as another one would be the
/// largest part of the page's code.
fn leads_to_slack(typed: &str) -> bool {
    // The server renders the field empty.
    !typed.is_empty()
        && web_sys::Url::new(typed.trim()).is_ok_and(|url| WebhookKind::at_host(&url.hostname()) == WebhookKind::Slack)
}
