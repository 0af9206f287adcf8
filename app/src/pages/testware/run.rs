//! What differs for test runs.

use leptos::prelude::*;

use super::SubjectPages;
use super::execution::{ExecutionLabels, ExecutionPage, filters};
use super::execution_form::NewExecutionDialog;
use crate::model::catalog::Subject;

pub const PAGES: SubjectPages = SubjectPages {
    headings: &["Test run", "State", "Progress", "Updated"],
    filters,
    free_filters: &[],
    no_progress: LABELS.no_progress,
    new_dialog: |project| view! { <NewExecutionDialog project subject=Subject::TestRun labels=&LABELS/> }.into_any(),
    item: || view! { <ExecutionPage subject=Subject::TestRun labels=&LABELS/> }.into_any(),
};

const LABELS: ExecutionLabels = ExecutionLabels {
    progress: "Progress",
    no_progress: "No cases",
    text: "Description",
    text_hint: "Supports Markdown",
    text_field: "description",
};
