//! `/projects/{id}/cases`, `.../runs`, `.../sessions`: the testware. All subjects share one list,
//! and runs and sessions share one page. The folder of a subject has its [`SubjectPages`].

mod item_actions;
pub mod item_head;
pub mod item_picker;
mod list;
pub mod picker_search;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use list::List;

use crate::components::failure::PageError;
use crate::components::filters::Choice;
use crate::error::Error;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::{case, run, session};

/// What differs between the lists of the subjects.
pub struct SubjectPages {
    /// The headings of the list.
    pub headings: &'static [&'static str],
    /// The filters with fixed options.
    pub filters: fn() -> Vec<Choice>,
    /// The filters that links set.
    pub free_filters: &'static [&'static str],
    /// Shown instead of an empty progress bar.
    pub no_progress: &'static str,
}

/// What differs between the lists. Issues have pages of their own.
fn pages_of(subject: Subject) -> Option<&'static SubjectPages> {
    match subject {
        Subject::Case => Some(&case::pages::PAGES),
        Subject::TestRun => Some(&run::pages::PAGES),
        Subject::Session => Some(&session::pages::PAGES),
        Subject::Issue => None,
    }
}

/// The page of an item. Its URL has the parameter `item`. The lists don't load the code of these pages.
fn item_of(subject: Subject) -> Option<AnyView> {
    match subject {
        Subject::Case => Some(case::pages::item()),
        Subject::TestRun => Some(run::pages::item()),
        Subject::Session => Some(session::pages::item()),
        Subject::Issue => None,
    }
}

/// The dialog that creates an item. Its code loads after that of the list.
pub fn new_dialog(subject: Subject, project: ProjectId) -> AnyView {
    match subject {
        Subject::Case => case::pages::new_dialog(project),
        Subject::TestRun => run::pages::new_dialog(project),
        Subject::Session => session::pages::new_dialog(project),
        Subject::Issue => ().into_any(),
    }
}

/// The subject in the URL.
fn use_subject() -> Memo<Option<Subject>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("subject").and_then(|at| Subject::at_path(&at))))
}

/// The list of a subject.
#[component]
pub fn ItemList() -> impl IntoView {
    let subject = use_subject();
    move || match subject.get().and_then(|subject| Some((subject, pages_of(subject)?))) {
        Some((subject, pages)) => view! { <List subject pages/> }.into_any(),
        None => view! { <PageError error=Error::NotFound/> }.into_any(),
    }
}

/// One item.
#[component]
pub fn Item() -> impl IntoView {
    let subject = use_subject();
    move || match subject.get().and_then(item_of) {
        Some(page) => page,
        None => view! { <PageError error=Error::NotFound/> }.into_any(),
    }
}
