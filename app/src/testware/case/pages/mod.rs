//! `/projects/{id}/cases/{case}`: one test case. It follows live changes.

mod form;
mod steps;

use form::{EditCaseDialog, NewCaseDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::dynamic::dynamic;
use crate::components::filters::Choice;
use crate::components::label_links::label_list;
use crate::components::relative_time::RelativeTime;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::case::{CaseId, Priority, Step, TestCase, api};
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListSpec, SubjectPages};

impl SubjectPages for TestCase {
    const LIST: ListSpec = ListSpec {
        headings: &["Case", "Priority", "Updated"],
        filters: || {
            let values = Priority::ALL.iter().map(|priority| (priority.as_str(), priority.label())).collect();
            vec![Choice { label: "Priority", param: "priority", all: "All", values }]
        },
        free_filters: &["label"],
        no_progress: "",
    };

    fn item() -> AnyView {
        view! { <Case/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewCaseDialog project/> }.into_any()
    }
}

#[component]
fn Case() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<CaseId>().ok())));
    item_page(id, api::read_case, |_, case| view! { <Detail case/> }.into_any())
}

#[component]
fn Detail(case: TestCase) -> impl IntoView {
    let (id, project) = (case.id, case.project_id);
    let item = live_item(id.into(), case, move || Box::pin(api::read_case(id)), |_| {});
    let (shown, changes, changed) = (item.shown, item.changes, item.changed);
    let names = (Signal::derive(move || shown.get().key), Signal::derive(move || shown.get().title));
    view! {
        {item_head((id.into(), project), &item, names, false.into(), (().into_any(), ().into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Preconditions"</h2>
                {dynamic(move || plain(shown.get().preconditions, "None"))}
                <h2>"Steps"</h2>
                {dynamic(move || steps(shown.get().steps))}
            </div>
            <dl class="card">{dynamic(move || facts(shown.get()))}</dl>
        </div>
        <EditCaseDialog case=shown changed/>
    }
}

/// Plain text, or a hint where there is none.
pub fn plain(text: String, none: &'static str) -> AnyView {
    if text.trim().is_empty() {
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    view! { <p class="plain">{text}</p> }.into_any()
}

fn steps(steps: Vec<Step>) -> AnyView {
    if steps.is_empty() {
        return view! { <p class="hint">"No steps yet. Edit the case to add some."</p> }.into_any();
    }
    let all = steps
        .into_iter()
        .map(|step| {
            let expected = (!step.expected.trim().is_empty())
                .then(|| view! { <p class="plain expected"><span class="visually-hidden">"Expected: "</span>{step.expected}</p> });
            view! { <li><p class="plain">{step.action}</p>{expected}</li> }
        })
        .collect_view();
    view! { <ol class="case-steps">{all}</ol> }.into_any()
}

fn facts(case: TestCase) -> AnyView {
    view! {
        <dt>"Priority"</dt><dd>{case.priority.label()}</dd>
        <dt>"Labels"</dt><dd>{label_list(case.labels)}</dd>
        <dt>"Author"</dt><dd>{case.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=case.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=case.updated_at/></dd>
    }
    .into_any()
}
