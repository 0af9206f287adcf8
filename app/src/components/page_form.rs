//! A form that calls a server function. Without a script the browser sends it; with one its fields are sent
//! as they are, so the browser needs no code that reads them into the function's arguments.

use leptos::form::form_data_from_event;
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use web_sys::{SubmitEvent, UrlSearchParams};

use super::page_action::PageAction;
use crate::error::Error;

/// See the [module](self).
#[component]
pub fn PageForm<S>(
    action: PageAction<S>,
    #[prop(default = "form")] class: &'static str,
    #[prop(optional)] node_ref: NodeRef<html::Form>,
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Error = Error> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
{
    focus_invalid(node_ref, action.error());
    form(S::url(), class, node_ref, Callback::new(move |fields| action.submit(fields)), children)
}

/// Focuses the first invalid field after a refusal. The button that was pressed has lost the focus, because it
/// is disabled while the request runs.
fn focus_invalid(form: NodeRef<html::Form>, error: Signal<Option<Error>>) {
    Effect::new(move |_| {
        if error.with(Option::is_none) {
            return;
        }
        // The fields are marked first.
        request_animation_frame(move || {
            let Some(form) = form.try_get_untracked().flatten() else { return };
            open_invalid(&form);
            let field = form.query_selector("[aria-invalid=true], [type=submit]").ok().flatten();
            if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = field.focus();
            }
        });
    });
}

/// Opens the closed parts with an error: it would not be seen, and a hidden field takes no focus.
fn open_invalid(form: &web_sys::HtmlFormElement) {
    let Ok(errors) = form.query_selector_all("[aria-invalid=true], .bad-text:not(:empty)") else { return };
    for error in (0..errors.length()).filter_map(|at| errors.item(at)?.dyn_into::<web_sys::Element>().ok()) {
        let closed = || error.closest("details:not([open])").ok().flatten();
        while let Some(details) = closed() {
            let _ = details.set_attribute("open", "");
        }
    }
}

fn form(
    url: &'static str,
    class: &'static str,
    node_ref: NodeRef<html::Form>,
    submit: Callback<String>,
    children: Children,
) -> AnyView {
    let on_submit = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        if let Some(fields) = form_fields(&event) {
            submit.run(fields);
        }
    };
    view! {
        <form action=url method="post" class=class node_ref=node_ref on:submit=on_submit>{children()}</form>
    }
    .into_any()
}

/// The fields of a submitted form, encoded as the browser would send them.
pub fn form_fields(event: &SubmitEvent) -> Option<String> {
    let data = form_data_from_event(event).ok()?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    fields.to_string().as_string()
}
