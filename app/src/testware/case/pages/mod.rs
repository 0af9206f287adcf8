//! `/projects/{id}/cases/{case}`: one test case. It follows live changes.

mod bulk;
pub(crate) mod diff;
mod form;
mod history;
pub(crate) mod shared_step_choice;
pub(crate) mod steps;

use bulk::BulkBar;
use form::{EditCaseDialog, NewCaseDialog};
use history::History;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::comments::section::Comments;
use crate::components::badge::badge_closed;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::filters::Choice;
use crate::components::icon::{Icon, icon};
use crate::components::label_links::label_list;
use crate::components::live_table::{cell, time_cell};
use crate::components::relative_time::RelativeTime;
use crate::components::table::plain_table;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::case::{CaseId, CaseOverview, CaseState, Priority, Step, TestCase, api};
use crate::testware::item::TestwareItem;
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::selection::Selection;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::testware::review::pages::form::ProposeDialog;
use crate::testware::shared_step::{SharedStep, SharedStepId};
use crate::url_state::use_url_state;

impl SubjectPages for TestCase {
    const LIST: ListSpec = ListSpec {
        headings: &["Case", "Priority", "Updated"],
        filters: || {
            let values = Priority::ALL.iter().map(|priority| (priority.as_str(), priority.label())).collect();
            vec![
                Choice { label: "Priority", param: "priority", all: "All", values },
                Choice { label: "State", param: "archived", all: "Active", values: vec![("archived", "Archived")] },
            ]
        },
        free_filters: &["label"],
        no_progress: "",
        body: ListBody::Table,
    };

    const SELECTABLE: bool = true;

    fn selection_bar(project: ProjectId, selection: Selection) -> AnyView {
        view! { <BulkBar project selection/> }.into_any()
    }

    const OWN_CHUNK: bool = true;

    fn item() -> AnyView {
        view! { <CasePage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewCaseDialog project/> }.into_any()
    }
}

#[component]
pub fn CasePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<CaseId>().ok())));
    item_page(id, api::read_case, |_, case| view! { <Detail case/> }.into_any())
}

#[component]
fn Detail(case: CaseOverview) -> impl IntoView {
    let url_state = use_url_state();
    let (id, project) = (case.case.id, case.case.project_id);
    let item = live_item(id.into(), case, move || Box::pin(api::read_case(id)), |_| {});
    let (overview, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    let shown = Memo::new(move |_| overview.get().case);
    let names = (Signal::derive(move || shown.get().key), Signal::derive(move || shown.get().title));
    let badge = dynamic(move || {
        shown.with(|case| case.state == CaseState::Archived).then(|| badge_closed(CaseState::Archived.label()))
    });
    view! {
        {item_head((id.into(), project), &item, names, false.into(), (badge.into_any(), ().into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Preconditions"</h2>
                {dynamic(move || plain(shown.get().preconditions, "None"))}
                <h2>"Steps"</h2>
                {dynamic(move || {
                    let CaseOverview { case, shared_steps, .. } = overview.get();
                    step_list(case.steps, &shared_steps, project)
                })}
            </div>
            <dl class="card">{dynamic(move || facts(overview.get()))}</dl>
        </div>
        <section class="more">
            <div class="section-head">
                <h2>"Reviews"</h2>
                <ShowWhen when=move || !deleted.get()>
                    <a class="button" href=dynamic_value(move || url_state.with(&[("propose", Some("review"))])) data-noscroll="">
                        {icon(Icon::Branch)}"Propose change"
                    </a>
                </ShowWhen>
            </div>
            {dynamic(move || reviews(overview.with(|overview| overview.reviews.clone())))}
        </section>
        <History id/>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditCaseDialog case=overview changed/>
        <ProposeDialog case=overview/>
    }
}

fn reviews(reviews: Vec<TestwareItem>) -> AnyView {
    if reviews.is_empty() {
        return view! { <p class="hint">"None yet."</p> }.into_any();
    }
    let rows = reviews
        .into_iter()
        .map(|review| {
            let status = review.columns.last().cloned().unwrap_or_default();
            view! {
                <tr>
                    <td class="primary-cell">
                        <span class="item-title">
                            <span class="key">{review.key}</span>
                            <a class="title" dir="auto" href=review.id.path(review.project_id) title=review.title.clone()>{review.title.clone()}</a>
                        </span>
                    </td>
                    {cell("Status", status)}
                    {time_cell("Updated", review.updated_at)}
                </tr>
            }
        })
        .collect_view();
    plain_table("compact issues", &["Review", "Status", "Updated"], rows)
}

/// Plain text, or a hint where there is none.
pub fn plain(text: String, none: &'static str) -> AnyView {
    if text.trim().is_empty() {
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    view! { <p class="plain">{text}</p> }.into_any()
}

/// A list of steps. A shared step is shown with its steps, if `shared` has it.
pub fn step_list(steps: Vec<Step>, shared: &[SharedStep], project: ProjectId) -> AnyView {
    if steps.is_empty() {
        return view! { <p class="hint">"No steps yet. Edit the case to add some."</p> }.into_any();
    }
    let all = steps
        .into_iter()
        .map(|step| match step.shared_step_id {
            Some(id) => {
                let found = shared.iter().find(|shared| shared.id == id);
                view! { <li>{shared_step(id, found, project)}</li> }.into_any()
            }
            None => {
                let expected = (!step.expected.trim().is_empty())
                    .then(|| view! { <p class="plain expected"><span class="visually-hidden">"Expected: "</span>{step.expected}</p> });
                view! { <li><p class="plain">{step.action}</p>{expected}</li> }.into_any()
            }
        })
        .collect_view();
    view! { <ol class="case-steps">{all}</ol> }.into_any()
}

fn shared_step(id: SharedStepId, found: Option<&SharedStep>, project: ProjectId) -> AnyView {
    let Some(shared) = found else {
        return view! { <p class="hint">"This shared step was deleted."</p> }.into_any();
    };
    // A shared step refers to no other one.
    let steps = step_list(shared.steps.clone(), &[], project);
    view! {
        <p class="hint">
            "Shared step "<span class="key">{shared.key.clone()}</span>" "
            <a href=ItemId::from(id).path(project) dir="auto">{shared.name.clone()}</a>
        </p>
        {steps}
    }
    .into_any()
}

fn facts(CaseOverview { case, suite, .. }: CaseOverview) -> AnyView {
    let suite = suite.map(|suite| {
        let path = suite.id.path(suite.project_id);
        view! { <dt>"Suite"</dt><dd><a href=path dir="auto">{suite.title}</a></dd> }
    });
    let custom_fields = case
        .custom_fields
        .into_iter()
        .map(|field| view! { <dt dir="auto">{field.name}</dt><dd class="plain" dir="auto">{field.text}</dd> })
        .collect_view();
    let links = case.automation_links;
    let automation = (!links.is_empty()).then(|| {
        let links = links.into_iter().map(|link| view! { <li><code>{link}</code></li> }).collect_view();
        view! { <dt>"Automated by"</dt><dd><ul class="plain-list">{links}</ul></dd> }
    });
    view! {
        {suite}
        <dt>"Priority"</dt><dd>{case.priority.label()}</dd>
        <dt>"Labels"</dt><dd>{label_list(case.labels)}</dd>
        {custom_fields}
        {automation}
        <dt>"Author"</dt><dd>{case.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=case.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=case.updated_at/></dd>
    }
    .into_any()
}
