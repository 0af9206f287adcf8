//! Selects cases or issues of the project with a search. The form sends the selected ones in the
//! order of selection, whatever the search shows.

use std::time::Duration;

use leptos::prelude::*;

use crate::api;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::field::FieldError;
use crate::components::hydration::use_hydrated;
use crate::components::hydration::use_hydrated_effect;
use crate::error::{Error, Result};
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::issue::IssueQuery;
use crate::model::item::ItemQuery;
use crate::model::page::MAX_LIMIT;

/// How long to wait after a keystroke.
const SEARCH_DEBOUNCE: Duration = Duration::from_millis(250);
/// A project has many issues, but few are linked.
const ISSUES_PER_PAGE: u32 = 20;

/// What can be selected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PickerSource {
    /// The cases of the project.
    Cases,
    /// Its issues.
    Issues,
}

/// An item that can be selected.
#[derive(Clone, Debug)]
pub struct PickerItem {
    /// Its ID, as the form sends it.
    pub id: String,
    /// Its key, if it has one.
    pub key: String,
    /// Its title.
    pub title: String,
}

/// Two choices are the same item even if it was renamed in between.
impl PartialEq for PickerItem {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

#[component]
pub fn ItemPicker(
    from: PickerSource,
    project: ProjectId,
    selected: RwSignal<Vec<PickerItem>>,
    error: Signal<Option<Error>>,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let found = RwSignal::new(None::<Result<Vec<PickerItem>>>);
    let next = RwSignal::new(None::<String>);
    let search_number = StoredValue::new(0u32);
    let search = StoredValue::new(String::new());
    let read = move |cursor: Option<String>, number: u32| async move {
        let further = cursor.is_some();
        let Some(text) = search.try_get_value() else { return };
        let answer = find(from, project, text, cursor).await;
        // Another search may have started, or the form may have closed.
        if search_number.try_get_value() != Some(number) {
            return;
        }
        let answer = answer.map(|(items, cursor)| {
            next.set(cursor);
            items
        });
        found.update(|found| match (found, answer) {
            (Some(Ok(all)), Ok(items)) if further => all.extend(items),
            (found, answer) => *found = Some(answer),
        });
    };
    let begin = move || {
        search_number.update_value(|search_number| *search_number += 1);
        search_number.get_value()
    };
    use_hydrated_effect(move || leptos::task::spawn_local(read(None, begin())));
    let type_in = move |text: String| {
        search.set_value(text.trim().to_owned());
        let number = begin();
        set_timeout(
            move || {
                if search_number.try_get_value() == Some(number) {
                    leptos::task::spawn_local(read(None, number));
                }
            },
            SEARCH_DEBOUNCE,
        );
    };
    let shown = move || found.with(|found| found.as_ref().and_then(|found| found.clone().ok()).unwrap_or_default());
    // The list is newest first. Selecting all of it keeps the order of creation.
    let select_all = move |_| {
        selected.update(|selected| {
            for choice in shown().into_iter().rev() {
                if !selected.contains(&choice) {
                    selected.push(choice);
                }
            }
        });
    };
    // A selected item that the search does not find stays visible, so that it can be deselected.
    let listed = move || {
        let mut all = shown();
        selected.with(|selected| {
            all.extend(selected.iter().filter(|choice| !all.contains(choice)).cloned().collect::<Vec<_>>())
        });
        all
    };
    let (legend, label, name, wire) = match from {
        PickerSource::Cases => ("Cases", "Search cases", "case_ids[]", "caseIds"),
        PickerSource::Issues => ("Linked issues", "Search issues", "issue_ids[]", "issueIds"),
    };
    let hidden = move || {
        selected
            .get()
            .into_iter()
            .map(|choice| view! { <input type="hidden" name=name value=choice.id/> })
            .collect_view()
    };
    let state = move || match found.get() {
        None => "Loading…".to_owned(),
        Some(Err(error)) => error.to_string(),
        Some(Ok(found)) if found.is_empty() => "No matches".to_owned(),
        Some(Ok(_)) => String::new(),
    };
    let checkbox_row = move |choice: PickerItem| {
        let (value, again) = (choice.clone(), choice.clone());
        let on = Memo::new(move |_| selected.with(|selected| selected.contains(&value)));
        let set = move |on: bool| {
            selected.update(|selected| {
                selected.retain(|other| *other != again);
                if on {
                    selected.push(again.clone());
                }
            });
        };
        view! {
            <li>
                <label>
                    <input type="checkbox" prop:checked=on on:change=move |event| set(event_target_checked(&event))/>
                    <span class="key">{choice.key}</span>
                    <span>{choice.title}</span>
                </label>
            </li>
        }
    };
    view! {
        <fieldset class="choose">
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
                    on:input=move |event| type_in(event_target_value(&event))
                    on:keydown=move |event| {
                        // Enter would submit the form.
                        if event.key() == "Enter" {
                            event.prevent_default();
                        }
                    }
                />
                <span class="hint" role="status">{dynamic(move || format!("{} selected", selected.with(Vec::len)))}</span>
                {(from == PickerSource::Cases).then(|| view! {
                    <button type="button" class="button small" on:click=select_all>"Select all"</button>
                })}
                <button type="button" class="button small" disabled=dynamic_value(move || selected.with(Vec::is_empty)) on:click=move |_| selected.set(Vec::new())>
                    "Clear"
                </button>
            </div>
            <p class="hint needs-script" role="status">{dynamic(state)}</p>
            <ul class="found">
                <For each=listed key=|choice| choice.id.clone() children=checkbox_row/>
                <ShowWhen when=move || next.with(Option::is_some)>
                    <li>
                        <button type="button" class="link" on:click=move |_| {
                            leptos::task::spawn_local(read(next.get_untracked(), search_number.get_value()));
                        }>
                            "Load more"
                        </button>
                    </li>
                </ShowWhen>
            </ul>
            <noscript class="hint">"Selecting needs JavaScript. The rest of the form works without it."</noscript>
        </fieldset>
    }
}

/// Reads a page of search results.
async fn find(
    from: PickerSource,
    project: ProjectId,
    search: String,
    cursor: Option<String>,
) -> Result<(Vec<PickerItem>, Option<String>)> {
    let search = Some(search).filter(|text| !text.is_empty());
    if from == PickerSource::Cases {
        let query = ItemQuery { search, limit: Some(MAX_LIMIT), cursor, ..ItemQuery::default() };
        let page = api::testware::list_items(project, Subject::Case, query).await?;
        let choice = |item: crate::model::item::TestwareItem| PickerItem {
            id: item.id.to_string(),
            key: item.key,
            title: item.title,
        };
        return Ok((page.items.into_iter().map(choice).collect(), page.next_cursor));
    }
    let query = IssueQuery { search, limit: Some(ISSUES_PER_PAGE), cursor, ..IssueQuery::default() };
    let page = api::issues::list_issues(project, query).await?;
    let choice = |issue: crate::model::issue::Issue| PickerItem {
        id: issue.id.to_string(),
        key: issue.key.unwrap_or_default(),
        title: issue.title,
    };
    Ok((page.items.into_iter().map(choice).collect(), page.next_cursor))
}
