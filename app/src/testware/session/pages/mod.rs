//! What differs for sessions.

pub mod notes;
pub mod timer;

use leptos::prelude::*;

use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::execution::pages::form::NewExecutionDialog;
use crate::testware::execution::pages::{ExecutionPage, ExecutionPages, filters};
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::testware::session::TestSession;

impl SubjectPages for TestSession {
    const LIST: ListSpec = ListSpec {
        headings: &["Session", "State", "Results", "Updated"],
        filters,
        free_filters: &[],
        no_progress: EXECUTION.no_progress,
        body: ListBody::Table,
    };

    const OWN_CHUNK: bool = true;

    fn item() -> AnyView {
        view! { <SessionPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewExecutionDialog project subject=Subject::Session pages=&EXECUTION/> }.into_any()
    }
}

#[component]
pub fn SessionPage() -> impl IntoView {
    view! { <ExecutionPage subject=Subject::Session pages=&EXECUTION/> }
}

const EXECUTION: ExecutionPages = ExecutionPages {
    cases: false,
    time_box: true,
    progress: "Outcome",
    no_progress: "No results",
    text: "Charter",
    text_hint: "Mission of this session",
    text_field: "charter",
    public_link: false,
};
