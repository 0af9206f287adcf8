//! The form to change the password.

use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;

use crate::api::account::ChangePassword;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::components::toast::use_toasts;

/// Requires the current password too.
#[component]
pub fn Password(#[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let change = ServerAction::<ChangePassword>::new();
    let error = failure(change);
    let form = NodeRef::<html::Form>::new();
    on_success(change, move |()| {
        if let Some(form) = form.get_untracked() {
            form.reset();
        }
        toasts.done("Password changed");
        changed.run(());
    });
    view! {
        <section class="card">
            <h2>"Password"</h2>
            <ActionForm action=change node_ref=form attr:class="form">
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
                    hint="At least 12 characters. Changing it signs you out everywhere else."
                    required=true
                    error
                />
                <div class="actions start"><Submit pending=change.pending()>"Change password"</Submit></div>
            </ActionForm>
        </section>
    }
}
