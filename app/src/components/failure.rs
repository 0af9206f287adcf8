//! Errors of actions, forms and pages, with the next step.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;

use super::icon::{Icon, icon};
use crate::error::Error;
use crate::url_state::use_url_state;

/// The error of the latest request. Hidden while another one runs.
pub fn failure<S>(action: ServerAction<S>) -> Signal<Option<Error>>
where
    S: ServerFn<Error = Error> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let (value, pending) = (action.value(), action.pending());
    Signal::derive(move || if pending.get() { None } else { value.get().and_then(Result::err) })
}

/// Calls `then` after each success.
pub fn on_success<S>(action: ServerAction<S>, then: impl Fn(S::Output) + 'static)
where
    S: ServerFn<Error = Error> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(output)) = value.get() {
            untrack(|| then(output));
        }
    });
}

/// The error of a form that belongs to none of its fields.
#[component]
pub fn FormError(#[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    let text =
        move || error.get().filter(|error| !matches!(error, Error::Invalid { errors, .. } if !errors.is_empty()));
    view! {
        <div role="alert">
            {move || text().map(|error| view! { <p class="note bad">{icon(Icon::Warning)}<span>{error.to_string()}</span></p> })}
        </div>
    }
}

/// Replaces a page, or the part below its heading, that failed to load. The response gets the
/// status of the error.
#[component]
pub fn PageError(error: Error, #[prop(optional)] part: bool) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::api::set_status(&error);
    let url_state = use_url_state();
    let title = match &error {
        Error::Unauthenticated => "Signed out",
        Error::Forbidden { .. } => "You don't have permission",
        Error::NotFound => "Not found",
        _ => "Something went wrong",
    };
    let way_on = match &error {
        Error::Unauthenticated => {
            let next = untrack(|| url_state.with(&[]));
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            view! { <a class="button primary" rel="external" href=format!("/sign-in?{query}")>"Sign in"</a> }.into_any()
        }
        Error::Forbidden { .. } | Error::NotFound => view! { <a class="button" href="/">"All projects"</a> }.into_any(),
        _ => view! { <a class="button" rel="external" href=move || url_state.with(&[])>"Try again"</a> }.into_any(),
    };
    view! {
        {(!part).then(|| view! { <Title text=title/> })}
        <section class="page-error">
            {if part { view! { <h2>{title}</h2> }.into_any() } else { view! { <h1>{title}</h1> }.into_any() }}
            <p class="lead">{error.to_string()}</p>
            {way_on}
        </section>
    }
}
