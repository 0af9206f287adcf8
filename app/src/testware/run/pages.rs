//! What differs for test runs.

use leptos::prelude::*;

use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::execution::pages::form::NewExecutionDialog;
use crate::testware::execution::pages::{ExecutionPage, ExecutionPages, filters};
use crate::testware::pages::SubjectPages;

pub const PAGES: SubjectPages = SubjectPages {
    headings: &["Test run", "State", "Progress", "Updated"],
    filters,
    free_filters: &[],
    no_progress: EXECUTION.no_progress,
};

/// The dialog that creates one.
pub fn new_dialog(project: ProjectId) -> AnyView {
    view! { <NewExecutionDialog project subject=Subject::TestRun pages=&EXECUTION/> }.into_any()
}

/// The page of one.
pub fn item() -> AnyView {
    view! { <ExecutionPage subject=Subject::TestRun pages=&EXECUTION/> }.into_any()
}

const EXECUTION: ExecutionPages = ExecutionPages {
    cases: true,
    time_box: false,
    progress: "Progress",
    no_progress: "No cases",
    text: "Description",
    text_hint: "Supports Markdown",
    text_field: "description",
};
