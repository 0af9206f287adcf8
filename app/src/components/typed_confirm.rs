//! Asks for a confirmation that has to be typed, before much is deleted. The server compares it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::de::DeserializeOwned;

use super::dialog::Dialog;
use super::dynamic::{dynamic, dynamic_value};
use super::failure::FormError;
use super::field::TextField;
use super::page_action::PageAction;
use super::page_form::PageForm;
use crate::error::Error;

/// What the dialog says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedConfirmText {
    /// What is deleted.
    pub consequences: Vec<&'static str>,
    /// What has to be typed, e.g. `Type WEB to confirm`.
    pub label: String,
    /// Hidden fields of the form.
    pub fields: Vec<(&'static str, String)>,
}

/// A dialog with a form that calls `action` with the field `confirm`. It is created each time it opens.
#[component]
pub fn TypedConfirm<S>(
    #[prop(into)] open: RwSignal<bool>,
    title: &'static str,
    #[prop(into)] text: Signal<TypedConfirmText>,
    /// The label of the confirming button.
    button: &'static str,
    action: PageAction<S>,
) -> impl IntoView
where
    S: ServerFn<Error = Error> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    let (error, pending) = (action.error(), action.pending());
    Effect::new(move |_| {
        if open.get() {
            action.clear();
        }
    });
    view! {
        <Dialog open title=title on_close=move |()| open.set(false)>
            <PageForm action>
                <FormError error/>
                {dynamic(move || fields(text.get(), error))}
                {buttons(open, pending, button)}
            </PageForm>
        </Dialog>
    }
}

fn fields(text: TypedConfirmText, error: Signal<Option<Error>>) -> AnyView {
    let TypedConfirmText { consequences, label, fields } = text;
    view! {
        <ul class="consequences">{consequences.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
        {fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()}
        <TextField name="confirm" label required=true autofocus=true error/>
    }
    .into_any()
}

fn buttons(open: RwSignal<bool>, pending: Signal<bool>, label: &'static str) -> AnyView {
    view! {
        <div class="actions">
            <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
            <button type="submit" class="button danger" disabled=pending aria-busy=dynamic_value(move || pending.get().to_string())>
                {label}
            </button>
        </div>
    }
    .into_any()
}
