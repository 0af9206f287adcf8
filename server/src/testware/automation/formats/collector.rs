//! Collects the tests of a report: merges those with the same link, and keeps the limits of a
//! report.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use super::text::{clean_link, clean_message, clean_name};
use super::{MAX_MESSAGE_BYTES, MAX_TESTS, ParsedReport, ReportError, ReportedStatus, ReportedTest};

/// Longer ones come from broken clocks.
const MAX_DURATION: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The most results, of which several can belong to one test. More than that are no retries.
const MAX_RESULTS: usize = 10 * MAX_TESTS;
const UNNAMED: &str = "unnamed test";

/// A result as a format found it, not yet cleaned.
pub struct FoundTest<'a> {
    pub link: &'a str,
    pub name: &'a str,
    pub status: ReportedStatus,
    pub duration: Option<Duration>,
    pub message: &'a str,
    /// Whether the tool repeated the test and decided by itself. Replaces earlier results.
    pub reran: bool,
}

#[derive(Default)]
pub struct Collector {
    tests: Vec<ReportedTest>,
    positions: HashMap<String, usize>,
    results: usize,
}

impl Collector {
    /// # Errors
    /// [`ReportError::TooManyTests`].
    pub fn add(&mut self, found: &FoundTest<'_>) -> Result<(), ReportError> {
        self.results = self.results.saturating_add(1);
        if self.results > MAX_RESULTS {
            return Err(ReportError::TooManyTests);
        }
        let mut link = clean_link(found.link);
        if link.is_empty() {
            UNNAMED.clone_into(&mut link);
        }
        let test = ReportedTest {
            name: Some(clean_name(found.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| clean_name(&link)),
            link,
            status: found.status,
            duration_ms: found.duration.map(milliseconds),
            message: if found.status == ReportedStatus::Passed { String::new() } else { clean_message(found.message) },
        };
        match self.positions.entry(test.link.clone()) {
            Entry::Occupied(entry) => {
                if let Some(known) = self.tests.get_mut(*entry.get()) {
                    merge(known, test, found.reran);
                }
            }
            Entry::Vacant(_) if self.tests.len() >= MAX_TESTS => return Err(ReportError::TooManyTests),
            Entry::Vacant(entry) => {
                entry.insert(self.tests.len());
                self.tests.push(test);
            }
        }
        Ok(())
    }

    pub fn has_failed(&self) -> bool {
        self.tests.iter().any(|test| test.status == ReportedStatus::Failed)
    }

    /// # Errors
    /// [`ReportError::NoTests`].
    pub fn finish(self) -> Result<ParsedReport, ReportError> {
        if self.tests.is_empty() { Err(ReportError::NoTests) } else { Ok(ParsedReport { tests: self.tests }) }
    }
}

fn merge(known: &mut ReportedTest, other: ReportedTest, reran: bool) {
    let durations = known.duration_ms.zip(other.duration_ms);
    let sum = durations.map(|(known, other)| known.saturating_add(other).min(milliseconds(MAX_DURATION)));
    known.duration_ms = sum.or(known.duration_ms).or(other.duration_ms);
    if reran || other.status > known.status {
        known.status = other.status;
        known.message = other.message;
    } else if other.status == known.status && other.message != known.message {
        append_paragraph(&mut known.message, &other.message);
    }
}

/// Touches only what it adds, because a message can be appended to many thousand times.
fn append_paragraph(message: &mut String, other: &str) {
    let separator = if message.is_empty() || other.is_empty() { "" } else { "\n\n" };
    let room = MAX_MESSAGE_BYTES.saturating_sub(message.len().saturating_add(separator.len()));
    let added = other.get(..other.floor_char_boundary(room)).unwrap_or_default().trim_end();
    if !added.is_empty() {
        message.push_str(separator);
        message.push_str(added);
    }
}

/// A duration from seconds as a tool wrote them; `None` if it is not one.
pub fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn milliseconds(duration: Duration) -> u64 {
    let duration = duration.min(MAX_DURATION);
    u64::try_from(duration.saturating_add(Duration::from_micros(500)).as_millis()).unwrap_or(u64::MAX)
}
