//! `testbell ci report`: reports the results of automated tests, as tools wrote them, in one automation run.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use app::testware::ci_job::CiJobId;
use bytes::Bytes;
use clap::{Args, Subcommand};
use testbell_client::Client;
use testbell_client::model::{AutomationRun, CiJobOutcome, CompleteCiJob, ReportOptions};

use super::api::{ServerOptions, printable};
use crate::start::StartError;

/// The tests were reported, and some failed.
const TESTS_FAILED: u8 = 1;
/// The tests were not reported, or not all of them.
const NOT_REPORTED: u8 = 2;

/// What CI does.
#[derive(Subcommand)]
pub enum Command {
    /// Report the results of automated tests. Exits with 1 if a test failed, and with 2 if not all could be reported
    Report(Report),
}

/// What to report, and where.
#[derive(Args)]
pub struct Report {
    #[command(flatten)]
    results: ReportedResults,
    /// ID of the CI job that ran the tests. The report completes it.
    #[arg(long)]
    job: Option<CiJobId>,
    #[command(flatten)]
    server: ServerOptions,
}

/// The results of an automation run.
#[derive(Args)]
struct ReportedResults {
    /// Reports of the tools: JUnit XML, or the JSON of Playwright, pytest-json-report, cargo-nextest or go test.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// ID or key of the project.
    #[arg(long)]
    project: String,
    /// Name of the automation run. Default: the format of the first report.
    #[arg(long)]
    name: Option<String>,
    /// Page of the build.
    #[arg(long)]
    url: Option<String>,
    /// Create a case for each test that no case is linked to.
    #[arg(long)]
    create_cases: bool,
}

/// Reports, and says how the tests went.
pub async fn run(Command::Report(report): Command) -> ExitCode {
    match send(report).await {
        Ok((run, unreported)) => {
            let counts = run.counts;
            let summary = format!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
            println!("{}: {summary}", printable(&run.key));
            match (unreported, counts.failed) {
                (0, 0) => ExitCode::SUCCESS,
                (0, _) => ExitCode::from(TESTS_FAILED),
                _ => ExitCode::from(NOT_REPORTED),
            }
        }
        Err(error) => {
            eprintln!("testbell: {error}");
            ExitCode::from(NOT_REPORTED)
        }
    }
}

/// Reports, and completes the CI job if there is one. Returns the completed run, and how many files are not in it.
async fn send(Report { results, job, server }: Report) -> Result<(AutomationRun, usize), StartError> {
    let client = server.client()?;
    let url = results.url.clone();
    let reported = report_files(&client, results).await;
    let completed = match job {
        Some(job) => complete_job(&client, (job, url), reported.as_ref().ok()).await,
        None => Ok(()),
    };
    reported.and_then(|reported| completed.map(|()| reported))
}

/// Completes the CI job. It failed if a test did, or if not all results could be reported.
async fn complete_job(
    client: &Client,
    (id, url): (CiJobId, Option<String>),
    reported: Option<&(AutomationRun, usize)>,
) -> Result<(), StartError> {
    let outcome = match reported {
        Some((run, 0)) if run.counts.failed == 0 => CiJobOutcome::Passed,
        _ => CiJobOutcome::Failed,
    };
    let complete = CompleteCiJob { outcome, url, automation_run_id: reported.map(|(run, _)| run.id.clone()) };
    let job = client.complete_ci_job(&id.to_string(), &complete).await?;
    println!("{}: {}", printable(&job.key), job.status);
    Ok(())
}

/// Reports the files as one completed run. Returns it, and how many files are not in it.
async fn report_files(client: &Client, report: ReportedResults) -> Result<(AutomationRun, usize), StartError> {
    let files = read_files(report.files)?;
    let project = client.find_project(&report.project).await?;
    let create_cases = report.create_cases;
    let options = ReportOptions { name: report.name, url: report.url, create_cases, complete: false };
    let (mut run, mut failed) = (None::<AutomationRun>, 0_usize);
    for (path, bytes) in files {
        // One bad file must not hide the results of the others.
        let reported = match &run {
            Some(run) => client.add_report(&run.id, bytes, create_cases).await,
            None => client.report(&project.id, bytes, options.clone()).await,
        };
        match reported {
            Ok(reported) => run = Some(reported),
            Err(error) => {
                eprintln!("testbell: {}: {error}", path.display());
                failed += 1;
            }
        }
    }
    let Some(run) = run else { return Err(StartError::NothingReported) };
    Ok((client.complete_automation_run(&run.id).await?, failed))
}

/// Reads all files before the run is created, so that a missing one leaves no open run.
fn read_files(paths: Vec<PathBuf>) -> Result<Vec<(PathBuf, Bytes)>, StartError> {
    let read = |path: PathBuf| match fs::read(&path) {
        Ok(bytes) => Ok((path, Bytes::from(bytes))),
        Err(source) => Err(StartError::File { path, source }),
    };
    paths.into_iter().map(read).collect()
}
