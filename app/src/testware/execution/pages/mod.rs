//! `/projects/{id}/runs/{run}` and `.../sessions/{session}`: a run or session with its progress,
//! cases and results. It follows live changes.

mod case_keys;
mod case_to_test;
mod cases;
pub mod form;
mod result_actions;
mod result_form;
mod result_queue;
mod results;
mod state_select;

pub use results::{IssueResults, of_issue};

use cases::ShownCases;
use form::EditExecutionDialog;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use result_actions::result_actions;
use result_form::{EditResultDialog, ResultDialog};
use state_select::StateSelect;

use crate::comments::section::Comments;
use crate::components::badge;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::filters::Choice;
use crate::components::icon::{Icon, icon};
use crate::components::live_table::TableRows;
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::prose::prose;
use crate::components::relative_time::RelativeTime;
use crate::live::{Rows, flash};
use crate::model::catalog::Subject;
use crate::model::item_id::ItemId;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::execution::{ResultStatus, State, api};
use crate::testware::item::{Execution, TestwareItem};
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{completion_filter, ended, item_badges};
use crate::testware::run::pages::assign::AssignDialog;
use crate::testware::run::pages::share::ShareDialog;
use crate::testware::session::pages::notes::SessionNotes;
use crate::testware::session::pages::timer::SessionTimer;
use crate::url_state::use_url_state;

/// What differs between the pages of runs and sessions.
pub struct ExecutionPages {
    /// Whether it consists of cases. If so, each result belongs to one of them.
    pub cases: bool,
    /// Whether it has a planned duration, a timer and timed notes.
    pub time_box: bool,
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
    /// Whether it can have a public link.
    pub public_link: bool,
}

/// The filters of their lists.
pub fn filters() -> Vec<Choice> {
    let states = State::ALL.iter().map(|state| (state.as_str(), state.label())).collect();
    vec![completion_filter(), Choice { label: "State", param: "state", all: "Any state", values: states }]
}

#[component]
pub fn ExecutionPage(subject: Subject, pages: &'static ExecutionPages) -> impl IntoView {
    let url_state = use_url_state();
    let params = use_params_map();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("item").and_then(|text| text.parse::<ItemId>().ok()));
        let id = id.filter(|id| id.subject() == subject)?;
        let mine = url_state.param("mine").as_deref() == Some("true");
        let status = url_state.param("status").and_then(|text| text.parse::<ResultStatus>().ok());
        Some((id, url_state.param("cases"), url_state.param("results"), (mine, status)))
    });
    let read = |(id, cases, results, (mine, status))| api::read_execution(id, cases, results, mine, status);
    item_page(address, read, move |(_, cases, results, (mine, status)), execution| {
        let only = ShownCases { mine, status };
        view! { <Detail execution pages cases results only/> }.into_any()
    })
}

