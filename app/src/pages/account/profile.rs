//! The form to change name and email address.

use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::account::UpdateProfile;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::components::toast::use_toasts;
use crate::layout::use_current_actor;
use crate::model::people::Actor;

#[component]
pub fn Profile(actor: Actor) -> impl IntoView {
    let toasts = use_toasts();
    let current = use_current_actor();
    let update = ServerAction::<UpdateProfile>::new();
    let error = failure(update);
    on_success(update, move |_| {
        toasts.done("Profile saved");
        current.refetch();
    });
    view! {
        <section class="card">
            <h2>"Profile"</h2>
            <ActionForm action=update attr:class="form">
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
                <div class="actions start"><Submit pending=update.pending()>"Save profile"</Submit></div>
            </ActionForm>
        </section>
    }
}
