//! `/projects/{id}/runs/{run}/report`, and the same for plans and milestones: charts, each with a table of the same
//! figures. The page works without JavaScript and can be printed. It says when it was made and can be reloaded, because
//! counting again after each result would be too much for a large milestone.

mod charts;
mod tables;

use charts::{Bar, Chart};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use tables::{CountRow, case_link, count_table, item_link};

use super::{FlakyCase, Report, ReportPeriod, ReportSuite, ReportTester, SlowCase, api, has_report};
use crate::components::dynamic::dynamic_value;
use crate::components::icon::{Icon, icon};
use crate::components::number::{counted, grouped};
use crate::components::progress::{progress, summary};
use crate::components::relative_time::RelativeTime;
use crate::model::item_id::ItemId;
use crate::pages::item_page::item_page;
use crate::testware::execution::Counts;
use crate::testware::pages::use_subject;
use crate::time::{absolute, date, duration_text, exact};
use crate::url_state::use_url_state;

/// The page.
#[component]
pub fn ItemReport() -> impl IntoView {
    let (params, subject) = (use_params_map(), use_subject());
    let id = Memo::new(move |_| {
        let id = params.with(|params| params.get("item").and_then(|text| text.parse::<ItemId>().ok()));
        id.filter(|id| has_report(id.subject()) && Some(id.subject()) == subject.get())
    });
    item_page(id, api::read_report, |_, report| view! { <Shown report/> }.into_any())
}

#[component]
fn Shown(report: Report) -> impl IntoView {
    let url_state = use_url_state();
    let reload = dynamic_value(move || url_state.with(&[]));
    let (id, project) = (report.id, report.project_id);
    let subject = id.subject();
    let ended = report.completed_at.map(|time| view! { "Completed "<RelativeTime time/>". " });
    let is_empty = report.results.total() == 0;
    let results = match is_empty {
        true => view! { <p class="hint">"No results yet. Charts appear once results are added."</p> }.into_any(),
        false => {
            let total = counted(report.results.total(), "result", "results");
            view! { <p>{total}": "{summary(&report.results, "")}"."</p> }.into_any()
        }
    };
    let suites = report.progress.total() > 0 && !report.suites.is_empty();
    view! {
        <Title text=format!("Report of {} {}", report.key, report.name)/>
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href=subject.list_path(project)>{subject.label()}</a>{icon(Icon::ChevronRight)}
            <a class="key" href=id.path(project)>{report.key.clone()}</a>
        </nav>
        <header class="page-head">
            <div class="row"><h1>"Report: "<span dir="auto">{report.name.clone()}</span></h1></div>
            <div class="toolbar needs-script">
                <button type="button" class="button" on:click=move |_| { let _ = window().print(); }>"Print"</button>
            </div>
        </header>
        <div class="report">
            <section class="card" aria-labelledby="report-summary">
                <h2 id="report-summary">{subject.spec().headline}" "<span class="key">{report.key.clone()}</span></h2>
                {progress(&report.progress, "No cases")}
                {results}
                <p class="hint">
                    {ended}"As of "{exact(report.generated_at)}". "
                    <a class="link" rel="external" href=reload>"Reload"</a>
                </p>
            </section>
            {(!is_empty).then(|| over_time(&report))}
            {suites.then(|| by_suite(&report))}
            {(!is_empty).then(|| by_tester(&report))}
            {(!is_empty).then(|| flaky(&report))}
            {(!is_empty).then(|| slowest(&report))}
        </div>
    }
}

/// A section: the chart and its table, or a text.
fn part(id: &'static str, heading: &'static str, hint: Option<String>, content: AnyView) -> AnyView {
    let heading_id = format!("report-{id}");
    let labelled_by = heading_id.clone();
    view! {
        <section class="card" aria-labelledby=labelled_by>
            <h2 id=heading_id>{heading}</h2>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            {content}
        </section>
    }
    .into_any()
}

fn chart_and_table(chart: AnyView, table: AnyView) -> AnyView {
    view! { <div class="report-part"><div>{chart}</div>{table}</div> }.into_any()
}

fn over_time(report: &Report) -> AnyView {
    let hours = report.period_hours;
    let label = |period: &ReportPeriod| if hours < 24 { absolute(period.from) } else { date(period.from) };
    let unit = match hours {
        1 => "hour".to_owned(),
        24 => "day".to_owned(),
        hours => format!("{} days", hours / 24),
    };
    let bars: Vec<Bar> = report.timeline.iter().map(|period| Bar::of_counts(label(period), &period.counts)).collect();
    let chart = Chart {
        id: "report-time-chart",
        title: format!("Results for each {unit}, by status"),
        description: peak(&bars),
    };
    let rows = report.timeline.iter().filter(|period| period.counts.total() > 0);
    let rows = rows.map(|period| CountRow { name: label(period).into_any(), counts: period.counts }).collect();
    let hint = format!("Results added in each {unit}, in UTC. The table leaves out times without results.");
    let content = chart_and_table(charts::columns(&chart, &bars), count_table("Time", rows));
    part("time", "Results over time", Some(hint), content)
}

