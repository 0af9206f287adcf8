//! Pages and lists of a large project, and how fast results are accepted there.

mod rows;
mod type_id;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::instance::Instance;
use crate::project::Project;
use crate::report::{Report, millis, percentile};
use rows::{Rows, copied_id};

const SUITES: u32 = 100;
const CASES: u32 = 100_000;
const RUNS: u32 = 1_000;
/// The most that a run may have.
const CASES_PER_RUN: u32 = 500;
/// Requests for each page and list.
const REQUESTS: usize = 60;
/// Results in a request, which is the most that it may have.
const RESULTS_PER_REQUEST: usize = 1_000;
const RESULT_REQUESTS: usize = 60;
const RESULT_CONNECTIONS: usize = 4;
/// On SQLite and PostgreSQL. The rate depends on the machine; this is the aim on two cores.
const RATE_AIM: &str = "> 5,000/s";
const TIME_AIM: &str = "< 30 ms";

/// The items that the others are copies of, created over the API.
struct Templates {
    suite: Value,
    case: Value,
    run: Value,
}

/// Fills a project with `results` results in its runs, and measures its pages, its lists and the adding of results.
pub async fn measure(instance: &Instance, results: u32, report: &mut Report) -> Result<()> {
    let project = Project::create(instance, "BIG").await?;
    let templates = Templates::create(&mut project.connect().await?, &project).await?;
    eprintln!("writing {CASES} cases, {RUNS} runs and {results} results ...");
    let rows = Rows::connect(instance.database_url()).await?;
    fill(&rows, &templates, results).await.context("the rows of the large project")?;
    // The server closes a connection without requests.
    let mut connection = project.connect().await?;
    for (name, path) in paths(&project.id)? {
        time(&mut connection, &name, &path, report).await?;
    }
    add_results(&project, report).await
}

impl Templates {
    async fn create(connection: &mut Connection, project: &Project) -> Result<Self> {
        let path = |subject: &str| format!("/api/v1/projects/{}/{subject}", project.id);
        let suite = connection.post(&path("suites"), &json!({"name": "Suite"})).await?;
        let case =
            json!({"title": "Case", "suiteId": suite["id"], "steps": [{"action": "Open", "expected": "It opens"}]});
        let case = connection.post(&path("cases"), &case).await?;
        let run = connection.post(&path("runs"), &json!({"name": "Run", "caseIds": [case["id"]]})).await?;
        let result = json!({"caseId": case["id"], "status": "passed", "comment": "As expected."});
        connection.post(&format!("/api/v1/runs/{}/results", id(&run)?), &result).await?;
        Ok(Self { suite, case, run })
    }
}

/// The ID of a copied case.
fn case_id(n: u32) -> Result<String> {
    Ok(type_id::write("cas", copied_id("c", n)?))
}

/// The ID of a copied suite.
fn suite_id(n: u32) -> Result<String> {
    Ok(type_id::write("sui", copied_id("5", n)?))
}

/// The ID of a copied run.
fn run_id(n: u32) -> Result<String> {
    Ok(type_id::write("run", copied_id("4", n)?))
}

fn id(item: &Value) -> Result<&str> {
    item["id"].as_str().context("an item has no ID")
}

/// Copies the templates. `n` is the number of the copy, from 1.
async fn fill(rows: &Rows, templates: &Templates, results: u32) -> Result<()> {
    let number = "n + 10";
    let (suites, cases, runs) = (SUITES, CASES, RUNS);
    let template = |item| -> Result<String> { Ok(format!("id = {}", rows.literal(type_id::parse(id(item)?)?))) };
    let suite = rows.id("5", &format!("n % {suites} + 1"));
    rows.copy(
        "suites",
        &template(&templates.suite)?,
        suites,
        &[("id", &rows.id("5", "n")), ("number", number), ("name", "'Suite ' || n"), ("search", "'suite ' || n")],
    )
    .await?;
    rows.copy(
        "test_cases",
        &template(&templates.case)?,
        cases,
        &[
            ("id", &rows.id("c", "n")),
            ("number", number),
            ("title", "'Case ' || n"),
            ("search", "'case ' || n"),
            ("suite_id", &suite),
        ],
    )
    .await?;
    rows.copy(
        "test_runs",
        &template(&templates.run)?,
        runs,
        &[("id", &rows.id("4", "n")), ("number", number), ("name", "'Run ' || n"), ("search", "'run ' || n")],
    )
    .await?;
    let of_run = format!("run_id = {}", rows.literal(type_id::parse(id(&templates.run)?)?));
    // Two neighbors share most of their cases.
    let (run, position) = (format!("(n - 1) / {CASES_PER_RUN}"), format!("(n - 1) % {CASES_PER_RUN}"));
    let case = format!("({run} * 100 + {position}) % {cases} + 1");
    rows.copy(
        "run_cases",
        &of_run,
        runs * CASES_PER_RUN,
        &[("run_id", &rows.id("4", &format!("{run} + 1"))), ("case_id", &rows.id("c", &case)), ("position", &position)],
    )
    .await?;
    // The results of a run follow each other, one round over its cases after the other.
    let per_run = (results / runs).max(1);
    let (run, position) = (format!("(n - 1) / {per_run}"), format!("(n - 1) % {per_run} % {CASES_PER_RUN}"));
    let case = format!("({run} * 100 + {position}) % {cases} + 1");
    rows.copy(
        "results",
        &of_run,
        per_run * runs,
        &[
            ("id", &rows.id("e", "n")),
            ("run_id", &rows.id("4", &format!("{run} + 1"))),
            ("case_id", &rows.id("c", &case)),
            ("status", "CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'passed' END"),
        ],
    )
    .await?;
    rows.analyze().await
}

