//! What differs for test runs.

pub mod assign;
pub mod public_run;
pub mod share;

use leptos::prelude::*;

use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::execution::pages::form::NewExecutionDialog;
use crate::testware::execution::pages::{ExecutionPage, ExecutionPages, filters};
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::testware::run::TestRun;

impl SubjectPages for TestRun {
    const LIST: ListSpec = ListSpec {
        headings: &["Test run", "State", "Progress", "Updated"],
        filters,
        free_filters: &[],
        no_progress: EXECUTION.no_progress,
        body: ListBody::Table,
    };

    const OWN_CHUNK: bool = true;

    fn item() -> AnyView {
        view! { <RunPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewExecutionDialog project subject=Subject::TestRun pages=&EXECUTION/> }.into_any()
    }
}

#[component]
pub fn RunPage() -> impl IntoView {
    view! { <ExecutionPage subject=Subject::TestRun pages=&EXECUTION/> }
}

const EXECUTION: ExecutionPages = ExecutionPages {
    cases: true,
    time_box: false,
    progress: "Progress",
    no_progress: "No cases",
    text: "Description",
    text_hint: "Supports Markdown",
    text_field: "description",
    public_link: true,
};