/// `Most in 20 Nov 2026: 12 (10 passed, 2 failed).`
fn peak(bars: &[Bar]) -> String {
    let most = bars.iter().max_by_key(|bar| bar.total());
    most.map(|bar| format!("Most at {}: {} ({}).", bar.label, grouped(bar.total()), bar.text)).unwrap_or_default()
}

fn by_suite(report: &Report) -> AnyView {
    let label = |suite: &ReportSuite| match &suite.key {
        Some(key) => format!("{key} {}", suite.name),
        None => suite.name.clone(),
    };
    let mut bars: Vec<Bar> = report.suites.iter().map(|suite| Bar::of_counts(label(suite), &suite.counts)).collect();
    let project = report.project_id;
    let row = |suite: &ReportSuite| CountRow {
        name: item_link(suite.suite_id.map(ItemId::from), suite.key.clone(), suite.name.clone(), project),
        counts: suite.counts,
    };
    let mut rows: Vec<CountRow> = report.suites.iter().map(row).collect();
    add_others(report.other_suites, &mut bars, &mut rows);
    let chart = Chart {
        id: "report-suite-chart",
        title: "Cases of each suite, by the status of their latest result".to_owned(),
        description: counted(count_of(&bars), "suite.", "suites."),
    };
    let hint = "Each case counts once for each run, by its latest result.".to_owned();
    let content = chart_and_table(charts::bars(&chart, &bars), count_table("Suite", rows));
    part("suites", "Cases by suite", Some(hint), content)
}

fn by_tester(report: &Report) -> AnyView {
    let bar = |tester: &ReportTester| Bar::of_counts(tester.name.clone(), &tester.counts);
    let mut bars: Vec<Bar> = report.testers.iter().map(bar).collect();
    let row = |tester: &ReportTester| CountRow {
        name: view! { <span dir="auto">{tester.name.clone()}</span> }.into_any(),
        counts: tester.counts,
    };
    let mut rows: Vec<CountRow> = report.testers.iter().map(row).collect();
    add_others(report.other_testers, &mut bars, &mut rows);
    let chart = Chart {
        id: "report-tester-chart",
        title: "Results of each tester, by status".to_owned(),
        description: counted(count_of(&bars), "tester.", "testers."),
    };
    part(
        "testers",
        "Results by tester",
        None,
        chart_and_table(charts::bars(&chart, &bars), count_table("Tester", rows)),
    )
}

fn add_others(others: Option<Counts>, bars: &mut Vec<Bar>, rows: &mut Vec<CountRow>) {
    if let Some(counts) = others {
        bars.push(Bar::of_counts("Others".to_owned(), &counts));
        rows.push(CountRow { name: "Others".into_any(), counts });
    }
}

fn flaky(report: &Report) -> AnyView {
    if report.flaky_cases.is_empty() {
        let none = view! { <p class="hint">"No case both passed and failed."</p> }.into_any();
        return part("flaky", "Flaky cases", None, none);
    }
    let counts = |case: &FlakyCase| Counts { passed: case.passed, failed: case.failed, ..Counts::default() };
    let bar = |case: &FlakyCase| Bar::of_counts(format!("{} {}", case.key, case.title), &counts(case));
    let bars: Vec<Bar> = report.flaky_cases.iter().map(bar).collect();
    let project = report.project_id;
    let row = |case: &FlakyCase| CountRow {
        name: case_link(case.case_id, case.key.clone(), case.title.clone(), project),
        counts: counts(case),
    };
    let rows = report.flaky_cases.iter().map(row).collect();
    let chart = Chart {
        id: "report-flaky-chart",
        title: "Passed and failed results of flaky cases".to_owned(),
        description: counted(count_of(&bars), "case.", "cases."),
    };
    let hint = "Cases that both passed and failed here, those with the most contradictory results first.".to_owned();
    let content = chart_and_table(charts::bars(&chart, &bars), count_table("Case", rows));
    part("flaky", "Flaky cases", Some(hint), content)
}

fn slowest(report: &Report) -> AnyView {
    if report.slowest_cases.is_empty() {
        let none = view! { <p class="hint">"No result of a case has a duration."</p> }.into_any();
        return part("slowest", "Slowest cases", None, none);
    }
    let bar = |case: &SlowCase| Bar {
        label: format!("{} {}", case.key, case.title),
        parts: vec![("duration", case.average_seconds)],
        text: duration_text(case.average_seconds),
    };
    let bars: Vec<Bar> = report.slowest_cases.iter().map(bar).collect();
    let chart = Chart {
        id: "report-slowest-chart",
        title: "Average duration of the slowest cases".to_owned(),
        description: counted(count_of(&bars), "case.", "cases."),
    };
    let table = tables::slowest_table(&report.slowest_cases, report.project_id);
    part("slowest", "Slowest cases", None, chart_and_table(charts::bars(&chart, &bars), table))
}

fn count_of(bars: &[Bar]) -> u32 {
    u32::try_from(bars.len()).unwrap_or(u32::MAX)
}
