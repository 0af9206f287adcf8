//! `/sign-in`: a plain form, which works without JavaScript. `?next=` is the page to continue to.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::session::single_sign_on;
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::field::TextField;
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::error::Error;
use crate::model::form::FormError;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

#[component]
pub fn SignIn() -> impl IntoView {
    let url_state = use_url_state();
    let provider = PageResource::new_blocking(|| (), |()| single_sign_on());
    view! {
        <Title text="Sign in"/>
        <AuthPage title="Sign in" lead="Your team's tests, issues and webhooks.">
            <form method="post" action="/session" class="form">
                <FormErrorNote/>
                <input type="hidden" name="next" value=dynamic_value(move || url_state.param("next").unwrap_or_default())/>
                <TextField
                    name="email"
                    label="Email"
                    kind="email"
                    autocomplete="username"
                    required=true
                    autofocus=true
                    value=url_state.param_untracked("email").unwrap_or_default()
                />
                <TextField name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                <button type="submit" class="button primary wide">"Sign in"</button>
            </form>
            <Suspense>{awaited(move || async move { provider.await.ok().flatten().map(|name| view! { <SingleSignOn name/> }) })}</Suspense>
        </AuthPage>
    }
}

/// Leads to the provider, and from there back to the page to continue to.
#[component]
fn SingleSignOn(name: String) -> impl IntoView {
    let next = use_url_state().param_untracked("next").unwrap_or_default();
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    view! {
        <p class="or"><span>"or"</span></p>
        <a class="button wide" href=format!("/session/oidc?{query}") rel="external">{format!("Sign in with {name}")}</a>
    }
}

/// A page for users who are not signed in.
#[component]
pub fn AuthPage(title: &'static str, #[prop(into)] lead: String, children: Children) -> impl IntoView {
    view! {
        <main class="auth-page">
            <p class="brand">{icon(Icon::Bell)}"Testbell"</p>
            <div class="card">
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                {children()}
            </div>
        </main>
    }
}

/// The error of a field of a refused form, from `?error=`.
pub fn refused_field() -> Signal<Option<Error>> {
    let url_state = use_url_state();
    Signal::derive(move || {
        let error = url_state.parsed::<FormError>("error")?;
        error.field().map(|field| Error::field(field, error.label()))
    })
}

/// The error of a refused form, from `?error=`, unless one of its fields shows it.
#[component]
pub fn FormErrorNote() -> impl IntoView {
    let url_state = use_url_state();
    let text = move || {
        url_state.param("error").and_then(|code| {
            let error = code.parse().unwrap_or(FormError::Internal);
            if error.field().is_some() {
                return None;
            }
            Some(match url_state.parsed::<u32>("retryAfter") {
                Some(seconds) => format!("Too many attempts. Try again in {}.", counted(seconds, "second", "seconds")),
                None => error.label().to_owned(),
            })
        })
    };
    view! {
        <div role="alert">
            {dynamic(move || text().map(|text| view! { <p class="note bad">{icon(Icon::Warning)}<span>{text}</span></p> }))}
        </div>
    }
}
