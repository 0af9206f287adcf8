//! `/projects/{id}/cases`, `.../runs`, `.../sessions`: the testware. One list serves all three
//! kinds, one page runs and sessions; what differs is data, so that the browser loads it once.

mod case;
mod case_form;
mod choose;
mod deeds;
mod lines;
mod list;
mod result_form;
mod results;
mod run_cases;
mod steps;
mod words;
mod work;
mod work_form;

use leptos::prelude::*;

pub use case::Case;
use list::List;
pub use results::{IssueResults, of_issue};
use work::Work;

use crate::model::item::Kind;

/// The cases.
#[component]
pub fn Cases() -> impl IntoView {
    view! { <List kind=Kind::Case/> }
}

/// The test runs.
#[component]
pub fn Runs() -> impl IntoView {
    view! { <List kind=Kind::Run/> }
}

/// One test run.
#[component]
pub fn Run() -> impl IntoView {
    view! { <Work kind=Kind::Run/> }
}

/// The sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    view! { <List kind=Kind::Session/> }
}

/// One session.
#[component]
pub fn Session() -> impl IntoView {
    view! { <Work kind=Kind::Session/> }
}