/// The pages and lists of the project, with what they are called in the table.
fn paths(project: &str) -> Result<Vec<(String, String)>> {
    let (case, run, suite) = (case_id(50_000)?, run_id(500)?, suite_id(50)?);
    let page = |name: &str, path: &str| (format!("{name} page, p95"), format!("/projects/{project}/{path}"));
    let list = |name: &str, path: &str| (format!("GET {name}, p95"), format!("/api/v1/{path}"));
    Ok(vec![
        page("Dashboard", "dashboard"),
        page("Cases", "cases"),
        page("Cases of a suite", &format!("cases?suite={suite}")),
        page("Cases with a search", "cases?search=case+4711"),
        page("Case", &format!("cases/{case}")),
        page("Test runs", "runs"),
        page("Test run", &format!("runs/{run}")),
        page("Test run report", &format!("runs/{run}/report")),
        page("Suites", "suites"),
        page("Shared steps", "shared-steps"),
        page("Reviews", "reviews"),
        page("Sessions", "sessions"),
        page("Milestones", "milestones"),
        page("Plans", "plans"),
        page("Automation runs", "automation-runs"),
        page("Issues", "issues"),
        page("Webhooks", "settings/webhooks"),
        list("cases", &format!("projects/{project}/cases")),
        list("cases with a search", &format!("projects/{project}/cases?search=case+4711")),
        list("runs", &format!("projects/{project}/runs")),
        list("cases of a run", &format!("runs/{run}/cases")),
        list("results of a run", &format!("runs/{run}/results")),
        list("search in the project", &format!("projects/{project}/search?search=4711")),
    ])
}

/// Times a page or list, one request after the other, until the last byte.
async fn time(connection: &mut Connection, name: &str, path: &str, report: &mut Report) -> Result<()> {
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let start = Instant::now();
        let (status, body) = connection.send(Method::GET, path, Bytes::new()).await?;
        times.push(start.elapsed());
        ensure!(status.is_success() && !body.is_empty(), "GET {path} responded {status}");
    }
    times.sort_unstable();
    let p95: Duration = percentile(&times, 0.95);
    report.figure(name, millis(p95), TIME_AIM);
    Ok(())
}

/// Adds results to several runs at the same time, as parallel CI jobs do.
async fn add_results(project: &Project, report: &mut Report) -> Result<()> {
    let mut workers = tokio::task::JoinSet::new();
    let start = Instant::now();
    for worker in 0..RESULT_CONNECTIONS {
        let mut connection = project.connect().await?;
        let run = u32::try_from(worker)? + 1;
        let path = format!("/api/v1/runs/{}/results/bulk", run_id(run)?);
        let case = |position: u32| case_id(((run - 1) * 100 + position) % CASES + 1);
        let results: Vec<Value> = (0..u32::try_from(RESULTS_PER_REQUEST)?)
            .map(|n| Ok(json!({"caseId": case(n % CASES_PER_RUN)?, "status": "passed", "elapsedSeconds": n % 30})))
            .collect::<Result<_>>()?;
        let body = json!({"results": results});
        workers.spawn(async move {
            for _ in 0..RESULT_REQUESTS / RESULT_CONNECTIONS {
                connection.post(&path, &body).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let rate = (RESULT_REQUESTS * RESULTS_PER_REQUEST) as f64 / start.elapsed().as_secs_f64();
    report.figure("results accepted, 1,000 in a request", format!("{rate:.0}/s"), RATE_AIM);
    Ok(())
}
