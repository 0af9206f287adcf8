//! `/projects/{id}/cases`, `.../runs`, `.../sessions`: the testware. All subjects share one list,
//! and runs and sessions share one page. Each subject implements [`SubjectPages`].

mod item_actions;
pub mod item_head;
pub mod item_picker;
mod list;
pub mod picker_search;
pub mod selection;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use list::List;
use selection::Selection;

use crate::components::badge::{badge_closed, outcome, state};
use crate::components::failure::PageError;
use crate::components::filters::Choice;
use crate::error::Error;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::execution::State;
use crate::testware::item::TestwareItem;
use crate::with_subject;

/// The pages of a subject. Each function is in a chunk of its own, so a list doesn't load the code of the rest.
pub trait SubjectPages {
    /// What differs between the lists.
    const LIST: ListSpec;
    /// The verb of the link that creates an item.
    const CREATE: &'static str = "New";
    /// Whether items of the list can be selected, for [`selection_bar`](Self::selection_bar).
    const SELECTABLE: bool = false;
    /// What changes the selected items of the list.
    fn selection_bar(project: ProjectId, selection: Selection) -> AnyView {
        let _ = (project, selection);
        ().into_any()
    }
    /// Whether the page of an item has a route and a chunk of its own, because it is large.
    const OWN_CHUNK: bool = false;
    /// The page of an item. Its URL has the parameter `item`.
    fn item() -> AnyView;
    /// The dialog that creates an item.
    fn new_dialog(project: ProjectId) -> AnyView;
}

/// What differs between the lists of the subjects.
pub struct ListSpec {
    /// The headings of the list.
    pub headings: &'static [&'static str],
    /// The filters with fixed options.
    pub filters: fn() -> Vec<Choice>,
    /// The filters that links set.
    pub free_filters: &'static [&'static str],
    /// Shown instead of an empty progress bar; empty if there are no counts.
    pub no_progress: &'static str,
    /// What is below the headline.
    pub body: ListBody,
}

/// What is below the headline of a list.
pub enum ListBody {
    /// Search, filters and a table.
    Table,
    /// What the subject shows instead.
    Own(fn(ProjectId) -> AnyView),
}

/// How an item ended.
pub fn ended(item: &TestwareItem) -> &'static str {
    if item.aborted { "Aborted" } else { "Completed" }
}

/// The state of a run or session, or its outcome and how it ended.
pub fn item_badges(item: &TestwareItem) -> AnyView {
    match item.completed_at {
        Some(_) => view! { {outcome(&item.counts)}{badge_closed(ended(item))} }.into_any(),
        None => state(item.state.unwrap_or(State::New)).into_any(),
    }
}

/// The filter of what can be completed.
pub fn completion_filter() -> Choice {
    let values = vec![("false", "Open"), ("true", "Completed")];
    Choice { label: "Completion", param: "completed", all: "All", values }
}

/// The dialog that creates an item.
pub fn new_dialog(subject: Subject, project: ProjectId) -> AnyView {
    with_subject!(subject, T => T::new_dialog(project), else ().into_any())
}

/// What changes the selected items of a list.
pub fn selection_bar(subject: Subject, project: ProjectId, selection: Selection) -> AnyView {
    with_subject!(subject, T => T::selection_bar(project, selection), else ().into_any())
}

/// The subject in the URL.
pub fn use_subject() -> Memo<Option<Subject>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("subject").and_then(|at| Subject::at_path(&at))))
}

/// The list of a subject.
#[component]
pub fn ItemList() -> impl IntoView {
    let subject = use_subject();
    let list_of = |subject| with_subject!(subject, T => Some((subject, &T::LIST, T::CREATE, T::SELECTABLE)), else None);
    move || match subject.get().and_then(list_of) {
        Some((subject, list, create, selectable)) => view! { <List subject list create selectable/> }.into_any(),
        None => view! { <PageError error=Error::NotFound/> }.into_any(),
    }
}

/// One item of a subject without a chunk of its own.
#[component]
pub fn Item() -> impl IntoView {
    let subject = use_subject();
    let page_of = |subject| with_subject!(subject, T => (!T::OWN_CHUNK).then(T::item), else None);
    move || match subject.get().and_then(page_of) {
        Some(page) => page,
        None => view! { <PageError error=Error::NotFound/> }.into_any(),
    }
}
