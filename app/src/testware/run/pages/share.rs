//! The dialog with the public link of a test run: `?share=link`.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::copy::CopyButton;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::Buttons;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::testware::item::Execution;
use crate::testware::run::api::{EnablePublicLink, RevokePublicLink};
use crate::url_state::use_url_state;

const VISIBLE: &str = "Anyone with the link sees the project's name, the name, state and progress of this test run, and \
    the titles and statuses of its cases, without signing in.";
const HIDDEN: &str = "Descriptions, comments, issues and the names of members stay private.";

/// Shows the link, creates and revokes it.
#[component]
pub fn ShareDialog(execution: RwSignal<Execution>, changed: Callback<()>) -> impl IntoView {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let open = Signal::derive(move || url_state.param("share").is_some());
    let url = Memo::new(move |_| execution.with(|execution| execution.public_url.clone()));
    let (enable, revoke) = (PageAction::<EnablePublicLink>::new(), PageAction::<RevokePublicLink>::new());
    let shown = NodeRef::<html::Div>::new();
    enable.on_success(move |url| {
        execution.update(|execution| execution.public_url = Some(url));
        // The button that was pressed is gone.
        request_animation_frame(move || focus_button(shown));
        changed.run(());
    });
    revoke.on_success(move |()| {
        toasts.done("Public link revoked");
        execution.update(|execution| execution.public_url = None);
        url_state.replace(&[("share", None)]);
        changed.run(());
    });
    let ids = move || {
        let (id, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
        view! {
            <input type="hidden" name="project" value=project.to_string()/>
            <input type="hidden" name="id" value=id.to_string()/>
        }
        .into_any()
    };
    let disabled = move || {
        view! {
            <PageForm action=enable>
                <FormError error=enable.error()/>
                {ids()}
                <p>{VISIBLE}</p>
                <p class="hint">{HIDDEN}" You can revoke the link at any time."</p>
                <Buttons cancel="share" pending=enable.pending() submit_label="Create link"/>
            </PageForm>
        }
        .into_any()
    };
    let enabled = move |url: String| {
        view! {
            <div class="share-link" node_ref=shown>
                <div class="copy-field"><code tabindex="0">{url.clone()}</code><CopyButton text=Signal::stored(url) what="the link"/></div>
            </div>
            <PageForm action=revoke>
                <FormError error=revoke.error()/>
                {ids()}
                <p>{VISIBLE}</p>
                <p class="hint">{HIDDEN}" Revoking takes effect immediately. A new link has a different URL."</p>
                <div class="actions">
                    <button type="submit" class="button danger" disabled=revoke.pending()>"Revoke link"</button>
                </div>
            </PageForm>
        }
        .into_any()
    };
    let content = move || dynamic(move || url.get().map_or_else(disabled, enabled));
    view! {
        <Dialog open title="Share public link" wide=true on_close=move |()| url_state.replace(&[("share", None)])>
            {content()}
        </Dialog>
    }
}

fn focus_button(within: NodeRef<html::Div>) {
    let button =
        within.try_get_untracked().flatten().and_then(|element| element.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
