//! Records a report: finds or creates the cases of its tests, stores the results, and emits the events of the run, all
//! in one transaction.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::catalog::Subject;
use app::model::people::Actor;
use app::model::text::Title;
use app::testware::automation::{AutomationRun, AutomationRunFields, ReportFormat};
use app::testware::case::{CaseId, TestCase};
use app::testware::execution::ResultStatus;
use axum::body::Bytes;
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait};
use tokio::sync::Semaphore;

use super::formats::{self, ParsedReport, ReportedStatus};
use super::{result_table, table};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::json::Strings;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::case::{automation_link, table as case_table};
use crate::testware::events::{self, TestwareEvent};
use crate::testware::row::{Stored, TestwareRow};
use crate::testware::{items, key};

/// The maximum number of cases that one report creates.
const MAX_CREATED_CASES: i32 = 5_000;
/// The maximum number of results of a run.
const MAX_RESULTS: usize = 200_000;
/// Rows of one statement: up to twenty values each stay below the limit of both databases.
const ROWS_PER_INSERT: usize = 500;

/// How many reports are read at the same time.
static PARSERS: Semaphore = Semaphore::const_new(2);

/// A report that was read.
pub struct Report {
    pub format: ReportFormat,
    pub parsed: ParsedReport,
}

impl Report {
    /// Reads a report. It may be large, so this happens outside the async workers.
    ///
    /// # Errors
    /// [`Error::Invalid`], with what is wrong.
    pub async fn read(body: Bytes) -> Result<Self> {
        // Parsing takes a multiple of the memory of the report.
        let _permit = PARSERS.acquire().await.map_err(|_| Error::Internal)?;
        let read = tokio::task::spawn_blocking(move || formats::parse(&body)).await.map_err(|_| Error::Internal)?;
        let (format, parsed) = read.map_err(|error| Error::invalid(error.to_string()))?;
        Ok(Self { format, parsed })
    }
}

/// Creates a run with its first report.
///
/// # Errors
/// [`Error::Invalid`] for invalid fields, and for more than 5,000 cases to create.
pub async fn create(
    state: &AppState,
    actor: &Actor,
    project: project::Model,
    mut fields: AutomationRunFields,
    (report, create_cases, complete): (Report, bool, bool),
) -> Result<AutomationRun> {
    let mut row = table::Model::empty(state, project.id, actor.id);
    fields.name.get_or_insert_with(|| format!("{} report", report.format.label()));
    row.set_fields(&mut fields)?;
    row.format = report.format;
    let (state_, by, parent) = (state.clone(), actor.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = items::insert(tx, row).await?;
            events::emit(&state_, tx, &parent, &row, TestwareEvent::Created, &by).await?;
            add(&state_, tx, &parent, &mut row, (report, create_cases), &by).await?;
            if complete {
                items::complete(&state_, tx, &parent, &mut row, Some(&by)).await?;
            } else {
                items::save(&state_, tx, &mut row).await?;
            }
            Ok::<_, TxError>(row)
        })
    });
    items::view(state, &project, change.await?).await
}

/// Adds a report to an open run.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for a completed run, and [`Error::Invalid`] as for [`create`].
pub async fn append(
    state: &AppState,
    actor: &Actor,
    (row, project): (table::Model, project::Model),
    (report, create_cases): (Report, bool),
) -> Result<AutomationRun> {
    let (state_, by, parent) = (state.clone(), actor.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = items::lock_open::<table::Model>(tx, &parent, row.id).await?;
            add(&state_, tx, &parent, &mut row, (report, create_cases), &by).await?;
            items::save(&state_, tx, &mut row).await?;
            events::show_change(tx, parent.id, row.id.into());
            Ok::<_, TxError>(row)
        })
    });
    items::view(state, &project, change.await?).await
}

