//! Errors of actions, forms and pages, with the next step.

use leptos::prelude::*;
use leptos_meta::Title;

use super::dynamic::{dynamic, dynamic_value};
use super::icon::{Icon, icon};
use crate::error::Error;
use crate::url_state::use_url_state;

/// The error of a form that belongs to none of its fields.
#[component]
pub fn FormError(#[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    let text =
        move || error.get().filter(|error| !matches!(error, Error::Invalid { errors, .. } if !errors.is_empty()));
    view! {
        <div role="alert">
            {dynamic(move || text().map(|error| view! { <p class="note bad">{icon(Icon::Warning)}<span>{error.to_string()}</span></p> }))}
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
        _ => view! { <a class="button" rel="external" href=dynamic_value(move || url_state.with(&[]))>"Try again"</a> }
            .into_any(),
    };
    // Without access, the actions and filters of the page's heading are hidden.
    let no_access = matches!(error, Error::Unauthenticated | Error::Forbidden { .. } | Error::NotFound);
    view! {
        {(!part).then(|| view! { <Title text=title/> })}
        <section class="page-error" class:no-access=no_access>
            {if part { view! { <h2>{title}</h2> }.into_any() } else { view! { <h1>{title}</h1> }.into_any() }}
            <p class="lead">{error.to_string()}</p>
            {way_on}
        </section>
    }
}
