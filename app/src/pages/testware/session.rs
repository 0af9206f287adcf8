//! What differs for sessions.

use leptos::prelude::*;

use super::SubjectPages;
use super::execution::{ExecutionPage, ExecutionPages, filters};
use super::execution_form::NewExecutionDialog;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;

pub const PAGES: SubjectPages = SubjectPages {
    headings: &["Session", "State", "Results", "Updated"],
    filters,
    free_filters: &[],
    no_progress: EXECUTION.no_progress,
};

/// The dialog that creates one.
pub fn new_dialog(project: ProjectId) -> AnyView {
    view! { <NewExecutionDialog project subject=Subject::Session pages=&EXECUTION/> }.into_any()
}

/// The page of one.
pub fn item() -> AnyView {
    view! { <ExecutionPage subject=Subject::Session pages=&EXECUTION/> }.into_any()
}

const EXECUTION: ExecutionPages = ExecutionPages {
    cases: false,
    time_box: true,
    progress: "Outcome",
    no_progress: "No results",
    text: "Charter",
    text_hint: "Mission of this session",
    text_field: "charter",
};
