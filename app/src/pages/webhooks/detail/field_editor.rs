//! A fact of a webhook that an admin edits in place. One is edited at a time, and saved alone, so that other
//! changes are kept.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::api::webhooks::update_webhook;
use crate::components::async_action::AsyncAction;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::focus::focus;
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::toast::use_toasts;
use crate::model::webhook::{UpdateWebhook, Webhook};

/// How a value is entered.
#[derive(Clone, Copy)]
pub enum Input {
    /// As text, with the type of the input.
    Text(&'static str),
    /// One of these values, with their labels.
    Choice(&'static [(&'static str, &'static str)]),
    /// The same, or the current value if it is another one. The function is its label.
    OpenChoice(&'static [(&'static str, &'static str)], fn(&Webhook) -> String),
}

/// A fact.
#[derive(Clone, Copy)]
pub struct Field {
    /// Its name.
    pub label: &'static str,
    /// Its name in the API, which errors use.
    pub wire: &'static str,
    /// How it is entered.
    pub input: Input,
    /// What the field expects.
    pub hint: &'static str,
    /// What is shown.
    pub shown: fn(&Webhook) -> String,
    /// The value that is edited.
    pub value: fn(&Webhook) -> String,
    /// The change that a value asks for, or what is wrong with it.
    pub change: fn(&str) -> Result<UpdateWebhook, String>,
}

/// What all facts of a webhook share.
#[derive(Clone, Copy)]
pub struct Editing {
    pub webhook: Signal<Webhook>,
    /// Called with the changed webhook; `None` for a member.
    pub changed: Option<Callback<Webhook>>,
    /// The field that is edited.
    pub current: RwSignal<Option<&'static str>>,
}

impl Editing {
    /// Closes the editor of a field, unless another one was opened since.
    fn close(self, wire: &'static str) {
        if self.current.try_get_untracked().flatten() != Some(wire) {
            return;
        }
        self.current.set(None);
        request_animation_frame(move || focus(&button_id(wire)));
    }
}

/// Opens the editor of a field, as the button in its row does.
pub fn open_editor(wire: &str) {
    if let Some(button) = document().get_element_by_id(&button_id(wire))
        && let Ok(button) = button.dyn_into::<web_sys::HtmlElement>()
    {
        button.click();
    }
}

fn button_id(wire: &str) -> String {
    format!("edit-{wire}")
}

/// The row of a field.
pub fn field_row(editing: Editing, field: Field) -> AnyView {
    let Editing { webhook, changed, current } = editing;
    let is_on = Memo::new(move |_| current.get() == Some(field.wire));
    let text = Memo::new(move |_| webhook.with(field.shown));
    let content = move || match changed.filter(|_| is_on.get()) {
        Some(changed) => editor(editing, changed, field),
        None => view! { <span dir="auto">{text}</span> }.into_any(),
    };
    let button = move || {
        changed.filter(|_| !is_on.get()).map(|_| {
            edit_button(
                field.label,
                button_id(field.wire),
                Callback::new(move |()| {
                    current.set(Some(field.wire));
                    request_animation_frame(move || focus(&input_id(field.wire)));
                }),
            )
        })
    };
    view! { <div class:on=is_on><dt>{field.label}</dt><dd>{dynamic(content)}</dd><dd class="act">{dynamic(button)}</dd></div> }
        .into_any()
}

/// The button that edits a fact.
pub fn edit_button(label: &'static str, id: String, edit: Callback<()>) -> AnyView {
    let hydrated = use_hydrated();
    view! {
        <button
            type="button"
            id=id
            class="button quiet small square needs-hydration"
            aria-label=format!("Edit {}", lowercase(label))
            disabled=dynamic_value(move || !hydrated.get())
            on:click=move |_| edit.run(())
        >
            {icon(Icon::Edit)}
        </button>
    }
    .into_any()
}

/// A label within a sentence. Abbreviations and numbers stay.
fn lowercase(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            std::iter::once(first.to_ascii_lowercase()).chain(chars).collect()
        }
        _ => label.to_owned(),
    }
}

fn input_id(wire: &str) -> String {
    format!("value-{wire}")
}

fn editor(editing: Editing, changed: Callback<Webhook>, field: Field) -> AnyView {
    let Field { label, wire, input, hint, value, change, .. } = field;
    let (action, toasts) = (AsyncAction::new(), use_toasts());
    let first = editing.webhook.with_untracked(value);
    let (text, wrong) = (RwSignal::new(first.clone()), RwSignal::new(None::<String>));
    let id = editing.webhook.with_untracked(|webhook| webhook.id);
    let save = move || {
        let update = match change(&text.get_untracked()) {
            Ok(update) => update,
            Err(why) => return wrong.set(Some(why)),
        };
        wrong.set(None);
        action.start(async move {
            match update_webhook(id, update).await {
                Ok(webhook) => {
                    // The user may have left the page.
                    changed.try_run(webhook);
                    editing.close(wire);
                    toasts.done("Webhook saved");
                }
                Err(error) => {
                    let why = error.of_field(wire).map_or_else(|| error.to_string(), str::to_owned);
                    let _ = wrong.try_set(Some(why));
                }
            }
            Ok(())
        });
    };
    let invalid = move || wrong.with(Option::is_some).then_some("true");
    let (hint_id, error_id) = (format!("hint-{wire}"), format!("error-{wire}"));
    let described = format!("{error_id} {hint_id}");
    let control = match input {
        Input::Text(kind) => view! {
            <input
                id=input_id(wire)
                type=kind
                class:mono=kind == "url"
                aria-label=label
                aria-describedby=described
                aria-invalid=dynamic_value(invalid)
                autocomplete="off"
                value=first
                on:input=move |event| text.set(event_target_value(&event))
            />
        }
        .into_any(),
        Input::Choice(options) => select(label, wire, described, text, options, None),
        Input::OpenChoice(options, name) => {
            let is_other = options.iter().all(|(option, _)| *option != first);
            let other = is_other.then(|| (first, editing.webhook.with_untracked(name)));
            select(label, wire, described, text, options, other)
        }
    };
    view! {
        <form
            class="field-editor"
            on:submit=move |event| { event.prevent_default(); save(); }
            on:keydown=move |event| if event.key() == "Escape" { editing.close(wire) }
        >
            {control}
            <p class="bad-text" id=error_id role="alert">{dynamic(move || wrong.get())}</p>
            <p class="hint" id=hint_id>{hint}</p>
            <span class="toolbar">
                <button type="submit" class="button small primary" aria-busy=dynamic_value(move || action.pending().get().to_string())>"Save"</button>
                <button type="button" class="button small" on:click=move |_| editing.close(wire)>"Cancel"</button>
            </span>
        </form>
    }
    .into_any()
}

/// `other` is a value that is not among the options, with its label.
fn select(
    label: &'static str,
    wire: &'static str,
    described: String,
    text: RwSignal<String>,
    options: &'static [(&'static str, &'static str)],
    other: Option<(String, String)>,
) -> AnyView {
    let first = text.get_untracked();
    let options = options
        .iter()
        .map(|&(option, name)| view! { <option value=option selected=option == first>{name}</option> })
        .collect_view();
    let other = other.map(|(value, name)| view! { <option value=value selected=true>{name}</option> });
    view! {
        <select
            id=input_id(wire)
            aria-label=label
            aria-describedby=described
            on:change=move |event| text.set(event_target_value(&event))
        >
            {options}
            {other}
        </select>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_lowercase_within_a_sentence() {
        assert_eq!(lowercase("Name"), "name");
        assert_eq!(lowercase("While inactive"), "while inactive");
        assert_eq!(lowercase("URL"), "URL");
        assert_eq!(lowercase("4xx"), "4xx");
    }
}
