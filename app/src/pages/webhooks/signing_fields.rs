//! How an endpoint recognizes Testbell: the scheme, its header, and a generated or entered secret.

use leptos::prelude::*;

use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::field::{FieldError, SelectField, TextField};
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::model::signing::{MIN_SECRET_BYTES, SigningScheme, WebhookSigning};

const GENERATED: &str = "false";
const ENTERED: &str = "true";

/// The label of the secret of ed25519.
pub const PRIVATE_KEY: &str = "Private key";
/// What to enter as it for a new webhook.
const PRIVATE_KEY_HINT: &str = "Enter your private key: whsk_ and Base64. Receivers keep their public key.";

/// The fields. A webhook that keeps its scheme keeps its `current` secret; a new webhook has none.
pub fn signing_fields(
    signing: WebhookSigning,
    current: Option<SigningScheme>,
    error: Signal<Option<Error>>,
) -> AnyView {
    let scheme = RwSignal::new(signing.scheme);
    let entered = RwSignal::new(false);
    let secret = RwSignal::new(String::new());
    let is_new = Memo::new(move |_| current != Some(scheme.get()));
    let needs_secret = Memo::new(move |_| is_new.get() && scheme.get().has_key());
    let options = SigningScheme::ALL.iter().map(|scheme| (scheme.as_str().to_owned(), scheme.label().to_owned()));
    let hint = move || {
        let text = match scheme.get() {
            SigningScheme::StandardWebhooksEd25519 if is_new.get() && entered.get() => return None,
            SigningScheme::StandardWebhooksEd25519 if is_new.get() => {
                "A key pair is generated. Its public key is shown on the Webhooks page."
            }
            SigningScheme::SharedSecret => "The secret is sent with each request. Use it only over https.",
            SigningScheme::None => "The endpoint can't tell whether a request comes from Testbell.",
            _ => return None,
        };
        Some(view! { <p class="hint">{text}</p> })
    };
    let select = move |event| {
        if let Ok(selected) = event_target_value(&event).parse() {
            scheme.set(selected);
        }
    };
    let choices = vec![(GENERATED.to_owned(), "Generate".to_owned()), (ENTERED.to_owned(), "Enter my own".to_owned())];
    let is_key_pair = move || scheme.get() == SigningScheme::StandardWebhooksEd25519;
    let secret_label = Signal::derive(move || (if is_key_pair() { PRIVATE_KEY } else { "Your secret" }).to_owned());
    let secret_hint = Signal::derive(move || (if is_key_pair() { PRIVATE_KEY_HINT } else { "" }).to_owned());
    let header = StoredValue::new(signing.header.unwrap_or_default());
    view! {
        <div class="columns">
            <div on:change=select>
                <SelectField name="signing[scheme]" label="Signing" options=options.collect() value=signing.scheme.as_str()/>
            </div>
            <ShowWhen when=needs_secret>
                <div on:change=move |event| entered.set(event_target_value(&event) == ENTERED)>
                    <SelectField name="signing[has_secret]" label="Secret" options=choices.clone() value=if entered.get_untracked() { ENTERED } else { GENERATED }/>
                </div>
            </ShowWhen>
        </div>
        {dynamic(hint)}
        <FieldError name="signing" error/>
        <ShowWhen when=move || scheme.get().has_header()>
            <TextField name="signing[header]" wire="header" label="Header" value=header.get_value() placeholder="e.g. X-Signature-256" required=true mono=true error/>
        </ShowWhen>
        <ShowWhen when=move || scheme.get() == SigningScheme::HmacSha256>
            <label class="choice">
                <input type="checkbox" name="signing[sha256_prefix]" value="true" checked=signing.sha256_prefix/>
                <span>"Begin the value with "<code>"sha256="</code></span>
            </label>
        </ShowWhen>
        <ShowWhen when=move || needs_secret.get() && entered.get()>
            <div on:input=move |event| secret.set(event_target_value(&event))>
                <TextField name="signing[secret]" wire="secret" label=secret_label hint=secret_hint required=true mono=true error/>
            </div>
            {weak_secret_note(scheme.into(), secret)}
        </ShowWhen>
    }
    .into_any()
}

/// A warning about a short secret.
pub fn weak_secret_note(scheme: Signal<SigningScheme>, secret: RwSignal<String>) -> AnyView {
    let bytes = move || secret.with(|secret| scheme.get().key_bytes(secret));
    let note = move || {
        (1..MIN_SECRET_BYTES).contains(&bytes()).then(|| {
            let text =
                format!("This secret is short and can be guessed. Use at least {MIN_SECRET_BYTES} random bytes.");
            view! { <p class="note warn">{icon(Icon::Warning)}<span>{text}</span></p> }
        })
    };
    view! { <div role="status">{dynamic(note)}</div> }.into_any()
}