#[component]
fn Detail(
    execution: Execution,
    pages: &'static ExecutionPages,
    cases: Option<String>,
    results: Option<String>,
    only: ShownCases,
) -> impl IntoView {
    let (id, project) = (execution.item.id, execution.item.project_id);
    let url_state = use_url_state();
    let case_rows: TableRows = Rows::new(cases::rows(execution.cases.items.clone()));
    let result_rows: TableRows = Rows::new(results::rows(execution.results.items.clone()));
    let live = live_item(
        id,
        execution,
        move || Box::pin(api::read_execution(id, cases.clone(), results.clone(), only.mine, only.status)),
        move |execution: &Execution| {
            case_rows.reconcile(cases::rows(execution.cases.items.clone()));
            result_rows.reconcile(results::rows(execution.results.items.clone()));
        },
    );
    let (shown, deleted, changes, changed) = (live.shown, live.deleted, live.changes, live.changed);
    let item = Memo::new(move |_| shown.with(|shown| shown.item.clone()));
    let open = Memo::new(move |_| !deleted.get() && item.with(|item| item.completed_at.is_none()));
    let names = (Signal::derive(move || item.get().key), Signal::derive(move || item.get().title));
    let completed = move || {
        item.get().completed_at.map(|time| {
            view! {
                <p class="note ok spaced">
                    {icon(Icon::Check)}<span>{ended(&item.get())}" "<RelativeTime time/>". Read-only. Duplicate it to test again."</span>
                </p>
            }
        })
    };
    let is_public = Memo::new(move |_| shown.with(|shown| shown.public_url.is_some()));
    let badge = view! {
        {dynamic(move || item.with(item_badges))}
        {dynamic(move || is_public.get().then(badge::public))}
    };
    let (actions_cell, confirm_deletion) = result_actions(open, changed);
    let no_results = move || view! { <p class="hint">"No results yet."</p> };
    view! {
        {item_head((id, project), &live, names, Signal::derive(move || !open.get()), (badge.into_any(), completed.into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>{pages.progress}</h2>
                {dynamic(move || progress(&item.get().counts, pages.no_progress))}
                <h2>{pages.text}</h2>
                {dynamic(move || prose(shown.get().text_html, "None"))}
            </div>
            <dl class="card">
                <dt>{dynamic(move || if item.with(|item| item.completed_at.is_some()) { "Outcome" } else { "State" })}</dt><dd><StateSelect item open changed/></dd>
                {dynamic(move || facts(shown.get()))}
            </dl>
        </div>
        {pages.cases.then(|| view! {
            <section class="more">
                {cases::section_head(only, case_rows, open)}
                <ShowWhen when=move || case_rows.is_empty()><p class="hint">{cases::none_text(only)}</p></ShowWhen>
                {cases::cases_table(case_rows, (id, project), open, changed)}
                {dynamic(move || view! { <Pager next=shown.get().cases.next_cursor param="cases" label="Pages of cases"/> })}
            </section>
        }.into_any())}
        {pages.time_box.then(|| view! {
            <SessionTimer execution=shown open changed/>
            <SessionNotes session=id.uuid().into() project open/>
        }.into_any())}
        <section class="more">
            <div class="section-head">
                <h2>"Results"</h2>
                <ShowWhen when=move || !pages.cases && open.get()>
                    <a class="button primary" href=dynamic_value(move || url_state.with(&[("result", Some("new"))])) data-noscroll="">{icon(Icon::Plus)}"Add result"</a>
                </ShowWhen>
            </div>
            <ShowWhen when=move || result_rows.is_empty()>{no_results()}</ShowWhen>
            {results::results_table(result_rows, project, Some(actions_cell))}
            {dynamic(move || view! { <Pager next=shown.get().results.next_cursor param="results" label="Pages of results"/> })}
        </section>
        <Comments item=id project open=Signal::derive(move || !deleted.get())/>
        <EditExecutionDialog execution=shown pages changed/>
        <ResultDialog execution=shown changed/>
        <EditResultDialog execution=shown changed/>
        {pages.cases.then(|| view! { <AssignDialog execution=shown changed/> })}
        {pages.public_link.then(|| view! { <ShareDialog execution=shown changed/> })}
        {confirm_deletion}
    }
}

fn facts(execution: Execution) -> AnyView {
    let time_box = execution.time_box_minutes.map(|minutes| {
        view! { <dt>"Time box"</dt><dd>{crate::time::duration_text(minutes.saturating_mul(60))}</dd> }
    });
    let group = |label: &'static str, group: Option<TestwareItem>| {
        group.map(|group| {
            let path = group.id.path(group.project_id);
            view! { <dt>{label}</dt><dd><a href=path dir="auto">{group.title}</a></dd> }
        })
    };
    view! {
        {group("Test plan", execution.plan)}
        {group("Milestone", execution.milestone)}
        {time_box}
        <dt>"Author"</dt><dd>{execution.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=execution.created_at/></dd>
        <dt>"Updated"</dt><dd><RelativeTime time=execution.item.updated_at/></dd>
    }
    .into_any()
}
