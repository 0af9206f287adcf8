//! `/projects/{id}/runs/{run}` and `.../sessions/{session}`: a run or session with its progress,
//! cases and results. It follows live changes.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::execution_form::EditExecutionDialog;
use super::item_actions::ItemActions;
use super::result_form::ResultDialog;
use super::state_select::StateSelect;
use super::{results, run_cases};
use crate::api;
use crate::components::failure::PageError;
use crate::components::filters::Choice;
use crate::components::icon::{Icon, icon};
use crate::components::live_table::TableRows;
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::prose::prose;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::Skeleton;
use crate::error::Error;
use crate::live::{Rows, flash, use_refetcher};
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::item::{Execution, ItemId};
use crate::model::testware::State;
use crate::url_state::use_url_state;

/// The texts that differ between runs and sessions.
pub struct ExecutionLabels {
    /// The heading of the counts.
    pub progress: &'static str,
    /// Shown instead of an empty progress bar.
    pub no_progress: &'static str,
    /// The label of the long text.
    pub text: &'static str,
    /// The hint of the long text.
    pub text_hint: &'static str,
    /// The long text's field in the API.
    pub text_field: &'static str,
}

/// The filters of their lists.
pub fn filters() -> Vec<Choice> {
    let states = State::ALL.iter().map(|state| (state.as_str(), state.label())).collect();
    vec![
        Choice {
            label: "Completion",
            param: "completed",
            all: "All",
            values: vec![("false", "Open"), ("true", "Completed")],
        },
        Choice { label: "State", param: "state", all: "Any state", values: states },
    ]
}

#[component]
pub fn ExecutionPage(subject: Subject, labels: &'static ExecutionLabels) -> impl IntoView {
    let url_state = use_url_state();
    let params = use_params_map();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("item").and_then(|text| text.parse::<ItemId>().ok()));
        (id.filter(|id| id.subject() == subject), url_state.param("cases"), url_state.param("results"))
    });
    let execution = Resource::new_blocking(
        move || address.get(),
        |(id, cases, results)| async move {
            match id {
                Some(id) => api::executions::read_execution(id, cases, results).await,
                None => Err(Error::NotFound),
            }
        },
    );
    view! {
        <Transition fallback=|| view! { <Skeleton lines=10/> }>
            {move || Suspend::new(async move {
                match execution.await {
                    Ok(execution) => {
                        let (_, cases, results) = address.get_untracked();
                        view! { <Detail execution labels cases results/> }.into_any()
                    }
                    Err(error) => view! { <PageError error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Detail(
    execution: Execution,
    labels: &'static ExecutionLabels,
    cases: Option<String>,
    results: Option<String>,
) -> impl IntoView {
    let (id, project) = (execution.item.id, execution.item.project_id);
    let subject = id.subject();
    let url_state = use_url_state();
    let case_rows: TableRows = Rows::new(run_cases::rows(execution.cases.items.clone()));
    let result_rows: TableRows = Rows::new(results::rows(execution.results.items.clone()));
    let shown = RwSignal::new(execution);
    let deleted = RwSignal::new(false);
    let changes = RwSignal::new(0u32);
    let reading = use_refetcher(
        move |change| change.item_of(subject) == Some(id.uuid()),
        move || {
            let (cases, results) = (cases.clone(), results.clone());
            Box::pin(async move {
                match api::executions::read_execution(id, cases, results).await {
                    Ok(execution) if shown.try_with_untracked(|shown| *shown != execution) == Some(true) => {
                        case_rows.reconcile(run_cases::rows(execution.cases.items.clone()));
                        result_rows.reconcile(results::rows(execution.results.items.clone()));
                        shown.set(execution);
                        changes.update(|changes| *changes += 1);
                    }
                    Err(Error::NotFound) => {
                        let _ = deleted.try_set(true);
                    }
                    _ => {}
                }
            })
        },
    );
    let changed = Callback::new(move |()| reading.now());
    let item = Memo::new(move |_| shown.with(|shown| shown.item.clone()));
    let open = Memo::new(move |_| !deleted.get() && item.with(|item| item.completed_at.is_none()));
    let no_results = move || view! { <p class="hint">"No results yet."</p> };
    view! {
        <Title text=move || item.get().title/>
        {breadcrumb(subject, project)}
        {deleted_notice(deleted, subject)}
        {move || item.get().completed_at.map(|time| view! {
            <p class="note ok">{icon(Icon::Check)}<span>"Completed "<RelativeTime time/>". Read-only. Duplicate it to test again."</span></p>
        })}
        <header class="page-head issue-head">
            <div>
                <p class="key">{move || item.get().key}</p>
                <h1>{move || item.get().title}</h1>
            </div>
            <ItemActions id project completed=Signal::derive(move || !open.get()) deleted changed/>
        </header>
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>{labels.progress}</h2>
                {move || progress(&item.get().counts, labels.no_progress)}
                <h2>{labels.text}</h2>
                {move || prose(shown.get().text_html, "None")}
            </div>
            <dl class="card facts-list">
                <dt>{move || if item.with(|item| item.completed_at.is_some()) { "Outcome" } else { "State" }}</dt><dd><StateSelect item open changed/></dd>
                {move || facts(shown.get())}
            </dl>
        </div>
        {(subject == Subject::TestRun).then(|| view! {
            <section class="more">
                <h2>"Cases"</h2>
                <Show when=move || case_rows.is_empty()><p class="hint">"No cases yet. Edit the test run to add some."</p></Show>
                {run_cases::cases_table(case_rows, project, open)}
                {move || view! { <Pager next=shown.get().cases.next_cursor param="cases" label="Pages of cases"/> }}
            </section>
        }.into_any())}
        <section class="more">
            <div class="section-head">
                <h2>"Results"</h2>
                <Show when=move || subject == Subject::Session && open.get()>
                    <a class="button primary" href=move || url_state.with(&[("result", Some("new"))]) data-noscroll="">{icon(Icon::Plus)}"Add result"</a>
                </Show>
            </div>
            <Show when=move || result_rows.is_empty()>{no_results()}</Show>
            {results::results_table(result_rows, project, false)}
            {move || view! { <Pager next=shown.get().results.next_cursor param="results" label="Pages of results"/> }}
        </section>
        <EditExecutionDialog execution=shown labels changed/>
        <ResultDialog execution=shown changed/>
    }
}

/// The link back to the list.
pub fn breadcrumb(subject: Subject, project: ProjectId) -> AnyView {
    view! { <p class="crumbs"><a href=subject.list_path(project)>{subject.label()}</a></p> }.into_any()
}

/// A notice that the item was deleted in the meantime.
pub fn deleted_notice(deleted: RwSignal<bool>, subject: Subject) -> AnyView {
    let note = move || {
        deleted.get().then(|| {
            view! {
                <p class="note warn">{icon(Icon::Warning)}"This "{subject.spec().noun}" was deleted. This is its last version."</p>
            }
        })
    };
    view! { <div role="status">{note}</div> }.into_any()
}

fn facts(execution: Execution) -> AnyView {
    let time_box = execution.time_box_minutes.map(|minutes| {
        view! { <dt>"Time box"</dt><dd>{crate::time::took(minutes.saturating_mul(60))}</dd> }
    });
    view! {
        {time_box}
        <dt>"Author"</dt><dd>{execution.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=execution.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=execution.item.updated_at/></dd>
    }
    .into_any()
}
