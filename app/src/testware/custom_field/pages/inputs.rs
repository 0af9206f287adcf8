//! The custom fields in the form of a test case.

use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::field::FieldError;
use crate::error::Error;
use crate::model::id::{ProjectId, UserId};
use crate::testware::custom_field::api::read_field_choices;
use crate::testware::custom_field::{CustomField, CustomValue, FieldChoices, FieldKind, FieldValue};

/// An input for each custom field of the project. `values` are those that the case has. Without `choices`, they are read
/// when the user opens the section, which needs JavaScript: if they arrived by themselves, the form would move.
#[component]
pub fn CustomFieldInputs(
    project: ProjectId,
    choices: Option<FieldChoices>,
    values: Vec<FieldValue>,
    error: Signal<Option<Error>>,
) -> impl IntoView {
    let content = match choices {
        Some(choices) if choices.fields.is_empty() => ().into_any(),
        Some(choices) => {
            let inputs = inputs(choices, &values);
            view! { <fieldset><legend>"Custom fields"</legend>{inputs}</fieldset> }.into_any()
        }
        None => view! { <OnRequest project/> }.into_any(),
    };
    view! {
        {content}
        <FieldError name="customFields" error/>
    }
}

#[component]
fn OnRequest(project: ProjectId) -> impl IntoView {
    let choices = RwSignal::new(None::<FieldChoices>);
    let status = RwSignal::new("");
    let reading = StoredValue::new(false);
    let read = move |_| {
        if reading.get_value() {
            return;
        }
        reading.set_value(true);
        status.set("Loading…");
        leptos::task::spawn_local(async move {
            let result = read_field_choices(project).await;
            // The form may have closed.
            let _ = status.try_set(match &result {
                Ok(found) if found.fields.is_empty() => "This project has no custom fields yet.",
                Ok(_) => "",
                Err(_) => "The custom fields could not be loaded.",
            });
            let _ = choices.try_set(result.ok());
        });
    };
    let shown = move || choices.get().map(|choices| inputs(choices, &[]));
    view! {
        <details class="more-fields needs-script" on:toggle=read>
            <summary>"Custom fields"</summary>
            {dynamic(shown)}
            <p class="hint" role="status">{status}</p>
        </details>
    }
}

fn inputs(choices: FieldChoices, values: &[FieldValue]) -> AnyView {
    let FieldChoices { fields, members } = choices;
    let inputs = fields
        .into_iter()
        .map(|field| {
            let value = values.iter().find(|value| value.id == field.id).cloned();
            input(field, value, &members)
        })
        .collect_view();
    view! { <div class="columns">{inputs}</div> }.into_any()
}

fn input(field: CustomField, value: Option<FieldValue>, members: &[(UserId, String)]) -> AnyView {
    let id = format!("field-custom-{}", field.id);
    let name = format!("custom[{}]", field.id);
    let stored = value.as_ref().map(|value| plain(&value.value)).unwrap_or_default();
    let initial = view! { <input type="hidden" name=format!("initial_custom[{}]", field.id) value=stored.clone()/> };
    let input = match field.kind {
        FieldKind::Text => text_input(id.clone(), name, "text", stored),
        FieldKind::Number => text_input(id.clone(), name, "number", stored),
        FieldKind::Date => text_input(id.clone(), name, "date", stored),
        FieldKind::Checkbox => {
            let options = [("true", "Yes"), ("false", "No")].map(|(value, label)| (value.to_owned(), label.to_owned()));
            select(id.clone(), name, options.to_vec(), &stored)
        }
        FieldKind::Choice => {
            let mut options: Vec<_> = field.options.into_iter().map(|option| (option.clone(), option)).collect();
            // One that was removed from the field since.
            if !stored.is_empty() && !options.iter().any(|(option, _)| *option == stored) {
                options.push((stored.clone(), stored.clone()));
            }
            select(id.clone(), name, options, &stored)
        }
        FieldKind::Person => {
            let mut options: Vec<_> = members.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
            // A person who has left the project.
            if let Some(value) = value.filter(|_| !options.iter().any(|(id, _)| *id == stored)) {
                options.push((stored.clone(), value.text));
            }
            select(id.clone(), name, options, &stored)
        }
    };
    view! {
        <div class="field">
            <label for=id dir="auto">{field.name}</label>
            {initial}
            {input}
        </div>
    }
    .into_any()
}

fn text_input(id: String, name: String, kind: &'static str, value: String) -> AnyView {
    let step = (kind == "number").then_some("any");
    view! { <input id=id name=name type=kind step=step value=value autocomplete="off"/> }.into_any()
}

fn select(id: String, name: String, options: Vec<(String, String)>, selected: &str) -> AnyView {
    let options = options
        .into_iter()
        .map(|(value, label)| {
            let selected = value == selected;
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect_view();
    view! { <select id=id name=name><option value="">"None"</option>{options}</select> }.into_any()
}

/// A value as the form sends it.
fn plain(value: &CustomValue) -> String {
    match value {
        CustomValue::Checkbox(value) => value.to_string(),
        other => other.to_string(),
    }
}
