//! `/projects/{id}/shared-steps/{shared step}`: a shared step and the test cases that use it. It follows live changes.

mod form;

use form::{EditSharedStepDialog, NewSharedStepDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::comments::section::Comments;
use crate::components::dynamic::dynamic;
use crate::components::live_table::time_cell;
use crate::components::relative_time::RelativeTime;
use crate::components::table::plain_table;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::case::pages::step_list;
use crate::testware::item::TestwareItem;
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::testware::shared_step::{SharedStep, SharedStepId, SharedStepOverview, api};

impl SubjectPages for SharedStep {
    const LIST: ListSpec = ListSpec {
        headings: &["Shared step", "Steps", "Updated"],
        filters: Vec::new,
        free_filters: &[],
        no_progress: "",
        body: ListBody::Table,
    };

    fn item() -> AnyView {
        view! { <SharedStepPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewSharedStepDialog project/> }.into_any()
    }
}

#[component]
fn SharedStepPage() -> impl IntoView {
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<SharedStepId>().ok())));
    item_page(id, api::read_shared_step, |_, shared| view! { <Detail shared/> }.into_any())
}

#[component]
fn Detail(shared: SharedStepOverview) -> impl IntoView {
    let (id, project) = (shared.shared.id, shared.shared.project_id);
    let item = live_item(id.into(), shared, move || Box::pin(api::read_shared_step(id)), |_| {});
    let (overview, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    let shown = Memo::new(move |_| overview.get().shared);
    let names = (Signal::derive(move || shown.get().key), Signal::derive(move || shown.get().name));
    view! {
        {item_head((id.into(), project), &item, names, false.into(), (().into_any(), ().into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Steps"</h2>
                {dynamic(move || step_list(shown.get().steps, &[], project))}
            </div>
            <dl class="card">{dynamic(move || facts(shown.get()))}</dl>
        </div>
        <section class="more">
            <h2>"Test cases"</h2>
            {dynamic(move || cases(overview.get().cases))}
        </section>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditSharedStepDialog shared=shown changed/>
    }
}

fn facts(shared: SharedStep) -> AnyView {
    view! {
        <dt>"Author"</dt><dd>{shared.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=shared.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=shared.updated_at/></dd>
    }
    .into_any()
}

fn cases(cases: Vec<TestwareItem>) -> AnyView {
    if cases.is_empty() {
        return view! { <p class="hint">"No test case uses these steps yet. Edit a case to add them."</p> }.into_any();
    }
    let rows = cases
        .into_iter()
        .map(|case| {
            view! {
                <tr>
                    <td class="primary-cell">
                        <span class="item-title">
                            <span class="key">{case.key}</span>
                            <a class="title" dir="auto" href=case.id.path(case.project_id) title=case.title.clone()>{case.title.clone()}</a>
                        </span>
                    </td>
                    {time_cell("Updated", case.updated_at)}
                </tr>
            }
        })
        .collect_view();
    plain_table("compact issues", &["Case", "Updated"], rows)
}
