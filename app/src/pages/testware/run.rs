//! What differs for test runs.

use leptos::prelude::*;

use super::SubjectPages;
use super::execution::{ExecutionPage, ExecutionPages, filters};
use super::execution_form::NewExecutionDialog;
use crate::model::catalog::Subject;

pub const PAGES: SubjectPages = SubjectPages {
    headings: &["Test run", "State", "Progress", "Updated"],
    filters,
    free_filters: &[],
    no_progress: EXECUTION.no_progress,
    new_dialog: |project| view! { <NewExecutionDialog project subject=Subject::TestRun pages=&EXECUTION/> }.into_any(),
    item: || view! { <ExecutionPage subject=Subject::TestRun pages=&EXECUTION/> }.into_any(),
};

const EXECUTION: ExecutionPages = ExecutionPages {
    cases: true,
    time_box: false,
    progress: "Progress",
    no_progress: "No cases",
    text: "Description",
    text_hint: "Supports Markdown",
    text_field: "description",
};
