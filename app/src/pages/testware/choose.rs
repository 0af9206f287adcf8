//! Chooses cases or issues of the project out of what a search finds. What is chosen goes with the
//! form, in the order in which it was chosen, whatever the search shows meanwhile.

use std::time::Duration;

use leptos::prelude::*;

use crate::api;
use crate::components::field::Wrong;
use crate::components::ready::use_ready;
use crate::error::{Error, Result};
use crate::model::id::ProjectId;
use crate::model::issue::IssueQuery;
use crate::model::item::{ItemQuery, Kind};
use crate::model::page::MAX_LIMIT;

/// While somebody types.
const PAUSE: Duration = Duration::from_millis(250);
/// Issues are many, and few of them are linked.
const ISSUES: u32 = 20;

/// What there is to choose from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The cases of the project.
    Cases,
    /// Its issues.
    Issues,
}

/// One that can be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its id, as the form sends it.
    pub id: String,
    /// Its key, if it has one.
    pub key: String,
    /// Its title.
    pub title: String,
}

/// The same one, whatever it is called by now.
impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// See the [module](self).
#[component]
pub fn Choose(
    from: From,
    project: ProjectId,
    chosen: RwSignal<Vec<Choice>>,
    error: Signal<Option<Error>>,
) -> impl IntoView {
    let ready = use_ready();
    let found = RwSignal::new(None::<Result<Vec<Choice>>>);
    let next = RwSignal::new(None::<String>);
    let turn = StoredValue::new(0u32);
    let search = StoredValue::new(String::new());
    let read = move |cursor: Option<String>, mine: u32| async move {
        let further = cursor.is_some();
        let answer = find(from, project, search.get_value(), cursor).await;
        // Another search may have begun, or the form be gone.
        if turn.try_get_value() != Some(mine) {
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
        turn.update_value(|turn| *turn += 1);
        turn.get_value()
    };
    Effect::new(move |_| leptos::task::spawn_local(read(None, begin())));
    let type_in = move |text: String| {
        search.set_value(text.trim().to_owned());
        let mine = begin();
        set_timeout(
            move || {
                if turn.try_get_value() == Some(mine) {
                    leptos::task::spawn_local(read(None, mine));
                }
            },
            PAUSE,
        );
    };
    let shown = move || found.with(|found| found.as_ref().and_then(|found| found.clone().ok()).unwrap_or_default());
    // The list has the newest first; who takes all of it means the order in which they were made.
    let choose_all = move |_| {
        chosen.update(|chosen| {
            for choice in shown().into_iter().rev() {
                if !chosen.contains(&choice) {
                    chosen.push(choice);
                }
            }
        });
    };
    // What is chosen and not found stays in sight, so that it can be taken out again.
    let listed = move || {
        let mut all = shown();
        chosen.with(|chosen| {
            all.extend(chosen.iter().filter(|choice| !all.contains(choice)).cloned().collect::<Vec<_>>())
        });
        all
    };
    let (legend, label, name, wire) = match from {
        From::Cases => ("Cases", "Search the cases", "case_ids[]", "caseIds"),
        From::Issues => ("Linked issues", "Search the issues", "issue_ids[]", "issueIds"),
    };
    let hidden = move || {
        chosen.get().into_iter().map(|choice| view! { <input type="hidden" name=name value=choice.id/> }).collect_view()
    };
    let state = move || match found.get() {
        None => "Reading…".to_owned(),
        Some(Err(error)) => error.to_string(),
        Some(Ok(found)) if found.is_empty() => "Nothing found.".to_owned(),
        Some(Ok(_)) => String::new(),
    };
    let boxed = move |choice: Choice| {
        let (value, again) = (choice.clone(), choice.clone());
        let on = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&value)));
        let set = move |on: bool| {
            chosen.update(|chosen| {
                chosen.retain(|other| *other != again);
                if on {
                    chosen.push(again.clone());
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
            <Wrong name=wire error/>
            {hidden}
            <div class="row needs-script">
                <input
                    type="search"
                    class="grow"
                    aria-label=label
                    placeholder=label
                    autocomplete="off"
                    disabled=move || !ready.get()
                    on:input=move |event| type_in(event_target_value(&event))
                    on:keydown=move |event| {
                        // It would send the form.
                        if event.key() == "Enter" {
                            event.prevent_default();
                        }
                    }
                />
                <span class="hint" role="status">{move || format!("{} chosen", chosen.with(Vec::len))}</span>
                {(from == From::Cases).then(|| view! {
                    <button type="button" class="button small" on:click=choose_all>"Select all"</button>
                })}
                <button type="button" class="button small" disabled=move || chosen.with(Vec::is_empty) on:click=move |_| chosen.set(Vec::new())>
                    "Clear"
                </button>
            </div>
            <p class="hint needs-script" role="status">{state}</p>
            <ul class="found">
                <For each=listed key=|choice| choice.id.clone() children=boxed/>
                <Show when=move || next.with(Option::is_some)>
                    <li>
                        <button type="button" class="link" on:click=move |_| {
                            leptos::task::spawn_local(read(next.get_untracked(), turn.get_value()));
                        }>
                            "More"
                        </button>
                    </li>
                </Show>
            </ul>
            <noscript class="hint">"Choosing needs JavaScript; the rest of the form works without."</noscript>
        </fieldset>
    }
}

/// A page of what a search finds.
async fn find(
    from: From,
    project: ProjectId,
    search: String,
    cursor: Option<String>,
) -> Result<(Vec<Choice>, Option<String>)> {
    let search = Some(search).filter(|text| !text.is_empty());
    if from == From::Cases {
        let query = ItemQuery { search, limit: Some(MAX_LIMIT), cursor, ..ItemQuery::default() };
        let page = api::testware::list_items(project, Kind::Case, query).await?;
        let choice =
            |item: crate::model::item::Item| Choice { id: item.id.to_string(), key: item.key, title: item.title };
        return Ok((page.items.into_iter().map(choice).collect(), page.next_cursor));
    }
    let query = IssueQuery { search, limit: Some(ISSUES), cursor, ..IssueQuery::default() };
    let page = api::issues::list_issues(project, query).await?;
    let choice = |issue: crate::model::issue::Issue| Choice {
        id: issue.id.to_string(),
        key: issue.key.unwrap_or_default(),
        title: issue.title,
    };
    Ok((page.items.into_iter().map(choice).collect(), page.next_cursor))
}
