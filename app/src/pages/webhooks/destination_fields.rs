//! Where an outbound webhook sends to: its URL and its type. The type is detected while the user
//! types, until one is selected by hand.

use leptos::prelude::*;

use super::insecure_field::insecure_field;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::field::TextField;
use crate::components::hydration::use_hydrated_effect;
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::model::destination::{DestinationKind, Signing};
use crate::url_state::use_url_state;

#[component]
pub fn DestinationFields(
    /// Is set to the selected or detected type; `None` as long as it is unknown.
    kind: RwSignal<Option<DestinationKind>>,
    /// Whether insecure connections are allowed at first.
    #[prop(optional)]
    allow_insecure: bool,
    error: Signal<Option<Error>>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    // The inspector links here with one of its URLs.
    let given = use_url_state().param_untracked("endpoint").unwrap_or_default();
    use_hydrated_effect({
        let given = given.clone();
        move || typed.set(given.clone())
    });
    let selected = RwSignal::new(None::<DestinationKind>);
    let detected = Memo::new(move |_| typed.with(|typed| kind_of_url(typed)));
    let current = Memo::new(move |_| selected.get().or(detected.get()));
    Effect::new(move |_| kind.set(current.get()));
    let said = move || {
        let kind = detected.get().filter(|kind| *kind != DestinationKind::Generic)?;
        if selected.get().is_some_and(|selected| selected != kind) {
            return None;
        }
        let secret = if kind.spec().signing == Signing::None { " No signing secret is needed." } else { "" };
        Some(view! { <p class="st ok">{icon(Icon::Check)}{format!("{} URL detected.{secret}", kind.label())}</p> })
    };
    let platforms = DestinationKind::ALL.iter().map(|&one| platform(one, current, selected)).collect_view();
    view! {
        <div class="url-field" on:input=move |event| typed.set(event_target_value(&event))>
            <TextField
                name="url"
                label="URL"
                kind="url"
                value=given
                placeholder=DestinationKind::Generic.spec().placeholder
                hint="An endpoint or the URL of a chat tool"
                required=true
                autofocus=true
                mono=true
                error
            />
            <div role="status">{dynamic(said)}</div>
        </div>
        <fieldset class="platforms">
            <legend>"Type"</legend>
            {platforms}
        </fieldset>
        {dynamic(move || current.get().and_then(url_steps))}
        {insecure_field(typed.into(), current.into(), allow_insecure, error)}
    }
}

/// Its radio button. Without a selection, the server detects the type.
fn platform(
    kind: DestinationKind,
    current: Memo<Option<DestinationKind>>,
    selected: RwSignal<Option<DestinationKind>>,
) -> AnyView {
    view! {
        <label>
            <input
                type="radio"
                name="kind"
                value=kind.as_str()
                prop:checked=dynamic_value(move || current.get() == Some(kind))
                on:change=move |_| selected.set(Some(kind))
            />
            {icon(kind.spec().icon)}
            <b>{kind.label()}</b>
            <span>{kind.spec().summary}</span>
        </label>
    }
    .into_any()
}

/// How to get the URL.
fn url_steps(kind: DestinationKind) -> Option<AnyView> {
    let steps = kind.spec().url_steps;
    (!steps.is_empty()).then(|| {
        view! {
            <details class="disclosure">
                <summary>{icon(Icon::ChevronDown)}{format!("How to get a {} URL", kind.label())}</summary>
                <ol>{steps.iter().map(|step| view! { <li>{*step}</li> }).collect_view()}</ol>
                <p class="hint mono">{kind.spec().placeholder}</p>
            </details>
        }
        .into_any()
    })
}

/// The kind of a complete URL. It is parsed with the browser's own parser, because another one would
/// be the largest part of the page's code.
fn kind_of_url(typed: &str) -> Option<DestinationKind> {
    // The server has no parser of the browser.
    if typed.is_empty() {
        return None;
    }
    let url = web_sys::Url::new(typed.trim()).ok()?;
    Some(DestinationKind::detect(&url.hostname(), &url.pathname()))
}
