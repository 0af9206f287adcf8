//! The form to change name, email address and which emails to get.

use leptos::prelude::*;

use crate::api::account::UpdateProfile;
use crate::components::failure::FormError;
use crate::components::field::{Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::layout::use_current_actor;
use crate::model::people::Actor;

#[component]
pub fn Profile(actor: Actor) -> impl IntoView {
    let toasts = use_toasts();
    let current = use_current_actor();
    let update = PageAction::<UpdateProfile>::new();
    let error = update.error();
    update.on_success(move |_| {
        toasts.done("Profile saved");
        current.refetch();
    });
    view! {
        <section class="card">
            <h2>"Profile"</h2>
            <PageForm action=update>
                <FormError error/>
                <TextField name="name" label="Name" autocomplete="name" value=actor.name required=true error/>
                <TextField name="email" label="Email" kind="email" autocomplete="username" value=actor.email required=true error/>
                <TextField
                    name="password"
                    wire="currentPassword"
                    label="Password"
                    kind="password"
                    autocomplete="current-password"
                    hint="Only needed to change your email address."
                    error
                />
                <label class="choice">
                    <input type="checkbox" name="webhook_emails" value="true" checked=actor.webhook_emails/>
                    <span>"Email me when a webhook is disabled or works again"</span>
                </label>
                <div class="actions start"><Submit pending=update.pending()>"Save profile"</Submit></div>
            </PageForm>
        </section>
    }
}
