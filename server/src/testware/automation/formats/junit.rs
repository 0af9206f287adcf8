//! JUnit XML as Surefire, Gradle, PHPUnit, jest-junit, pytest, Playwright, nextest and others write
//! it. The link of a test is `classname.name`, or `name` without a class name.
//!
//! A suite that failed without a failed test is reported as a failed test by the name of the suite.
//!
//! The document is read as a stream. Custom entities stay as they are written, and nothing outside
//! of the file is read.

use std::time::Duration;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::collector::{Collector, FoundTest, seconds};
use super::text::{Excerpt, join_message, to_one_line};
use super::{ReportError, ReportedStatus};

/// The most levels of elements. Tools write fewer than ten.
const MAX_DEPTH: usize = 100;
/// Further attributes of an element are not read.
const MAX_ATTRIBUTES: usize = 64;
/// pytest writes the control characters that XML forbids like this.
const PYTEST_ESCAPE: &str = "#x1B";
const UNNAMED_SUITE: &str = "Test suite";
/// Said of a suite that gives no reason.
const SUITE_FAILED: &str = "The suite reports a failure, but none of its tests failed.";

pub fn read(text: &str, collector: &mut Collector) -> Result<(), ReportError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut document = DocumentState { collector, depth: 0, suites: Vec::new(), case: None };
    loop {
        let result = match reader.read_event() {
            Ok(Event::Eof) if document.depth > 0 => return Err(broken(text, reader.buffer_position())),
            Ok(Event::Eof) => return Ok(()),
            Ok(event) => document.apply(&event),
            Err(_) => return Err(broken(text, reader.error_position())),
        };
        result?;
    }
}

fn broken(text: &str, position: u64) -> ReportError {
    let read = usize::try_from(position).ok().and_then(|position| text.as_bytes().get(..position));
    let lines = read.unwrap_or(text.as_bytes()).iter().filter(|byte| **byte == b'\n').count();
    ReportError::BrokenXml { line: lines.saturating_add(1) }
}

struct DocumentState<'c> {
    collector: &'c mut Collector,
    /// The number of open elements.
    depth: usize,
    /// Each `<testsuite>` that is open, the innermost last. At most [`MAX_DEPTH`].
    suites: Vec<TestSuite>,
    case: Option<TestCase>,
}

/// A `<testsuite>` that is open.
struct TestSuite {
    depth: usize,
    name: String,
    /// The number of failures by its attributes.
    counted_failures: u64,
    /// Attempts in it that failed before a later attempt decided.
    failed_attempts: u64,
    has_failed_case: bool,
    /// Whether a nested suite was reported as a failed test.
    has_failed_suite: bool,
    /// Whether `<failure>` or `<error>` is directly below it.
    failed: bool,
    /// That element, while it is open.
    child: Option<Child>,
    failure: Excerpt,
}

/// A `<testcase>` that is open.
struct TestCase {
    depth: usize,
    class_name: String,
    name: String,
    duration: Option<Duration>,
    not_run: bool,
    failed: bool,
    skipped: bool,
    failed_attempts: u64,
    /// The child element that is open, if its text matters.
    child: Option<Child>,
    failure: Excerpt,
    skip_reason: Excerpt,
    output: Excerpt,
}

struct Child {
    kind: ChildKind,
    message: String,
    text: Excerpt,
}

#[derive(Clone, Copy)]
enum ChildKind {
    Failure,
    Skipped,
    Output,
}

