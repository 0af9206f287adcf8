//! The search and the filters of a list. They live in the address, so that they can be shared; the
//! form is one by GET and the filters are links, so that they work without script. With it, the
//! list follows the typing.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::place::use_place;

/// While somebody types.
const PAUSE: Duration = Duration::from_millis(250);

/// A choice of one value of a parameter, or of none.
#[derive(Clone)]
pub struct Choice {
    /// What it is called.
    pub label: &'static str,
    /// The parameter of the address.
    pub param: &'static str,
    /// What stands for all of them.
    pub all: &'static str,
    /// The other values and what stands for them.
    pub values: Vec<(&'static str, &'static str)>,
}

/// See the [module](self).
#[component]
pub fn Filters(
    /// Such as `Search the issues`.
    label: &'static str,
    choices: Vec<Choice>,
    /// Parameters that links elsewhere set, each shown as long as it is.
    free: &'static [&'static str],
) -> impl IntoView {
    let place = use_place();
    let typed = StoredValue::new(0u32);
    let search = move |text: String| {
        let turn = typed.with_value(|turn| turn + 1);
        typed.set_value(turn);
        set_timeout(
            move || {
                if typed.try_get_value() == Some(turn) {
                    place.replace(&[("search", Some(text.trim())), ("cursor", None)]);
                }
            },
            PAUSE,
        );
    };
    let params: Vec<_> = choices.iter().map(|choice| choice.param).chain(free.iter().copied()).collect();
    // What a search without script must not lose.
    let hidden = move || {
        let kept = params.iter().filter_map(|&name| place.param(name).map(|value| (name, value)));
        kept.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()
    };
    let groups = choices
        .into_iter()
        .map(|Choice { label, param, all, values }| {
            let chips =
                std::iter::once(("", all)).chain(values).map(|(value, text)| chip(param, value, text)).collect_view();
            view! { <nav class="chips" aria-label=label>{chips}</nav> }
        })
        .collect_view();
    let active = move |name: &'static str| {
        move || {
            place.param(name).map(|text| {
                let href = place.with(&[(name, None), ("cursor", None)]);
                let label = format!("Without the filter {name} {text}");
                view! { <a class="chip on" href=href data-noscroll="" aria-label=label>{name}": "{text}{icon(Icon::Cross)}</a> }
            })
        }
    };
    view! {
        <form class="filters" role="search" method="get" on:submit=move |event| event.prevent_default()>
            <input
                type="search"
                name="search"
                aria-label=label
                placeholder="Search title and key"
                autocomplete="off"
                value=place.param_now("search")
                on:input=move |event| search(event_target_value(&event))
            />
            {hidden}
            {groups}
            {free.iter().map(|&name| active(name)).collect_view()}
        </form>
    }
}

fn chip(param: &'static str, value: &'static str, text: &'static str) -> impl IntoView {
    let place = use_place();
    let href = move || place.with(&[(param, Some(value)), ("cursor", None)]);
    let current = move || (place.param(param).unwrap_or_default() == value).then_some("true");
    view! { <a class="chip" href=href aria-current=current data-noscroll="">{text}</a> }
}
