//! `/projects/{id}/plans/{plan}`: one test plan with the progress of its runs. It follows live changes.

mod form;

use form::{EditPlanDialog, NewPlanDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::comments::section::Comments;
use crate::components::badge;
use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::icon::{Icon, icon};
use crate::components::progress::progress;
use crate::components::prose::prose;
use crate::components::relative_time::RelativeTime;
use crate::live::flash;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::group::pages::members::{NO_PROGRESS, members};
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages, completion_filter};
use crate::testware::plan::{PlanId, PlanOverview, TestPlan, api};

impl SubjectPages for TestPlan {
    const LIST: ListSpec = ListSpec {
        headings: &["Test plan", "State", "Progress", "Updated"],
        filters: || vec![completion_filter()],
        free_filters: &[],
        no_progress: NO_PROGRESS,
        body: ListBody::Table,
    };

    fn item() -> AnyView {
        view! { <PlanPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <NewPlanDialog project/> }.into_any()
    }
}

#[component]
fn PlanPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<PlanId>().ok())));
    item_page(id, api::read_plan, |_, plan| view! { <Detail plan/> }.into_any())
}

#[component]
fn Detail(plan: PlanOverview) -> impl IntoView {
    let (id, project) = (plan.detail.plan.id, plan.detail.plan.project_id);
    let item = live_item(id.into(), plan, move || Box::pin(api::read_plan(id)), |_| {});
    let (shown, deleted, changes, changed) = (item.shown, item.deleted, item.changes, item.changed);
    let detail = Memo::new(move |_| shown.get().detail);
    let shown_plan = Memo::new(move |_| detail.get().plan);
    let names = (Signal::derive(move || shown_plan.get().key), Signal::derive(move || shown_plan.get().name));
    let completed = Memo::new(move |_| shown_plan.with(|plan| plan.completed_at.is_some()));
    let badge = dynamic(move || completed.get().then(|| badge::badge_closed("Completed")));
    let note = move || {
        shown_plan.get().completed_at.map(|time| {
            view! {
                <p class="note ok spaced">{icon(Icon::Check)}<span>"Completed "<RelativeTime time/>". Read-only."</span></p>
            }
        })
    };
    let new_run = format!("{}?new=run&in={id}", Subject::TestRun.list_path(project));
    view! {
        {item_head((id.into(), project), &item, names, completed.into(), (badge.into_any(), note.into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Progress"</h2>
                {dynamic(move || progress(&shown_plan.get().counts, NO_PROGRESS))}
                <h2>"Description"</h2>
                {dynamic(move || prose(detail.get().description_html, "None"))}
            </div>
            <dl class="card">{dynamic(move || facts(shown_plan.get()))}</dl>
        </div>
        <section class="more">
            <div class="section-head">
                <h2>"Test runs"</h2>
                <ShowWhen when=move || !completed.get() && !deleted.get()>
                    <a class="button primary" href=new_run.clone()>{icon(Icon::Plus)}"New test run"</a>
                </ShowWhen>
            </div>
            {dynamic(move || members(shown.get().runs, "None yet. Add a test run, or choose this plan in one."))}
        </section>
        <Comments item=id.into() project open=Signal::derive(move || !deleted.get())/>
        <EditPlanDialog plan=shown_plan changed/>
    }
}

fn facts(plan: TestPlan) -> AnyView {
    view! {
        <dt>"Author"</dt><dd>{plan.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=plan.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=plan.updated_at/></dd>
    }
    .into_any()
}
