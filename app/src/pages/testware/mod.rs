//! `/projects/{id}/cases`, `.../runs`, `.../sessions`: the testware. All three share one list, and
//! runs and sessions share one page. Their differences are data, so the browser loads the code
//! once.

mod case;
mod case_form;
mod execution;
mod execution_form;
mod item_actions;
mod item_picker;
mod list;
mod result_form;
mod results;
mod run_cases;
mod steps;

use leptos::prelude::*;

pub use case::Case;
use execution::ExecutionPage;
use list::List;
pub use results::{IssueResults, of_issue};

use crate::model::catalog::Subject;

#[component]
pub fn Cases() -> impl IntoView {
    view! { <List subject=Subject::Case/> }
}

/// The test runs.
#[component]
pub fn Runs() -> impl IntoView {
    view! { <List subject=Subject::TestRun/> }
}

/// One test run.
#[component]
pub fn Run() -> impl IntoView {
    view! { <ExecutionPage subject=Subject::TestRun/> }
}

/// The sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    view! { <List subject=Subject::Session/> }
}

/// One session.
#[component]
pub fn Session() -> impl IntoView {
    view! { <ExecutionPage subject=Subject::Session/> }
}
