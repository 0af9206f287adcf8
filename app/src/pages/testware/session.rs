//! What differs for sessions.

use leptos::prelude::*;

use super::SubjectPages;
use super::execution::{ExecutionLabels, ExecutionPage, filters};
use super::execution_form::NewExecutionDialog;
use crate::model::catalog::Subject;

pub const PAGES: SubjectPages = SubjectPages {
    headings: &["Session", "State", "Results", "Updated"],
    filters,
    free_filters: &[],
    no_progress: LABELS.no_progress,
    new_dialog: |project| view! { <NewExecutionDialog project subject=Subject::Session labels=&LABELS/> }.into_any(),
    item: || view! { <ExecutionPage subject=Subject::Session labels=&LABELS/> }.into_any(),
};

const LABELS: ExecutionLabels = ExecutionLabels {
    progress: "Outcome",
    no_progress: "No results",
    text: "Charter",
    text_hint: "Mission of this session",
    text_field: "charter",
};
