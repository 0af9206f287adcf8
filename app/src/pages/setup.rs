//! `/setup`: creates the first admin. A plain form, which works without JavaScript.

use leptos::prelude::*;
use leptos_meta::Title;

use super::sign_in::{AuthPage, FormErrorNote, refused_field};
use crate::components::field::TextField;
use crate::model::form::FormError;
use crate::model::text::password_hint;
use crate::url_state::use_url_state;

#[component]
pub fn Setup() -> impl IntoView {
    let url_state = use_url_state();
    let error = refused_field();
    // Focus the field to correct.
    let focus = url_state.parsed_untracked::<FormError>("error").and_then(FormError::field).unwrap_or("name");
    view! {
        <Title text="Welcome"/>
        <AuthPage title="Welcome to Testbell" lead="Create the first admin account. You can invite others later.">
            <form method="post" action="/setup" class="form">
                <FormErrorNote/>
                <TextField
                    name="name"
                    label="Name"
                    autocomplete="name"
                    required=true
                    autofocus=focus == "name"
                    error
                    value=url_state.param_untracked("name").unwrap_or_default()
                />
                <TextField
                    name="email"
                    label="Email"
                    kind="email"
                    autocomplete="username"
                    required=true
                    autofocus=focus == "email"
                    error
                    value=url_state.param_untracked("email").unwrap_or_default()
                />
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    required=true
                    autofocus=focus == "password"
                    error
                    hint=format!("{} A few words are easier to remember than symbols.", password_hint())
                />
                <button type="submit" class="button primary wide">"Create account"</button>
            </form>
        </AuthPage>
    }
}
