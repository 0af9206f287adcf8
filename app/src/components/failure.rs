//! Errors of actions, forms and pages, with the next step.

use leptos::prelude::*;
use leptos_meta::Title;

use super::dynamic::{dynamic, dynamic_value};
use super::icon::{Icon, icon};
use crate::error::Error;
use crate::url_state::use_url_state;

/// The error of a form that belongs to none of its fields, or the number of invalid fields.
#[component]
pub fn FormError(#[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    let text = move || match error.get()? {
        Error::Invalid { errors, .. } if errors.len() > 1 => Some(format!("Fix {} fields", errors.len())),
        // The field shows it.
        Error::Invalid { errors, .. } if errors.len() == 1 => None,
        error => Some(error.to_string()),
    };
    view! {
        <div role="alert">
            {dynamic(move || text().map(|text| view! { <p class="note bad">{icon(Icon::Warning)}<span>{text}</span></p> }))}
        </div>
    }
}

/// Replaces a page, or the part below its heading, that failed to load. The response gets the
/// status of the error.
#[component]
pub fn PageError(
    error: Error,
    /// What could not be loaded, e.g. "webhooks".
    #[prop(default = "this page".to_owned(), into)]
    what: String,
    #[prop(optional)] part: bool,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::api::set_status(&error);
    let url_state = use_url_state();
    let (title, symbol) = match &error {
        Error::Unauthenticated => ("Signed out".to_owned(), Icon::SignOut),
        Error::Forbidden { .. } => ("You don't have permission".to_owned(), Icon::Block),
        Error::NotFound => ("Not found".to_owned(), Icon::Search),
        _ => (format!("Couldn't load {what}"), Icon::Warning),
    };
    let way_on = match &error {
        Error::Unauthenticated => {
            let next = untrack(|| url_state.with(&[]));
            let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
            view! { <a class="button primary" rel="external" href=format!("/sign-in?{query}")>"Sign in"</a> }.into_any()
        }
        Error::Forbidden { .. } | Error::NotFound => view! { <a class="button" href="/">"All projects"</a> }.into_any(),
        _ => view! {
            <a class="button" rel="external" href=dynamic_value(move || url_state.with(&[]))>{icon(Icon::Replay)}"Try again"</a>
        }
        .into_any(),
    };
    // Without access, the actions and filters of the page's heading are hidden.
    let no_access = matches!(error, Error::Unauthenticated | Error::Forbidden { .. } | Error::NotFound);
    view! {
        {(!part).then(|| view! { <Title text=title.clone()/> })}
        <section class="empty page-error" class:no-access=no_access role="alert">
            <span class="tile">{icon(symbol)}</span>
            {if part { view! { <h2>{title}</h2> }.into_any() } else { view! { <h1>{title}</h1> }.into_any() }}
            <p class="lead">{error.to_string()}</p>
            {way_on}
        </section>
    }
}
