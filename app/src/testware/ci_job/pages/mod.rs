//! `/projects/{id}/ci-jobs/{job}`: one CI job with its parameters and its automation run. It follows live changes.

mod form;

use form::{CompleteCiJobDialog, StartCiJobDialog};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::badge;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::filters::Choice;
use crate::components::live_table::cell;
use crate::components::progress::progress;
use crate::components::relative_time::RelativeTime;
use crate::components::table::plain_table;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::ci_job::{CiJob, CiJobId, CiJobOverview, CiJobStatus, api};
use crate::testware::item::TestwareItem;
use crate::testware::pages::item_head::item_head_with;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages};
use crate::time::duration_text;
use crate::url_state::use_url_state;

impl SubjectPages for CiJob {
    const LIST: ListSpec = ListSpec {
        headings: &["CI job", "Status", "Branch", "Updated"],
        filters: || vec![status_filter()],
        free_filters: &[],
        no_progress: "",
        body: ListBody::Table,
    };
    const CREATE: &'static str = "Start";

    fn item() -> AnyView {
        view! { <CiJobPage/> }.into_any()
    }

    fn new_dialog(project: ProjectId) -> AnyView {
        view! { <StartCiJobDialog project/> }.into_any()
    }
}

fn status_filter() -> Choice {
    let values = CiJobStatus::ALL.iter().map(|status| (status.as_str(), status.label())).collect();
    Choice { label: "Status", param: "status", all: "All", values }
}

#[component]
fn CiJobPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("item").and_then(|text| text.parse::<CiJobId>().ok())));
    item_page(id, api::read_ci_job, |_, job| view! { <Detail job/> }.into_any())
}

#[component]
fn Detail(job: CiJobOverview) -> impl IntoView {
    let url_state = use_url_state();
    let (id, project) = (job.job.id, job.job.project_id);
    let item = live_item(id.into(), job, move || Box::pin(api::read_ci_job(id)), |_| {});
    let (shown, changes, changed) = (item.shown, item.changes, item.changed);
    let job = Memo::new(move |_| shown.get().job);
    let names = (Signal::derive(move || job.get().key), Signal::derive(move || job.get().name));
    let badge = dynamic(move || badge::ci_job_status(job.with(|job| job.status)));
    let open = Memo::new(move |_| job.with(|job| job.completed_at.is_none()));
    let complete = move || {
        open.get().then(|| {
            let href = dynamic_value(move || url_state.with(&[("complete", Some("ci_job"))]));
            view! { <a class="button" href=href data-noscroll="">"Complete CI job"</a> }
        })
    };
    let actions = view! { <div class="toolbar">{dynamic(complete)}</div> };
    view! {
        {item_head_with((id.into(), project), &item, names, (badge.into_any(), ().into_any()), actions.into_any())}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Automation run"</h2>
                {dynamic(move || automation_run(shown.get().automation_run, open.get()))}
            </div>
            <dl class="card">{dynamic(move || facts(job.get()))}</dl>
        </div>
        <section class="more">
            <h2>"Parameters"</h2>
            {dynamic(move || parameters(job.get()))}
        </section>
        <CompleteCiJobDialog id changed/>
    }
}

fn automation_run(run: Option<TestwareItem>, open: bool) -> AnyView {
    match run {
        Some(run) => {
            let href = run.id.path(run.project_id);
            view! {
                <p class="item-title">
                    <span class="key">{run.key}</span>
                    <a class="title" dir="auto" href=href title=run.title.clone()>{run.title.clone()}</a>
                </p>
                {progress(&run.counts, "No results")}
            }
            .into_any()
        }
        None => {
            let hint = if open { "CI reports it when the job is done." } else { "None" };
            view! { <p class="hint">{hint}</p> }.into_any()
        }
    }
}

fn parameters(job: CiJob) -> AnyView {
    if job.parameters.is_empty() {
        return view! { <p class="hint">"None"</p> }.into_any();
    }
    let rows = job
        .parameters
        .into_iter()
        .map(|(name, value)| {
            view! {
                <tr>
                    <td class="primary-cell"><code>{name}</code></td>
                    {cell("Value", view! { <code>{value}</code> })}
                </tr>
            }
        })
        .collect_view();
    plain_table("compact", &["Name", "Value"], rows)
}

fn facts(job: CiJob) -> AnyView {
    let duration = job.duration_seconds().map(|seconds| {
        view! { <dt>"Duration"</dt><dd>{duration_text(seconds)}</dd> }
    });
    let code = |label: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { <dt>{label}</dt><dd><code>{text}</code></dd> })
    };
    let page = job.url.map(|url| {
        view! { <dt>"Job"</dt><dd><a href=url.clone() rel="noopener noreferrer" title=url.clone()>"Open in CI"</a></dd> }
    });
    let started = job.started_at.map(|at| view! { <dt>"Started"</dt><dd><RelativeTime time=at/></dd> });
    let completed = job.completed_at.map(|at| view! { <dt>"Completed"</dt><dd><RelativeTime time=at/></dd> });
    view! {
        <dt>"Status"</dt><dd>{job.status.label()}</dd>
        {code("Branch", job.branch)}
        {code("Commit", job.commit)}
        {page}
        {duration}
        <dt>"Queued by"</dt><dd>{job.author}</dd>
        <dt>"Queued"</dt><dd><RelativeTime time=job.queued_at/></dd>
        {started}
        {completed}
    }
    .into_any()
}
