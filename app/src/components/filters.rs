//! The search and the filters of a list. Their state is in the URL, so that it can be shared. The
//! search is a GET form and the filters are links, so both work without JavaScript. With it, the
//! list updates while the user types.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;

use super::dynamic::{dynamic, dynamic_value};
use super::icon::{Icon, icon};
use crate::url_state::use_url_state;

/// How long to wait after a keystroke.
const SEARCH_DEBOUNCE: Duration = Duration::from_millis(250);

/// A filter: one value of a parameter, or none.
#[derive(Clone)]
pub struct Choice {
    /// The label.
    pub label: &'static str,
    /// The parameter of the URL.
    pub param: &'static str,
    /// The label of the option without a filter.
    pub all: &'static str,
    /// The other values with their labels.
    pub values: Vec<(&'static str, &'static str)>,
}

#[component]
pub fn Filters(
    /// E.g. `Search issues`.
    label: &'static str,
    #[prop(default = "Title or key")] placeholder: &'static str,
    choices: Vec<Choice>,
    /// Parameters that other links set. Each is shown as a chip while it is set.
    free: &'static [&'static str],
) -> impl IntoView {
    let url_state = use_url_state();
    let params: Vec<_> = choices.iter().map(|choice| choice.param).chain(free.iter().copied()).collect();
    // The other filters, which a search without JavaScript must keep.
    let hidden = move || {
        let kept = params.iter().filter_map(|&name| url_state.param(name).map(|value| (name, value)));
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
            url_state.param(name).map(|text| {
                let href = url_state.with(&[(name, None), ("cursor", None)]);
                let label = format!("Remove filter: {name} {text}");
                view! { <a class="chip on" href=href data-noscroll="" aria-label=label>{name}": "{text}{icon(Icon::Cross)}</a> }
            })
        }
    };
    view! {
        <form class="filters" role="search" method="get" on:submit=move |event| event.prevent_default()>
            {typed_filter(&TypedFilter {
                param: "search",
                label,
                placeholder,
                hint: "",
                class: "search-field",
                is_number: false,
            })}
            {dynamic(hidden)}
            {groups}
            {free.iter().map(|&name| active(name)).collect_view()}
        </form>
    }
}

/// A filter that is typed.
pub struct TypedFilter {
    /// The parameter of the URL.
    pub param: &'static str,
    /// Its accessible name.
    pub label: &'static str,
    /// An example of its content.
    pub placeholder: &'static str,
    /// What it finds.
    pub hint: &'static str,
    /// Its class.
    pub class: &'static str,
    /// Whether it is a short number, which needs no icon.
    pub is_number: bool,
}

/// Changes the URL while the user types.
pub fn typed_filter(filter: &TypedFilter) -> AnyView {
    let TypedFilter { param, label, placeholder, hint, class, is_number } = *filter;
    let url_state = use_url_state();
    let typed = StoredValue::new(0u32);
    let search = move |text: String| {
        let turn = typed.with_value(|turn| turn + 1);
        typed.set_value(turn);
        set_timeout(
            move || {
                if typed.try_get_value() == Some(turn) {
                    url_state.replace(&[(param, Some(text.trim())), ("cursor", None), ("delivery", None)]);
                }
            },
            SEARCH_DEBOUNCE,
        );
    };
    // "Reset" empties the field.
    let field = NodeRef::<html::Input>::new();
    let is_set = Memo::new(move |_| url_state.param(param).is_some());
    Effect::new(move |before: Option<bool>| {
        let now = is_set.get();
        if before == Some(true)
            && !now
            && let Some(field) = field.get_untracked()
        {
            field.set_value("");
        }
        now
    });
    view! {
        <span class=class>
            {(!is_number).then(|| icon(Icon::Search))}
            <input
                type="search"
                name=param
                aria-label=label
                placeholder=placeholder
                title=(!hint.is_empty()).then_some(hint)
                inputmode=is_number.then_some("numeric")
                maxlength=is_number.then_some("3")
                autocomplete="off"
                value=url_state.param_untracked(param)
                node_ref=field
                on:input=move |event| search(event_target_value(&event))
            />
        </span>
    }
    .into_any()
}

fn chip(param: &'static str, value: &'static str, text: &'static str) -> impl IntoView {
    let url_state = use_url_state();
    let href = move || url_state.with(&[(param, Some(value)), ("cursor", None)]);
    let current = move || (url_state.param(param).unwrap_or_default() == value).then_some("true");
    view! { <a class="chip" href=dynamic_value(href) aria-current=dynamic_value(current) data-noscroll="">{text}</a> }
}