impl DocumentState<'_> {
    fn apply(&mut self, event: &Event<'_>) -> Result<(), ReportError> {
        match event {
            Event::Start(element) => self.open(element),
            Event::Empty(element) => {
                self.open(element)?;
                self.close()
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.push_text(text),
            Event::CData(text) => self.push_text(text),
            Event::GeneralRef(reference) => self.push_reference(reference),
            _ => Ok(()),
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), ReportError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(ReportError::TooDeep { limit: MAX_DEPTH });
        }
        let local_name = element.local_name();
        let name: &str = local_name.as_ref();
        if self.depth == 1 && !matches!(name, "testsuites" | "testsuite") {
            return Err(ReportError::UnknownFormat);
        }
        match (&mut self.case, self.suites.last_mut()) {
            (Some(case), _) if self.depth == case.depth.saturating_add(1) => case.open_child(name, element),
            (Some(_), _) => {}
            // Whatever is inside belongs to the text of the failure.
            (None, Some(suite)) if suite.child.is_some() => {}
            (None, Some(suite)) if self.depth == suite.depth.saturating_add(1) && is_failure(name) => {
                suite.failed = true;
                suite.child = Some(Child::new(ChildKind::Failure, element));
            }
            (None, _) if name == "testcase" => self.case = Some(TestCase::new(self.depth, element)),
            (None, _) if name == "testsuite" => self.suites.push(TestSuite::new(self.depth, element)),
            (None, _) => {}
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReportError> {
        let closed = self.depth;
        self.depth = closed.saturating_sub(1);
        if let Some(case) = &mut self.case
            && closed == case.depth.saturating_add(1)
        {
            case.close_child();
        }
        if let Some(case) = self.case.take_if(|case| case.depth == closed) {
            if let Some(suite) = self.suites.last_mut() {
                suite.has_failed_case |= case.failed;
                suite.failed_attempts = suite.failed_attempts.saturating_add(case.failed_attempts);
            }
            return case.add_to(self.collector);
        }
        if let Some(suite) = self.suites.last_mut()
            && closed == suite.depth.saturating_add(1)
        {
            suite.close_child();
        }
        match self.suites.pop_if(|suite| suite.depth == closed) {
            Some(suite) => self.close_suite(&suite),
            None => Ok(()),
        }
    }

    fn close_suite(&mut self, suite: &TestSuite) -> Result<(), ReportError> {
        let is_reported = suite.is_reported();
        if let Some(outer) = self.suites.last_mut() {
            outer.has_failed_case |= suite.has_failed_case;
            outer.has_failed_suite |= suite.has_failed_suite || is_reported;
            outer.failed_attempts = outer.failed_attempts.saturating_add(suite.failed_attempts);
        }
        if is_reported { suite.add_to(self.collector) } else { Ok(()) }
    }

    fn push_text(&mut self, text: &str) -> Result<(), ReportError> {
        let child = match (&mut self.case, self.suites.last_mut()) {
            (Some(case), _) => case.child.as_mut(),
            (None, Some(suite)) => suite.child.as_mut(),
            (None, None) => None,
        };
        if let Some(child) = child {
            child.text.push(text);
        }
        Ok(())
    }

    fn push_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), ReportError> {
        if let Ok(Some(char)) = reference.resolve_char_ref() {
            return self.push_text(char.encode_utf8(&mut [0; 4]));
        }
        match resolve_predefined_entity(reference) {
            Some(text) => self.push_text(text),
            None => self.push_text(&format!("&{};", &**reference)),
        }
    }
}

impl TestSuite {
    fn new(depth: usize, element: &BytesStart<'_>) -> Self {
        let count = |name| attribute(element, name).and_then(|count| count.trim().parse::<u64>().ok());
        let [failures, errors] = ["failures", "errors"].map(|name| count(name).unwrap_or_default());
        Self {
            depth,
            name: attribute(element, "name").unwrap_or_default(),
            counted_failures: failures.saturating_add(errors),
            failed_attempts: 0,
            has_failed_case: false,
            has_failed_suite: false,
            failed: false,
            child: None,
            failure: Excerpt::default(),
        }
    }

    fn close_child(&mut self) {
        if let Some(child) = self.child.take() {
            self.failure.push_paragraph(&child.failure_message());
        }
    }

    /// Whether a failure of it is not seen in its tests. The numbers of tools differ too much to
    /// compare them with the failed tests.
    fn is_reported(&self) -> bool {
        // Surefire leaves flaky tests out of its numbers, but Gradle counts each failed attempt.
        let counts_more = self.counted_failures > self.failed_attempts;
        // The numbers of the outer suite include those of the nested ones.
        !self.has_failed_case && (self.failed || (counts_more && !self.has_failed_suite))
    }

    fn add_to(&self, collector: &mut Collector) -> Result<(), ReportError> {
        let name = Some(to_one_line(&self.name)).filter(|name| !name.is_empty());
        let name = name.as_deref().unwrap_or(UNNAMED_SUITE);
        let message = Some(self.failure.as_str()).filter(|message| !message.is_empty()).unwrap_or(SUITE_FAILED);
        collector.add(&FoundTest {
            link: name,
            name,
            status: ReportedStatus::Failed,
            duration: None,
            message: &message.replace(PYTEST_ESCAPE, "\u{1b}"),
            reran: false,
        })
    }
}

