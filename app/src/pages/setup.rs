//! `/setup`: the first run makes the first admin. A plain form, so that it needs no script.

use leptos::prelude::*;
use leptos_meta::Title;

use super::sign_in::{Alone, Refused};
use crate::components::field::TextField;
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Setup() -> impl IntoView {
    let place = use_place();
    view! {
        <Title text="Welcome"/>
        <Alone title="Welcome to Testbell" lead="Make the account of the first admin. It may do everything; others are invited later.">
            <form method="post" action="/setup" class="form">
                <Refused/>
                <TextField
                    name="name"
                    label="Name"
                    autocomplete="name"
                    required=true
                    autofocus=true
                    value=place.param_now("name").unwrap_or_default()
                />
                <TextField
                    name="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="username"
                    required=true
                    value=place.param_now("email").unwrap_or_default()
                />
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    required=true
                    hint="At least 12 characters. A few words are easier to remember than signs."
                />
                <button type="submit" class="button primary wide">"Create the account"</button>
            </form>
        </Alone>
    }
}
