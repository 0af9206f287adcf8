//! The lines of JSON of libtest. cargo-nextest writes them with `--message-format libtest-json` or
//! `libtest-json-plus` (with a further object `nextest`, which is not needed), `cargo test` with
//! `-- -Zunstable-options --format json`. The link of a test is its name as written:
//! `crate::binary$module::test` by nextest, `module::test` by `cargo test`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::collector::{Collector, FoundTest, seconds};
use super::json::{Text, events};
use super::text::{Excerpt, join_paragraphs};
use super::{MAX_TESTS, ReportError, ReportedStatus};

/// Said of a test without a result, in this format and in Go's.
pub const NOT_FINISHED: &str = "The run ended before this test did.";
const STRESS: &str = "@stress-";

#[derive(Deserialize)]
struct TestEvent<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    event: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    /// In seconds. Old versions of libtest wrote `"0.001s"`.
    #[serde(borrow)]
    exec_time: Option<&'a RawValue>,
    #[serde(borrow)]
    stdout: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

pub fn read(text: &str, collector: &mut Collector) -> Result<(), ReportError> {
    let mut running = BTreeSet::new();
    for event in events::<TestEvent<'_>>(text.lines()).filter(|event| &*event.kind == "test") {
        let status = match &*event.event {
            "started" if running.len() >= MAX_TESTS => return Err(ReportError::TooManyTests),
            "started" => {
                running.insert(event.name.to_string());
                continue;
            }
            "ok" => ReportedStatus::Passed,
            "failed" => ReportedStatus::Failed,
            "ignored" => ReportedStatus::Skipped,
            // E.g. "timeout": the test runs for long, its result follows.
            _ => continue,
        };
        let name = started_name(&event.name, &running);
        running.remove(name);
        add(collector, name, &event, status)?;
    }
    // The process was killed or has aborted.
    for name in &running {
        let link = without_stress(name);
        let name = test_name(&link);
        let (status, message) = (ReportedStatus::Failed, NOT_FINISHED);
        collector.add(&FoundTest { link: &link, name, status, duration: None, message, reran: false })?;
    }
    Ok(())
}

fn add(
    collector: &mut Collector,
    name: &str,
    event: &TestEvent<'_>,
    status: ReportedStatus,
) -> Result<(), ReportError> {
    let link = without_stress(name);
    let exec_time = event.exec_time.map(|json| json.get().trim_matches('"').trim_end_matches('s'));
    let (why, reason) = (event.message.as_deref(), event.reason.as_deref());
    let mut message = Excerpt::default();
    message.push(&join_paragraphs(why.unwrap_or_default(), reason.unwrap_or_default()));
    message.push_paragraph(event.stdout.as_deref().unwrap_or_default().trim());
    collector.add(&FoundTest {
        link: &link,
        name: test_name(&link),
        status,
        duration: exec_time.and_then(|time| seconds(time.parse().ok()?)),
        message: message.as_str(),
        reran: false,
    })
}

/// The name by which the test started. After retries, nextest appends `#` and the number of
/// attempts to the name with the result.
fn started_name<'a>(name: &'a str, running: &BTreeSet<String>) -> &'a str {
    if running.contains(name) {
        return name;
    }
    let retried = name.rsplit_once('#').filter(|(started, attempts)| {
        let is_number = !attempts.is_empty() && attempts.bytes().all(|byte| byte.is_ascii_digit());
        is_number && running.contains(*started)
    });
    retried.map_or(name, |(started, _)| started)
}

/// Without the number of a stress run, so that all runs count for one test.
fn without_stress(name: &str) -> Cow<'_, str> {
    let parts = name.split_once('$').and_then(|(binary, test)| Some((binary.rsplit_once(STRESS)?, test)));
    match parts {
        Some(((binary, run), test)) if run.bytes().all(|byte| byte.is_ascii_digit()) => {
            Cow::Owned(format!("{binary}${test}"))
        }
        _ => Cow::Borrowed(name),
    }
}

fn test_name(link: &str) -> &str {
    link.split_once('$').map_or(link, |(_, test)| test)
}

#[cfg(test)]
mod tests;
