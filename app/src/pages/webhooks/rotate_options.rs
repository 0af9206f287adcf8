//! The options of a rotation: how long the old secret signs, and a generated or entered new secret.

use leptos::prelude::*;

use super::signing_fields::{PRIVATE_KEY, weak_secret_note};
use crate::components::dynamic::{ShowWhen, dynamic_value};
use crate::components::field::TextField;
use crate::error::Error;
use crate::model::signing::{SigningScheme, WebhookSigning};
use crate::model::webhook::{SECRET_OVERLAP_HOURS, SECRET_OVERLAPS, Webhook};

/// What is selected.
#[derive(Clone, Copy)]
pub struct RotateOptions {
    overlap: RwSignal<u32>,
    is_entered: RwSignal<bool>,
    secret: RwSignal<String>,
}

impl RotateOptions {
    /// The defaults.
    pub fn new() -> Self {
        let (overlap, is_entered) = (RwSignal::new(SECRET_OVERLAP_HOURS), RwSignal::new(false));
        Self { overlap, is_entered, secret: RwSignal::new(String::new()) }
    }

    /// Selects the defaults.
    pub fn reset(self) {
        self.overlap.set(SECRET_OVERLAP_HOURS);
        self.is_entered.set(false);
        self.secret.set(String::new());
    }

    /// How long the old secret signs, and the entered secret.
    pub fn selected(self, webhook: &Webhook) -> (Option<u32>, Option<String>) {
        if webhook.has_tracker_secret() {
            return (None, Some(self.secret.get_untracked()));
        }
        let scheme = webhook.signing.as_ref().map(|signing| signing.scheme);
        let overlap = scheme.filter(|scheme| scheme.carries_two()).map(|_| self.overlap.get_untracked());
        let is_entered = scheme.is_some_and(|scheme| scheme.has_key()) && self.is_entered.get_untracked();
        (overlap, is_entered.then(|| self.secret.get_untracked()))
    }

    /// The fields for a webhook.
    pub fn fields(self, webhook: &Webhook, error: Signal<Option<Error>>) -> AnyView {
        if webhook.has_tracker_secret() {
            return view! { <div class="form rotate-options">{self.secret_field("Signing secret", "", error)}</div> }
                .into_any();
        }
        let Some(signing) = &webhook.signing else { return ().into_any() };
        let scheme = signing.scheme;
        let overlaps = scheme.carries_two().then(|| overlap_choices(self.overlap));
        let secret = scheme.has_key().then(|| self.secret_fields(signing, error));
        view! { <div class="form rotate-options">{overlaps}{secret}</div> }.into_any()
    }

    fn secret_field(self, label: &'static str, hint: &'static str, error: Signal<Option<Error>>) -> AnyView {
        view! {
            <div on:input=move |event| self.secret.set(event_target_value(&event))>
                <TextField name="new_secret" wire="secret" label hint mono=true error/>
            </div>
        }
        .into_any()
    }

    fn secret_fields(self, signing: &WebhookSigning, error: Signal<Option<Error>>) -> AnyView {
        let Self { is_entered, secret, .. } = self;
        let scheme = Signal::stored(signing.scheme);
        let (label, hint) = match signing.scheme {
            SigningScheme::StandardWebhooksEd25519 => {
                (PRIVATE_KEY, "Enter your private key: whsk_ and Base64. Receivers need its public key.")
            }
            _ => ("Your secret", ""),
        };
        let choice = |entered: bool, text: &'static str| {
            view! {
                <label class="choice">
                    <input type="radio" name="secret_source" prop:checked=dynamic_value(move || is_entered.get() == entered) on:change=move |_| is_entered.set(entered)/>
                    <span>{text}</span>
                </label>
            }
        };
        view! {
            <fieldset class="choices">
                <legend>"New secret"</legend>
                {choice(false, "Generate")}
                {choice(true, "Enter my own")}
            </fieldset>
            <ShowWhen when=is_entered>
                {self.secret_field(label, hint, error)}
                {weak_secret_note(scheme, secret)}
            </ShowWhen>
        }
        .into_any()
    }
}

/// How long the old secret signs.
fn overlap_choices(overlap: RwSignal<u32>) -> AnyView {
    let choice = |hours: u32| {
        let text =
            if hours == SECRET_OVERLAP_HOURS { format!("{hours} hours") } else { format!("{} days", hours / 24) };
        view! {
            <label class="choice">
                <input type="radio" name="overlap" prop:checked=dynamic_value(move || overlap.get() == hours) on:change=move |_| overlap.set(hours)/>
                <span>{text}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend>"The old secret signs for"</legend>
            {SECRET_OVERLAPS.map(choice).into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}
