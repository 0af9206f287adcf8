//! What differs from the default: how requests are signed, the public keys, the custom headers, and whether
//! insecure connections are allowed.

use leptos::prelude::*;

use crate::components::copy::CopyButton;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::model::signing::WebhookSigning;
use crate::model::webhook::Webhook;

const INSECURE: &str = "Insecure connections are allowed: http, and certificates that are not verified.";

/// The line of these facts; empty for a webhook with the defaults.
pub fn signing_facts(webhook: Signal<Webhook>) -> AnyView {
    dynamic(move || webhook.with(line)).into_any()
}

fn line(webhook: &Webhook) -> Option<AnyView> {
    let signing = webhook.signing.as_ref().filter(|signing| **signing != WebhookSigning::default());
    let headers: Vec<_> = webhook.custom_headers.iter().map(|header| header.name.as_str()).collect();
    let headers = (!headers.is_empty()).then(|| headers.join(", "));
    if signing.is_none() && headers.is_none() {
        return None;
    }
    let fact = |name: &'static str, value: String| {
        view! { <div><dt>{name}</dt><dd title=value.clone()>{value.clone()}</dd></div> }.into_any()
    };
    let keys = public_keys(webhook).map(|(name, key)| public_key(name, key));
    let line = view! {
        <dl class="more-facts">
            {signing.map(|signing| fact("Signing ", signing.summary()))}
            {headers.map(|names| fact("Custom headers ", names))}
            {keys.collect_view()}
        </dl>
    };
    Some(line.into_any())
}

/// The public keys, newest first, each with its label.
pub fn public_keys(webhook: &Webhook) -> impl Iterator<Item = (&'static str, String)> + use<'_> {
    webhook.secrets.iter().filter_map(|secret| {
        let label = if secret.retires_at.is_some() { "Old public key" } else { "Public key" };
        secret.public_key.clone().map(|key| (label, key))
    })
}

fn public_key(name: &'static str, key: String) -> AnyView {
    view! {
        <div>
            <dt>{name}" "</dt>
            <dd><code title=key.clone()>{key.clone()}</code></dd>
            <dd><CopyButton text=Signal::stored(key) what="public key"/></dd>
        </div>
    }
    .into_any()
}

/// The badge of a webhook that allows insecure connections.
pub fn insecure_badge(webhook: Signal<Webhook>) -> AnyView {
    let is_insecure = Memo::new(move |_| webhook.with(|webhook| webhook.allow_insecure));
    dynamic(move || {
        is_insecure
            .get()
            .then(|| view! { <span class="badge warn insecure" title=INSECURE>{icon(Icon::Warning)}"Insecure"</span> })
    })
    .into_any()
}