impl TestCase {
    fn new(depth: usize, element: &BytesStart<'_>) -> Self {
        let status = attribute(element, "status");
        Self {
            depth,
            class_name: attribute(element, "classname").unwrap_or_default(),
            name: attribute(element, "name").unwrap_or_default(),
            duration: attribute(element, "time").and_then(|time| parse_time(&time)),
            // GoogleTest and CTest say it without a child element.
            not_run: status.is_some_and(|status| matches!(status.as_str(), "notrun" | "disabled" | "skipped")),
            failed: false,
            skipped: false,
            failed_attempts: 0,
            child: None,
            failure: Excerpt::default(),
            skip_reason: Excerpt::default(),
            output: Excerpt::default(),
        }
    }

    fn open_child(&mut self, name: &str, element: &BytesStart<'_>) {
        let kind = match name {
            _ if is_failure(name) => {
                self.failed = true;
                ChildKind::Failure
            }
            "skipped" => {
                self.skipped = true;
                ChildKind::Skipped
            }
            "system-out" | "system-err" => ChildKind::Output,
            // Failed attempts, while `<failure>` is the result: Surefire omits that if a later
            // attempt passed.
            "flakyFailure" | "flakyError" | "rerunFailure" | "rerunError" => {
                self.failed_attempts = self.failed_attempts.saturating_add(1);
                return;
            }
            _ => return,
        };
        self.child = Some(Child::new(kind, element));
    }

    fn close_child(&mut self) {
        let Some(child) = self.child.take() else { return };
        match child.kind {
            ChildKind::Failure => self.failure.push_paragraph(&child.failure_message()),
            ChildKind::Skipped => {
                let reason = if child.message.trim().is_empty() { child.text.as_str() } else { &child.message };
                self.skip_reason.push_paragraph(reason.trim());
            }
            ChildKind::Output => self.output.push_paragraph(child.text.as_str().trim()),
        }
    }

    fn add_to(self, collector: &mut Collector) -> Result<(), ReportError> {
        let status = match (self.failed, self.skipped || self.not_run) {
            (true, _) => ReportedStatus::Failed,
            (false, true) => ReportedStatus::Skipped,
            (false, false) => ReportedStatus::Passed,
        };
        let message = match status {
            ReportedStatus::Failed if self.failure.as_str().is_empty() => self.output.as_str(),
            ReportedStatus::Failed => self.failure.as_str(),
            ReportedStatus::Skipped | ReportedStatus::Passed => self.skip_reason.as_str(),
        };
        let (class_name, name) = (to_one_line(&self.class_name), to_one_line(&self.name));
        let parts: Vec<&str> = [&*class_name, &*name].into_iter().filter(|part| !part.is_empty()).collect();
        collector.add(&FoundTest {
            link: &parts.join("."),
            name: &name,
            status,
            duration: self.duration,
            message: &message.replace(PYTEST_ESCAPE, "\u{1b}"),
            reran: self.failed_attempts > 0,
        })
    }
}

impl Child {
    fn new(kind: ChildKind, element: &BytesStart<'_>) -> Self {
        let message = match kind {
            ChildKind::Failure => attribute(element, "message").or_else(|| attribute(element, "type")),
            ChildKind::Skipped => attribute(element, "message"),
            ChildKind::Output => None,
        };
        Self { kind, message: message.unwrap_or_default(), text: Excerpt::default() }
    }

    fn failure_message(&self) -> String {
        join_message(&self.message, self.text.as_str())
    }
}

fn is_failure(element_name: &str) -> bool {
    matches!(element_name, "failure" | "error")
}

/// Custom entities stay as they are written.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    // The check for duplicates takes time by the square of their number.
    let mut found = attributes.with_checks(false).take(MAX_ATTRIBUTES).flatten();
    let value = found.find(|attribute| attribute.key.local_name().as_ref() == name)?.value;
    Some(unescape(&value).map_or_else(|_| value.to_string(), |text| text.into_owned()))
}

/// Seconds such as `1.5`, `1,234.5` and, where the tool writes them by locale, `0,5`.
fn parse_time(time: &str) -> Option<Duration> {
    let time = time.trim();
    let (whole, fraction) = time.split_once('.').map_or((time, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let has_thousands =
        (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|group| group.len() == 3);
    let is_decimal_comma = fraction.is_none() && !has_thousands && whole.matches(',').count() == 1;
    let plain = if is_decimal_comma { time.replace(',', ".") } else { time.replace(',', "") };
    seconds(plain.parse().ok()?)
}

#[cfg(test)]
mod tests;