/// Stores the results of a report and adds them to the counts of the run.
async fn add(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    run: &mut table::Model,
    (report, create_cases): (Report, bool),
    by: &Actor,
) -> Result<(), TxError> {
    let tests = report.parsed.tests;
    if run.results() + tests.len() > MAX_RESULTS {
        return Err(Error::invalid("A run has at most 200,000 results. Report the others as another run.").into());
    }
    let links: Vec<&str> = tests.iter().map(|test| test.link.as_str()).collect();
    let mut cases = automation_link::find(tx, project.id, &links).await?;
    if create_cases {
        let missing: Vec<_> = tests.iter().filter(|test| !cases.contains_key(&test.link)).collect();
        let created = create_missing(state, tx, project, &missing, by).await?;
        if !created.is_empty() {
            if let Some(case) = created.values().next() {
                // Lists of cases follow any of them.
                events::show_change(tx, project.id, (*case).into());
            }
            let entry = NewAuditEntry::for_project(by, project.id, AuditAction::CasesCreated, run.id, &run.name);
            audit_log::record(state, tx, entry).await?;
        }
        run.created_cases = sum(run.created_cases, created.len());
        cases = automation_link::find(tx, project.id, &links).await?;
    }
    for test in &tests {
        let count = match test.status {
            ReportedStatus::Passed => &mut run.passed,
            ReportedStatus::Failed => &mut run.failed,
            ReportedStatus::Skipped => &mut run.skipped,
        };
        *count = sum(*count, 1);
        run.duration_ms = run.duration_ms.saturating_add(milliseconds(test.duration_ms).unwrap_or(0));
    }
    let rows = tests.into_iter().map(|test| result_table::ActiveModel {
        id: Set(state.ids.next()),
        run_id: Set(run.id),
        case_id: Set(cases.get(&test.link).copied()),
        link: Set(test.link),
        name: Set(test.name),
        status: Set(status(test.status)),
        duration_ms: Set(milliseconds(test.duration_ms)),
        message: Set(test.message),
    });
    insert_all::<result_table::Entity>(tx, rows).await.map_err(TxError::from)
}

/// Creates a case for each test that still has none, and returns them. This is an import: it emits no events.
async fn create_missing(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    tests: &[&formats::ReportedTest],
    by: &Actor,
) -> Result<HashMap<String, CaseId>, TxError> {
    let count = i32::try_from(tests.len()).unwrap_or(i32::MAX);
    if count > MAX_CREATED_CASES {
        let message = "The report would create more than 5,000 cases. Split it, or report without creating cases.";
        return Err(Error::invalid(message).into());
    }
    let mut number = key::next_numbers(tx, project.id, Subject::Case, count).await?;
    // Another report may have created some until it was this one's turn to get numbers.
    let links: Vec<&str> = tests.iter().map(|test| test.link.as_str()).collect();
    let known = automation_link::find(tx, project.id, &links).await?;
    let (mut rows, mut created) = (Vec::new(), HashMap::new());
    for test in tests.iter().filter(|test| !known.contains_key(&test.link)) {
        let mut case = <TestCase as Stored>::Row::empty(state, project.id, by.id);
        case.title = title(&test.name, &test.link);
        case.automation_links = Strings(vec![test.link.clone()]);
        case.set_number(number);
        number = number.saturating_add(1);
        created.insert(test.link.clone(), case.id);
        rows.push(case.stored());
    }
    insert_all::<case_table::Entity>(tx, rows.into_iter()).await?;
    automation_link::insert(tx, project.id, created.iter().map(|(link, id)| (link.clone(), *id)).collect()).await?;
    Ok(created)
}

/// Inserts rows, many in each statement.
async fn insert_all<E: EntityTrait>(tx: &Tx<'_>, mut rows: impl Iterator<Item = E::ActiveModel>) -> Result<(), DbErr> {
    loop {
        let chunk: Vec<_> = rows.by_ref().take(ROWS_PER_INSERT).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        E::insert_many(chunk).exec_without_returning(tx.db()).await?;
    }
}

/// The title of the case of a test: its name, or the link if the name is not a title.
fn title(name: &str, link: &str) -> String {
    let title = name.parse().or_else(|_| link.parse()).map(Title::into_string);
    title.unwrap_or_else(|_| "Automated test".to_owned())
}

const fn status(status: ReportedStatus) -> ResultStatus {
    match status {
        ReportedStatus::Passed => ResultStatus::Passed,
        ReportedStatus::Failed => ResultStatus::Failed,
        ReportedStatus::Skipped => ResultStatus::Skipped,
    }
}

fn milliseconds(duration: Option<u64>) -> Option<i64> {
    duration.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX))
}

fn sum(count: i32, added: usize) -> i32 {
    count.saturating_add(i32::try_from(added).unwrap_or(i32::MAX))
}
