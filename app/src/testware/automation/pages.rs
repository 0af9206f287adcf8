//! `/projects/{id}/automation-runs/{run}`: one automation run with its results. It follows live changes.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::badge;
use crate::components::copy::CopyButton;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::live_table::cell;
use crate::components::pager::Pager;
use crate::components::progress::progress;
use crate::components::relative_time::RelativeTime;
use crate::components::table::plain_table;
use crate::live::flash;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::page::Page;
use crate::pages::item_page::{item_page, live_item};
use crate::testware::automation::{
    AutomationResult, AutomationResultQuery, AutomationRun, AutomationRunId, AutomationRunOverview, api,
};
use crate::testware::execution::ResultStatus;
use crate::testware::pages::item_head::item_head;
use crate::testware::pages::{ListBody, ListSpec, SubjectPages, completion_filter};
use crate::time;
use crate::url_state::use_url_state;

const NO_PROGRESS: &str = "No results";
/// KEY is a placeholder for the key of the project.
const COMMAND: &str = "testbell ci report --project KEY results/*.xml";

impl SubjectPages for AutomationRun {
    const LIST: ListSpec = ListSpec {
        headings: &["Automation run", "Format", "Progress", "Updated"],
        filters: || vec![completion_filter()],
        free_filters: &[],
        no_progress: NO_PROGRESS,
        body: ListBody::Table,
    };

    fn item() -> AnyView {
        view! { <AutomationRunPage/> }.into_any()
    }

    fn new_dialog(_: ProjectId) -> AnyView {
        view! { <NewAutomationRunDialog/> }.into_any()
    }
}

/// Runs come from CI, so the dialog says how to report one.
#[component]
fn NewAutomationRunDialog() -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("automation_run"));
    view! {
        <Dialog open title="New automation run" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <p>"CI creates automation runs. Run this command after the tests, with the key of the project:"</p>
            <div class="code">
                <header><span>"Terminal"</span><CopyButton text=COMMAND what="the command"/></header>
                <pre tabindex="0" aria-label="Command">{COMMAND}</pre>
            </div>
            <p class="hint">
                "It reads JUnit XML, and the JSON of Playwright, pytest-json-report, cargo-nextest and go test. Set \
                 TESTBELL_SERVER to the address of this server, and TESTBELL_TOKEN to an "
                <a href="/account/tokens">"API token"</a>"."
            </p>
        </Dialog>
    }
}

#[component]
fn AutomationRunPage() -> impl IntoView {
    let url_state = use_url_state();
    let params = use_params_map();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("item").and_then(|text| text.parse::<AutomationRunId>().ok()))?;
        let query = AutomationResultQuery {
            status: url_state.parsed("status"),
            limit: None,
            cursor: url_state.param("cursor"),
        };
        Some((id, query))
    });
    let read = |(id, query)| api::read_automation_run(id, query);
    item_page(address, read, |(_, query), run| view! { <Detail run query/> }.into_any())
}

#[component]
fn Detail(run: AutomationRunOverview, query: AutomationResultQuery) -> impl IntoView {
    let (id, project) = (run.run.id, run.run.project_id);
    let item = live_item(id.into(), run, move || Box::pin(api::read_automation_run(id, query.clone())), |_| {});
    let (shown, changes) = (item.shown, item.changes);
    let run = Memo::new(move |_| shown.get().run);
    let names = (Signal::derive(move || run.get().key), Signal::derive(move || run.get().name));
    let completed = Memo::new(move |_| run.with(|run| run.completed_at.is_some()));
    let badge = dynamic(move || run.with(|run| badge::outcome(&run.counts)));
    view! {
        {item_head((id.into(), project), &item, names, completed.into(), (badge.into_any(), ().into_any()))}
        <div class="detail" data-flash=flash(changes)>
            <div class="card">
                <h2>"Progress"</h2>
                {dynamic(move || progress(&run.get().counts, NO_PROGRESS))}
            </div>
            <dl class="card">{dynamic(move || facts(run.get()))}</dl>
        </div>
        <section class="more">
            <div class="section-head"><h2>"Results"</h2><StatusFilter/></div>
            {dynamic(move || results(shown.get().results, project))}
        </section>
    }
}

/// All results, or those of one status.
#[component]
fn StatusFilter() -> impl IntoView {
    let url_state = use_url_state();
    let choices = [None, Some(ResultStatus::Failed), Some(ResultStatus::Skipped), Some(ResultStatus::Passed)];
    let link = move |status: Option<ResultStatus>| {
        let value = status.map(ResultStatus::as_str);
        let href = move || url_state.with(&[("status", value), ("cursor", None)]);
        let current = move || (url_state.param("status").as_deref() == value).then_some("true");
        let label = status.map_or("All", ResultStatus::label);
        view! { <a href=dynamic_value(href) aria-current=dynamic_value(current) data-noscroll="">{label}</a> }
    };
    view! { <nav class="chips" aria-label="Status">{choices.map(link).into_iter().collect_view()}</nav> }
}

fn results(page: Page<AutomationResult>, project: ProjectId) -> AnyView {
    if page.items.is_empty() {
        return view! { <p class="hint">"No results match."</p> }.into_any();
    }
    let rows = page
        .items
        .into_iter()
        .map(|result| {
            let case = result.case_id.map(|id| {
                view! { <a class="key" href=ItemId::from(id).path(project)>{result.case_key}</a> }
            });
            let message = (!result.message.is_empty())
                .then(|| view! { <pre tabindex="0" class="wrap" aria-label="Message">{result.message}</pre> });
            let title = result.name.clone();
            let details = view! {
                <details class="disclosure">
                    <summary>{icon(Icon::ChevronDown)}"Details"<span class="visually-hidden">" of "{result.name.clone()}</span></summary>
                    <p class="hint">"Automation link"</p>
                    <p><code>{result.automation_link}</code></p>
                    {message}
                </details>
            };
            let duration = result.duration_ms.map_or_else(|| "–".to_owned(), duration_text);
            view! {
                <tr>
                    <td class="primary-cell">
                        <span class="item-title">{case}<span class="title" dir="auto" title=title>{result.name}</span></span>
                        {details}
                    </td>
                    {cell("Status", badge::result_status(result.status))}
                    {cell("Duration", duration)}
                </tr>
            }
        })
        .collect_view();
    view! {
        {plain_table("compact issues", &["Test", "Status", "Duration"], rows)}
        <Pager next=page.next_cursor/>
    }
    .into_any()
}

fn duration_text(ms: u64) -> String {
    match u32::try_from(ms) {
        Ok(ms) if ms < 60_000 => time::duration(ms),
        _ => time::duration_text(u32::try_from(ms / 1_000).unwrap_or(u32::MAX)),
    }
}

fn facts(run: AutomationRun) -> AnyView {
    let build = run.url.map(|url| {
        view! { <dt>"Build"</dt><dd><a href=url.clone() rel="noopener noreferrer" title=url.clone()>"Open build"</a></dd> }
    });
    let cases = (run.created_cases > 0).then(|| view! { <dt>"Created cases"</dt><dd>{run.created_cases}</dd> });
    let completed = run.completed_at.map(|at| view! { <dt>"Completed"</dt><dd><RelativeTime time=at/></dd> });
    view! {
        <dt>"Format"</dt><dd>{run.format.label()}</dd>
        <dt>"Test time"</dt><dd>{duration_text(run.duration_ms)}</dd>
        {build}
        {cases}
        <dt>"Reported by"</dt><dd>{run.author}</dd>
        <dt>"Created"</dt><dd><RelativeTime time=run.created_at/></dd>
        {completed}
    }
    .into_any()
}
