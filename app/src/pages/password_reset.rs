//! `/password-reset/{token}`: sets a new password with a one-time link. A plain form, which works
//! without JavaScript.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::sign_in::{AuthPage, FormErrorNote, refused_field};
use crate::api;
use crate::components::dynamic::awaited;
use crate::components::field::TextField;
use crate::components::skeleton::Skeleton;
use crate::model::account::{PASSWORD_RESET_HOURS, PasswordResetOffer};
use crate::model::text::password_hint;
use crate::page_resource::PageResource;

#[component]
pub fn PasswordReset() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let offer = PageResource::new_blocking(move || token.get(), api::account::read_reset_offer);
    view! {
        <Title text="Reset password"/>
        <Suspense fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match offer.await {
                    Ok(offer) => view! { <ResetForm offer token=token.get_untracked()/> }.into_any(),
                    Err(_) => view! {
                        <AuthPage title="This link doesn't work" lead=format!("A reset link works once and for {PASSWORD_RESET_HOURS} hours. Ask an admin for a new one.")>
                            <a class="button" href="/sign-in" rel="external">"Sign in"</a>
                        </AuthPage>
                    }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn ResetForm(offer: PasswordResetOffer, token: String) -> impl IntoView {
    let error = refused_field();
    let lead = format!("Choose a new password for {}. You will be signed out everywhere else.", offer.email);
    view! {
        <AuthPage title="Reset password" lead=lead>
            <form method="post" action=format!("/password-reset/{token}") class="form">
                <FormErrorNote/>
                // Tells password managers which account the password belongs to.
                <input type="hidden" name="email" value=offer.email autocomplete="username"/>
                <TextField
                    name="password"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    required=true
                    autofocus=true
                    error
                    hint=password_hint()
                />
                <button type="submit" class="button primary wide">"Set password"</button>
            </form>
        </AuthPage>
    }
}
