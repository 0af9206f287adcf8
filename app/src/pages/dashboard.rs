//! `/projects/{id}/dashboard`: what a team needs to know now. It follows live changes.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::overview::read_dashboard;
use crate::components::badge;
use crate::components::dynamic::{ShowWhen, awaited, dynamic};
use crate::components::failure::PageError;
use crate::components::icon::{Icon, icon};
use crate::components::number::grouped;
use crate::components::progress::progress;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::item_skeleton;
use crate::layout::use_project;
use crate::live::use_refetcher;
use crate::model::catalog::Subject;
use crate::model::dashboard::{Activity, AttentionWebhook, Dashboard as DashboardData, MAX_ASSIGNED_COUNT, SetupSteps};
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::live::ChangeKind;
use crate::page_resource::PageResource;
use crate::testware::item::TestwareItem;
use crate::testware::result::TestResult;
use crate::testware::run::assignment::AssignedCase;

/// At most one request in this time, because a busy project changes often.
const REFRESH_PAUSE_MS: u32 = 2_000;

#[component]
pub fn Dashboard() -> impl IntoView {
    let project = use_project();
    let dashboard = PageResource::new(|| (), move |()| read_dashboard(project));
    let new_run = format!("{}?new=run", Subject::TestRun.list_path(project));
    view! {
        <Title text="Dashboard"/>
        <header class="page-head">
            <h1>"Dashboard"</h1>
            <a class="button primary" href=new_run>{icon(Icon::Plus)}"New test run"</a>
        </header>
        <Transition fallback=item_skeleton>
            {awaited(move || async move {
                match dashboard.await {
                    Ok(first) => view! { <Shown first project/> }.into_any(),
                    Err(error) => view! { <PageError error what="dashboard" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(first: DashboardData, project: ProjectId) -> impl IntoView {
    let shown = RwSignal::new(first);
    let is_relevant = |kind: &ChangeKind| !matches!(kind, ChangeKind::DeliveryChanged { .. });
    use_refetcher(is_relevant, move || {
        Box::pin(async move {
            if let Ok(now) = read_dashboard(project).await
                && shown.try_with_untracked(|shown| *shown != now) == Some(true)
            {
                shown.set(now);
            }
            gloo_timers::future::TimeoutFuture::new(REFRESH_PAUSE_MS).await;
        })
    });
    let setup = Memo::new(move |_| shown.with(|shown| shown.setup));
    view! {
        <ShowWhen when=move || !setup.get().are_done()>{dynamic(move || setup_card(setup.get(), project))}</ShowWhen>
        <div class="dashboard">
            <div>
                <section class="card" aria-labelledby="dashboard-assigned">
                    <h2 id="dashboard-assigned">"Assigned to me"</h2>
                    {dynamic(move || shown.with(|shown| assigned(shown.assigned.clone(), shown.assigned_count, project)))}
                </section>
                <section class="card" aria-labelledby="dashboard-runs">
                    <h2 id="dashboard-runs">"Open test runs"</h2>
                    {dynamic(move || runs(shown.with(|shown| shown.runs.clone())))}
                </section>
                <section class="card" aria-labelledby="dashboard-failures">
                    <h2 id="dashboard-failures">"Latest failures"</h2>
                    {dynamic(move || failures(shown.with(|shown| shown.failures.clone()), project))}
                </section>
            </div>
            <div>
                <section class="card" aria-labelledby="dashboard-webhooks">
                    <h2 id="dashboard-webhooks">"Webhooks that need attention"</h2>
                    {dynamic(move || webhooks(shown.with(|shown| shown.webhooks.clone()), project))}
                </section>
                <section class="card" aria-labelledby="dashboard-activity">
                    <h2 id="dashboard-activity">"Activity"</h2>
                    {dynamic(move || activity(shown.with(|shown| shown.activity.clone())))}
                </section>
            </div>
        </div>
    }
}

fn setup_card(steps: SetupSteps, project: ProjectId) -> AnyView {
    let cases = format!("{}?new=case", Subject::Case.list_path(project));
    let settings = format!("/projects/{project}/settings");
    let steps = [
        (Some(steps.cases), "Add test cases", cases, "New case"),
        (steps.integration, "Connect your issue tracker", format!("{settings}/integration"), "Connect"),
        (steps.webhooks, "Send events to your tools", format!("{settings}/webhooks?add=outbound"), "Add webhook"),
    ];
    let steps = steps.into_iter().filter_map(|(done, step, href, label)| Some((done?, step, href, label)));
    let rows = steps
        .map(|(done, step, href, label)| {
            let (symbol, state) = if done { (Icon::Check, "Done: ") } else { (Icon::Todo, "To do: ") };
            let next = (!done).then(|| view! { <a class="button small" href=href>{label}</a> });
            view! {
                <li class:done=done>
                    {icon(symbol)}
                    <span class="grow"><span class="visually-hidden">{state}</span>{step}</span>
                    {next}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="dashboard-setup">
            <h2 id="dashboard-setup">"Get started"</h2>
            <ul class="rows setup-steps">{rows}</ul>
        </section>
    }
    .into_any()
}

/// The cases lead to their run, filtered by the user.
fn assigned(cases: Vec<AssignedCase>, count: u32, project: ProjectId) -> AnyView {
    if cases.is_empty() {
        return view! { <p class="hint">"No cases to test."</p> }.into_any();
    }
    let more = usize::try_from(count).is_ok_and(|count| count > cases.len());
    let more = more.then(|| {
        let count = match count {
            MAX_ASSIGNED_COUNT.. => format!("{}+", grouped(MAX_ASSIGNED_COUNT)),
            count => grouped(count),
        };
        view! { <p class="hint">{format!("The first {} of {count} cases. Open a test run to see all of yours in it.", cases.len())}</p> }
    });
    let rows = cases
        .iter()
        .cloned()
        .map(|case| {
            let run = format!("{}?mine=true", ItemId::from(case.run_id).path(project));
            view! {
                <li>
                    <span class="item-title">
                        <span class="key">{case.key}</span>
                        <a class="title" dir="auto" href=run>{case.title}</a>
                        {badge::result_status(case.status)}
                    </span>
                    <p class="hint"><span class="key">{case.run_key}</span>" "<span dir="auto">{case.run_name}</span></p>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul>{more} }.into_any()
}

fn runs(runs: Vec<TestwareItem>) -> AnyView {
    if runs.is_empty() {
        return view! { <p class="hint">"No open test runs."</p> }.into_any();
    }
    let rows = runs
        .into_iter()
        .map(|run| {
            view! {
                <li>
                    <span class="item-title">
                        <span class="key">{run.key}</span>
                        <a class="title" dir="auto" href=run.id.path(run.project_id)>{run.title}</a>
                    </span>
                    {progress(&run.counts, "No cases")}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

fn failures(failures: Vec<TestResult>, project: ProjectId) -> AnyView {
    if failures.is_empty() {
        return view! { <p class="hint">"No failures yet."</p> }.into_any();
    }
    let rows = failures.into_iter().map(|failure| failure_row(failure, project)).collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

fn failure_row(failure: TestResult, project: ProjectId) -> AnyView {
    let parent = failure.run_id.map(ItemId::from).or(failure.session_id.map(ItemId::from));
    let href = parent.map(|parent| parent.path(project));
    let comment = failure.comment.lines().find(|line| !line.trim().is_empty()).map(str::to_owned);
    let issues = failure
        .issues
        .into_iter()
        .map(|issue| {
            let label = issue.key.unwrap_or(issue.title);
            view! { <a class="tag" href=ItemId::from(issue.id).path(project) dir="auto">{label}</a> }
        })
        .collect_view();
    let title = failure.case_title.unwrap_or_else(|| "Exploratory session".to_owned());
    view! {
        <li>
            <span class="item-title">
                <span class="key">{failure.parent_key}</span>
                <a class="title" dir="auto" href=href>{title}</a>
                {issues}
            </span>
            {comment.map(|comment| view! { <p class="hint clip" dir="auto">{comment}</p> })}
            <p class="hint">{failure.author}", "<RelativeTime time=failure.created_at/></p>
        </li>
    }
    .into_any()
}

fn webhooks(webhooks: Vec<AttentionWebhook>, project: ProjectId) -> AnyView {
    if webhooks.is_empty() {
        return view! { <p class="hint">"All webhooks are healthy."</p> }.into_any();
    }
    let rows = webhooks
        .into_iter()
        .map(|webhook| {
            view! {
                <li>
                    <span class="item-title">
                        <a class="title" dir="auto" href=ItemId::from(webhook.id).path(project)>{webhook.name}</a>
                        {badge::health(Some(webhook.health))}
                    </span>
                    {webhook.reason.map(|reason| view! { <p class="hint" dir="auto">{reason}</p> })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

fn activity(entries: Vec<Activity>) -> AnyView {
    if entries.is_empty() {
        return view! { <p class="hint">"Nothing has happened yet."</p> }.into_any();
    }
    let rows = entries
        .into_iter()
        .map(|entry| {
            let subject = match entry.path {
                Some(path) => view! { <a href=path dir="auto">{entry.subject}</a> }.into_any(),
                None => view! { <span dir="auto">{entry.subject}</span> }.into_any(),
            };
            let actor = entry.actor.map(|actor| view! { <span dir="auto">{actor}</span>", " });
            view! {
                <li>
                    <p>{entry.headline}" "{subject}</p>
                    <p class="hint">{actor}<RelativeTime time=entry.at/></p>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="rows">{rows}</ol> }.into_any()
}
