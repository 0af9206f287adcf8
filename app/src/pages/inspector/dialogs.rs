//! The dialogs of the tab: the response, the signing secret, and confirmations.

use leptos::prelude::*;

use super::InspectorContext;
use crate::api::inspector::{
    EditInspectorResponse, SetInspectorSecret, clear_inspector_requests, delete_inspector_url,
};
use crate::components::async_action::AsyncAction;
use crate::components::confirm::Confirm;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::model::inspector::{InspectorUrl, ResponseContentType};

/// A dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectorDialog {
    /// Edits the response.
    Response,
    /// Sets the signing secret.
    Secret,
    /// Confirms that the requests are deleted.
    Clear,
    /// Confirms that the URL is deleted.
    Delete,
}

#[component]
pub fn Dialogs(context: InspectorContext) -> impl IntoView {
    let toasts = use_toasts();
    let is_open = move |dialog| {
        Signal::derive(move || context.dialog.with(|open| open.as_ref().is_some_and(|(open, _)| *open == dialog)))
    };
    let url = move || context.dialog.get_untracked().map(|(_, url)| url);
    let close = move || context.dialog.set(None);
    let (response, secret) = (PageAction::<EditInspectorResponse>::new(), PageAction::<SetInspectorSecret>::new());
    let saved = move |text: &'static str| {
        close();
        toasts.done(text);
        context.refetcher.now();
    };
    response.on_success(move |_| saved("Response saved"));
    secret.on_success(move |url: InspectorUrl| {
        saved(if url.has_signing_secret { "Signing secret set" } else { "Signing secret removed" });
    });
    // Clear the errors of the previous dialog.
    Effect::new(move |_| {
        if context.dialog.with(Option::is_some) {
            response.clear();
            secret.clear();
        }
    });
    let (response_error, secret_error) = (response.error(), secret.error());
    view! {
        <Dialog open=is_open(InspectorDialog::Response) title="Edit response" on_close=move |()| close()>
            <PageForm action=response>
                <FormError error=response_error/>
                {dynamic(move || url().map(|url| response_fields(&url, response_error)))}
                {buttons(context, response.pending(), "Save response")}
            </PageForm>
        </Dialog>
        <Dialog open=is_open(InspectorDialog::Secret) title="Set signing secret" on_close=move |()| close()>
            <PageForm action=secret>
                <FormError error=secret_error/>
                {dynamic(move || url().map(|url| secret_fields(&url, secret_error)))}
                {buttons(context, secret.pending(), "Save secret")}
            </PageForm>
        </Dialog>
        <ConfirmDialogs context/>
    }
}

fn buttons(context: InspectorContext, pending: Signal<bool>, label: &'static str) -> AnyView {
    view! {
        <div class="actions">
            <button type="button" class="button" on:click=move |_| context.dialog.set(None)>"Cancel"</button>
            <Submit pending>{label}</Submit>
        </div>
    }
    .into_any()
}

fn response_fields(url: &InspectorUrl, error: Signal<Option<Error>>) -> AnyView {
    let response = url.response.clone();
    let types = ResponseContentType::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned()));
    view! {
        <input type="hidden" name="id" value=url.id.to_string()/>
        <div class="columns">
            <TextField name="status" label="Status" value=response.status.to_string() required=true autofocus=true error/>
            <TextField name="delay_ms" wire="delayMs" label="Delay (ms)" value=response.delay_ms.to_string() required=true error/>
        </div>
        <SelectField name="content_type" label="Content type" options=types.collect() value=response.content_type.as_str()/>
        <TextField name="body" label="Body" value=response.body rows=3 mono=true error/>
    }
    .into_any()
}

fn secret_fields(url: &InspectorUrl, error: Signal<Option<Error>>) -> AnyView {
    let hint = if url.has_signing_secret {
        "The secret with which the sender signs. Leave it empty to remove the current one."
    } else {
        "The secret with which the sender signs, e.g. whsec_…"
    };
    view! {
        <input type="hidden" name="id" value=url.id.to_string()/>
        <TextField name="signing_secret" wire="signingSecret" label="Secret" kind="password" autocomplete="off" hint mono=true autofocus=true error/>
    }
    .into_any()
}

#[component]
fn ConfirmDialogs(context: InspectorContext) -> impl IntoView {
    let toasts = use_toasts();
    let (clear, delete) = (AsyncAction::new(), AsyncAction::new());
    let (clear_open, delete_open) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| {
        let open = context.dialog.with(|open| open.as_ref().map(|(dialog, _)| *dialog));
        clear_open.set(open == Some(InspectorDialog::Clear));
        delete_open.set(open == Some(InspectorDialog::Delete));
        if open.is_some() {
            clear.forget();
            delete.forget();
        }
    });
    // Closed by hand.
    Effect::new(move |before: Option<bool>| {
        let open = clear_open.get() || delete_open.get();
        let is_ours = |(dialog, _): &(InspectorDialog, InspectorUrl)| {
            matches!(dialog, InspectorDialog::Clear | InspectorDialog::Delete)
        };
        if before == Some(true) && !open && context.dialog.with_untracked(|open| open.as_ref().is_some_and(is_ours)) {
            context.dialog.set(None);
        }
        open
    });
    let id = move || context.dialog.with_untracked(|open| open.as_ref().map(|(_, url)| url.id));
    let confirm_clear = move |()| {
        let Some(id) = id() else { return };
        clear.start(async move {
            clear_inspector_requests(id).await?;
            let _ = context.dialog.try_set(None);
            toasts.done("Requests cleared");
            context.url_state.replace(&[("request", None)]);
            context.refetcher.now();
            Ok(())
        });
    };
    let confirm_delete = move |()| {
        let Some(id) = id() else { return };
        delete.start(async move {
            delete_inspector_url(id).await?;
            let _ = context.dialog.try_set(None);
            toasts.done("URL deleted");
            context.url_state.replace(&[("url", None), ("request", None)]);
            context.refetcher.now();
            Ok(())
        });
    };
    view! {
        <Confirm
            open=clear_open
            title="Clear all requests?"
            consequences=vec!["The requests of this URL are deleted. This can't be undone.".to_owned()]
            confirm_label="Clear requests"
            pending=clear.pending()
            error=clear.error()
            on_confirm=confirm_clear
        />
        <Confirm
            open=delete_open
            title="Delete this URL?"
            consequences=vec![
                "It stops accepting requests immediately.".to_owned(),
                "Its requests are deleted. This can't be undone.".to_owned(),
            ]
            confirm_label="Delete URL"
            pending=delete.pending()
            error=delete.error()
            on_confirm=confirm_delete
        />
    }
}
