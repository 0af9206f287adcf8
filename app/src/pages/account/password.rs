//! The form to change the password.

use leptos::html;
use leptos::prelude::*;

use crate::api::account::ChangePassword;
use crate::components::failure::FormError;
use crate::components::field::{Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::model::text::password_hint;

/// Requires the current password too.
#[component]
pub fn Password(#[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let change = PageAction::<ChangePassword>::new();
    let error = change.error();
    let form = NodeRef::<html::Form>::new();
    change.on_success(move |()| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        toasts.done("Password changed");
        changed.run(());
    });
    view! {
        <section class="card">
            <h2>"Password"</h2>
            <PageForm action=change node_ref=form>
                <FormError error/>
                <TextField
                    name="current_password"
                    wire="currentPassword"
                    label="Current password"
                    kind="password"
                    autocomplete="current-password"
                    required=true
                    error
                />
                <TextField
                    name="new_password"
                    wire="newPassword"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    hint=format!("{} Changing it signs you out everywhere else.", password_hint())
                    required=true
                    error
                />
                <div class="actions start"><Submit pending=change.pending()>"Change password"</Submit></div>
            </PageForm>
        </section>
    }
}
