//! The JSON of pytest-json-report. The link of a test is its node ID.
//!
//! A run that broke off without a failed test is reported as a failed test by the name `pytest`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::collector::{Collector, FoundTest, seconds};
use super::json::{Document, Text, for_each, read as read_json};
use super::text::{Excerpt, join_message};
use super::{ReportError, ReportFormat, ReportedStatus};

const FORMAT: ReportFormat = ReportFormat::Pytest;
/// The link of a run that broke off.
const RUN: &str = "pytest";

#[derive(Deserialize)]
struct Test<'a> {
    #[serde(borrow)]
    nodeid: Text<'a>,
    #[serde(borrow)]
    outcome: Text<'a>,
    #[serde(borrow)]
    setup: Option<Stage<'a>>,
    #[serde(borrow)]
    call: Option<Stage<'a>>,
    #[serde(borrow)]
    teardown: Option<Stage<'a>>,
}

#[derive(Deserialize)]
struct Stage<'a> {
    duration: Option<f64>,
    #[serde(borrow)]
    outcome: Option<Text<'a>>,
    #[serde(borrow)]
    crash: Option<Crash<'a>>,
    #[serde(borrow)]
    longrepr: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Crash<'a> {
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct FailedCollector<'a> {
    #[serde(borrow)]
    nodeid: Text<'a>,
    #[serde(borrow)]
    outcome: Text<'a>,
    #[serde(borrow)]
    longrepr: Option<Text<'a>>,
}

pub fn read(document: &Document<'_>, collector: &mut Collector) -> Result<(), ReportError> {
    for_each(document.collectors, FORMAT, |json| add_collector(json, collector))?;
    for_each(document.tests, FORMAT, |json| add_test(json, collector))?;
    match document.exitcode.and_then(|code| broken_off(code.get())) {
        // With one, the run counts as failed anyway: pytest also interrupts it for a file that
        // can't be imported.
        Some(message) if !collector.has_failed() => collector.add(&FoundTest {
            link: RUN,
            name: RUN,
            status: ReportedStatus::Failed,
            duration: None,
            message,
            reran: false,
        }),
        _ => Ok(()),
    }
}

/// Why pytest didn't run all tests, by its exit code.
fn broken_off(exit_code: &str) -> Option<&'static str> {
    match exit_code {
        "2" => Some("The run was interrupted."),
        "3" => Some("pytest had an internal error."),
        "4" => Some("pytest was called with wrong arguments."),
        _ => None,
    }
}

/// A file that can't be imported has no tests, and must not be taken for a file whose tests passed.
fn add_collector(json: &RawValue, collector: &mut Collector) -> Result<(), ReportError> {
    let failed: FailedCollector<'_> = read_json(json, FORMAT)?;
    if !matches!(&*failed.outcome, "failed" | "error") {
        return Ok(());
    }
    let link = if failed.nodeid.is_empty() { "collection" } else { &failed.nodeid };
    collector.add(&FoundTest {
        link,
        name: link,
        status: ReportedStatus::Failed,
        duration: None,
        message: failed.longrepr.as_deref().unwrap_or_default(),
        reran: false,
    })
}

fn add_test(json: &RawValue, collector: &mut Collector) -> Result<(), ReportError> {
    let test: Test<'_> = read_json(json, FORMAT)?;
    let stages = [&test.setup, &test.call, &test.teardown];
    let stages = || stages.into_iter().flatten();
    let status = match &*test.outcome {
        "passed" | "xpassed" => ReportedStatus::Passed,
        "skipped" | "xfailed" => ReportedStatus::Skipped,
        // pytest-rerunfailures: the stages are those of the last attempt.
        "rerun" if !stages().any(Stage::failed) => ReportedStatus::Passed,
        _ => ReportedStatus::Failed,
    };
    let mut message = Excerpt::default();
    match status {
        ReportedStatus::Failed => stages().filter(|stage| stage.failed()).for_each(|stage| {
            let error = stage.crash.as_ref().and_then(|crash| crash.message.as_deref());
            let stack = stage.longrepr.as_deref();
            message.push_paragraph(&join_message(error.unwrap_or_default(), stack.unwrap_or_default()));
        }),
        ReportedStatus::Skipped => {
            let reason = stages().find_map(|stage| stage.longrepr.as_deref());
            message.push(reason.map(skip_reason).unwrap_or_default());
        }
        ReportedStatus::Passed => {}
    }
    let durations = stages().filter_map(|stage| seconds(stage.duration?));
    collector.add(&FoundTest {
        link: &test.nodeid,
        name: test.nodeid.split_once("::").map_or(&*test.nodeid, |(_, name)| name),
        status,
        duration: durations.reduce(Duration::saturating_add),
        message: message.as_str(),
        reran: false,
    })
}

impl Stage<'_> {
    fn failed(&self) -> bool {
        matches!(self.outcome.as_deref(), Some("failed" | "error"))
    }
}

/// The reason from `('tests/test_cart.py', 18, 'Skipped: needs the shop')`.
fn skip_reason(longrepr: &str) -> &str {
    let Some((_, reason)) = longrepr.split_once("Skipped: ").filter(|_| longrepr.starts_with('(')) else {
        return longrepr;
    };
    reason.strip_suffix("')").or_else(|| reason.strip_suffix("\")")).unwrap_or(reason)
}

#[cfg(test)]
mod tests;
