//! Form fields: a label, a hint, and an error that `aria-describedby` connects to the field.

use leptos::prelude::*;

use super::dynamic::{dynamic, dynamic_value};
use super::hydration::use_hydrated;
use super::icon::{Icon, icon};
use super::raw_text::textarea_html;
use crate::error::Error;
use crate::url_state::use_url_state;

/// A text field; with `rows`, one of several lines.
#[component]
pub fn TextField(
    /// Its name in the form.
    name: &'static str,
    /// Its name in the API, which errors use. Defaults to `name`.
    #[prop(optional)]
    wire: Option<&'static str>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Signal<String>,
    #[prop(optional, into)] value: String,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] placeholder: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] mono: bool,
    /// Whether it holds a short text, such as a key.
    #[prop(optional)]
    narrow: bool,
    #[prop(optional)] rows: u32,
    /// Whether the form sends the initial value, so that only edited fields are changed.
    #[prop(optional)]
    sends_initial: bool,
    #[prop(optional, into)] error: Signal<Option<Error>>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let wire = wire.unwrap_or(name);
    let wrong =
        Memo::new(move |_| error.with(|error| error.as_ref().and_then(|e| e.of_field(wire).map(str::to_owned))));
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || format!("{error_id} {hint_id}")
    };
    let invalid = move || wrong.with(Option::is_some).then_some("true");
    let class = if mono { "mono" } else { "" };
    let first = sends_initial.then(|| initial_value(name, value.clone()));
    let input = if rows > 0 {
        view! {
            <textarea
                id=id.clone()
                name=name
                rows=rows
                class=class
                aria-describedby=described
                aria-invalid=dynamic_value(invalid)
                inner_html=textarea_html(&value)
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                id=id.clone()
                name=name
                type=kind
                class=class
                value=value
                placeholder=placeholder
                autocomplete=autocomplete
                required=required
                autofocus=autofocus
                aria-describedby=described
                aria-invalid=dynamic_value(invalid)
            />
        }
        .into_any()
    };
    view! {
        <div class="field" class:narrow=narrow>
            <label for=id>{label}</label>
            {first}
            {input}
            <p class="error" id=error_id aria-live="polite">{dynamic(move || wrong.get().map(error_text))}</p>
            <p class="hint" id=hint_id>{hint}</p>
        </div>
    }
}

/// A select field.
#[component]
pub fn SelectField(
    name: &'static str,
    #[prop(into)] label: String,
    /// Values with their labels.
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    /// See [`TextField`].
    #[prop(optional)]
    sends_initial: bool,
) -> impl IntoView {
    let id = format!("field-{name}");
    let first = sends_initial.then(|| initial_value(name, value.clone()));
    let hint_id = format!("{id}-hint");
    let options = options
        .into_iter()
        .map(|(option, text)| {
            let selected = option == value;
            view! { <option value=option selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {first}
            <select id=id name=name aria-describedby=hint_id.clone()>{options}</select>
            <p class="hint" id=hint_id>{hint}</p>
        </div>
    }
}

/// The initial value of a field, for [`InitialValues`](crate::api::InitialValues).
pub fn initial_value(name: &str, value: String) -> AnyView {
    view! { <input type="hidden" name=format!("initial[{name}]") value=value/> }.into_any()
}

/// The submit button. It shows that a request is running.
#[component]
pub fn Submit(
    #[prop(into)] pending: Signal<bool>,
    /// Whether the response has a secret that is shown only once. The button then needs JavaScript.
    #[prop(optional)]
    reveals: bool,
    children: Children,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let disabled = move || pending.get() || (reveals && !hydrated.get());
    view! {
        <button type="submit" class="button primary" class:needs-hydration=reveals disabled=dynamic_value(disabled) aria-busy=dynamic_value(move || pending.get().to_string())>
            {children()}
        </button>
        {reveals.then(|| view! { <noscript class="hint">"This needs JavaScript: the result is shown only once."</noscript> })}
    }
}

/// The error of a part of a form that is not a single field, by its name in the API.
#[component]
pub fn FieldError(
    name: &'static str,
    error: Signal<Option<Error>>,
    /// Its ID, for the `aria-describedby` of what it is about.
    #[prop(optional, into)]
    id: String,
) -> impl IntoView {
    let text = move || error.with(|error| error.as_ref().and_then(|error| error.of_field(name).map(str::to_owned)));
    view! { <p class="bad-text" role="alert" id=(!id.is_empty()).then_some(id)>{dynamic(move || text().map(error_text))}</p> }
}

fn error_text(text: String) -> impl IntoView {
    view! { {icon(Icon::Warning)}<span>{text}</span> }
}

/// The buttons of a form in a dialog that the URL opens: submit, and Cancel, which removes the
/// parameter `cancel` from the URL.
#[component]
pub fn Buttons(
    cancel: &'static str,
    #[prop(into)] pending: Signal<bool>,
    #[prop(into)] submit_label: String,
) -> impl IntoView {
    let url_state = use_url_state();
    view! {
        <div class="actions">
            <a class="button" href=dynamic_value(move || url_state.with(&[(cancel, None)])) data-noscroll="" prop:replace=true>"Cancel"</a>
            <Submit pending>{submit_label}</Submit>
        </div>
    }
}

/// Keeps the Enter key of a search field from submitting the form around it.
pub fn ignore_enter(event: leptos::ev::KeyboardEvent) {
    if event.key() == "Enter" {
        event.prevent_default();
    }
}
