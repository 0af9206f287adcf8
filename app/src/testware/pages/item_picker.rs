//! Selects cases or issues of the project with a search. The form sends the selected ones in the
//! order of selection, whatever the search shows.

use leptos::prelude::*;

use super::picker_search::{PickerItem, PickerSearch, PickerSource};
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::field::{FieldError, ignore_enter};
use crate::components::hydration::{use_hydrated, use_hydrated_effect};
use crate::error::Error;
use crate::model::id::ProjectId;

type Selected = RwSignal<Vec<PickerItem>>;

#[component]
pub fn ItemPicker(
    from: PickerSource,
    project: ProjectId,
    selected: Selected,
    error: Signal<Option<Error>>,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let search = PickerSearch::new(from, project);
    use_hydrated_effect(move || search.start());
    let (legend, label, name, wire) = match from {
        PickerSource::Cases => ("Cases", "Search cases", "case_ids[]", "caseIds"),
        PickerSource::Issues => ("Linked issues", "Search issues", "issue_ids[]", "issueIds"),
    };
    let hidden = move || {
        let ids = selected.get().into_iter();
        ids.map(|item| view! { <input type="hidden" name=name value=item.id/> }).collect_view()
    };
    view! {
        <fieldset class="item-picker">
            <legend>{legend}</legend>
            <FieldError name=wire error/>
            {dynamic(hidden)}
            <div class="row needs-script">
                <input
                    type="search"
                    class="grow"
                    aria-label=label
                    placeholder=label
                    autocomplete="off"
                    disabled=dynamic_value(move || !hydrated.get())
                    on:input=move |event| search.start_after_typing(&event_target_value(&event))
                    on:keydown=ignore_enter
                />
                <span class="hint" role="status">{dynamic(move || format!("{} selected", selected.with(Vec::len)))}</span>
                {(from == PickerSource::Cases).then(|| view! {
                    <button type="button" class="button small" on:click=move |_| select_all(selected, search)>"Select all"</button>
                })}
                <button type="button" class="button small" disabled=dynamic_value(move || selected.with(Vec::is_empty)) on:click=move |_| selected.set(Vec::new())>
                    "Clear"
                </button>
            </div>
            <p class="hint needs-script" role="status">{dynamic(move || search.status())}</p>
            <ul class="results">
                <For each=move || listed(selected, search) key=|item| item.id.clone() children=move |item| checkbox_row(selected, item)/>
                <ShowWhen when=move || search.has_more()>
                    <li><button type="button" class="link" on:click=move |_| search.load_more()>"Load more"</button></li>
                </ShowWhen>
            </ul>
            <noscript class="hint">"Selecting needs JavaScript. The rest of the form works without it."</noscript>
        </fieldset>
    }
}

/// What the search has found, and the other selected items, so that they can be deselected.
fn listed(selected: Selected, search: PickerSearch) -> Vec<PickerItem> {
    let mut all = search.items();
    selected.with(|selected| {
        let others: Vec<_> = selected.iter().filter(|item| !all.contains(item)).cloned().collect();
        all.extend(others);
    });
    all
}

/// The list is newest first. Selecting all of it keeps the order of creation.
fn select_all(selected: Selected, search: PickerSearch) {
    selected.update(|selected| {
        for item in untrack(|| search.items()).into_iter().rev() {
            if !selected.contains(&item) {
                selected.push(item);
            }
        }
    });
}

fn checkbox_row(selected: Selected, item: PickerItem) -> AnyView {
    let (key, title) = (item.key.clone(), item.title.clone());
    let on = {
        let item = item.clone();
        Memo::new(move |_| selected.with(|selected| selected.contains(&item)))
    };
    let set = move |on: bool| {
        selected.update(|selected| {
            selected.retain(|other| *other != item);
            if on {
                selected.push(item.clone());
            }
        });
    };
    view! {
        <li>
            <label>
                <input type="checkbox" prop:checked=on on:change=move |event| set(event_target_checked(&event))/>
                <span class="key">{key}</span>
                <span>{title}</span>
            </label>
        </li>
    }
    .into_any()
}
