//! The JSON reporter of Playwright. The link of a test is `file › describe › title`, as its list
//! reporter writes it, but without the line. The name of the project comes before it if the
//! configuration has several, even if only one of them was run.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::collector::{Collector, FoundTest, seconds};
use super::json::{Document, Text, for_each, read as read_json};
use super::text::{Excerpt, clean_link, clean_name, join_message};
use super::{ReportError, ReportFormat, ReportedStatus};

const FORMAT: ReportFormat = ReportFormat::Playwright;
const SEPARATOR: &str = " › ";
/// The link of the errors that belong to no file.
const RUN: &str = "Playwright";
/// Nested `describe` blocks. Each level reads its part of the file again.
const MAX_SUITE_DEPTH: usize = 16;

#[derive(Deserialize, Default)]
struct Config<'a> {
    #[serde(borrow, rename = "rootDir")]
    root_dir: Option<Text<'a>>,
    #[serde(borrow)]
    projects: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Project<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Suite<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    specs: Option<&'a RawValue>,
    #[serde(borrow)]
    suites: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Spec<'a> {
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    tests: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Test<'a> {
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow, rename = "expectedStatus")]
    expected_status: Option<Text<'a>>,
    #[serde(borrow, rename = "projectName")]
    project_name: Option<Text<'a>>,
    #[serde(borrow)]
    annotations: Option<&'a RawValue>,
    #[serde(borrow)]
    results: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Annotation<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Attempt<'a> {
    #[serde(borrow)]
    status: Option<Text<'a>>,
    /// In milliseconds.
    duration: Option<f64>,
    #[serde(borrow)]
    error: Option<TestError<'a>>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct TestError<'a> {
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow)]
    stack: Option<Text<'a>>,
    /// What a test has thrown, if that isn't an `Error`.
    #[serde(borrow)]
    value: Option<Text<'a>>,
    #[serde(borrow)]
    location: Option<Location<'a>>,
}

#[derive(Deserialize)]
struct Location<'a> {
    #[serde(borrow)]
    file: Option<Text<'a>>,
}

pub fn read(document: &Document<'_>, collector: &mut Collector) -> Result<(), ReportError> {
    let config = document.config.map_or(Ok(Config::default()), |json| read_json(json, FORMAT))?;
    let mut projects = HashSet::new();
    for_each(config.projects, FORMAT, |json| {
        let project: Project<'_> = read_json(json, FORMAT)?;
        // More names change nothing.
        if projects.len() < 2 {
            projects.insert(project.name.as_deref().unwrap_or_default().to_owned());
        }
        Ok(())
    })?;
    let root = config.root_dir.as_deref().unwrap_or_default();
    for_each(document.errors, FORMAT, |json| add_global_error(json, root, collector))?;
    let mut walk = Walk { collector, several_projects: projects.len() > 1, path: Vec::new() };
    for_each(document.suites, FORMAT, |json| walk.add_suite(json))
}

/// An error outside of a test, e.g. a file that can't be compiled: a failed test by the name of
/// that file, or by [`RUN`] if it has none, e.g. if the web server doesn't start.
fn add_global_error(json: &RawValue, root: &str, collector: &mut Collector) -> Result<(), ReportError> {
    let error: TestError<'_> = read_json(json, FORMAT)?;
    let file = error.location.as_ref().and_then(|location| location.file.as_deref());
    let file = file.unwrap_or_default();
    let inside_root = file.strip_prefix(root).filter(|inside| inside.starts_with(['/', '\\']) && !root.is_empty());
    let path = inside_root.unwrap_or(file).replace('\\', "/");
    let link = if inside_root.is_some() { path.trim_start_matches('/') } else { path.as_str() };
    let link = if clean_link(link).is_empty() { RUN } else { link };
    collector.add(&FoundTest {
        link,
        name: link,
        status: ReportedStatus::Failed,
        duration: None,
        message: &error.text(),
        reran: false,
    })
}

struct Walk<'c> {
    collector: &'c mut Collector,
    several_projects: bool,
    /// The file, then the titles of the `describe` blocks around. Bounded, because each of their
    /// tests repeats them.
    path: Vec<String>,
}

impl Walk<'_> {
    fn add_suite(&mut self, json: &RawValue) -> Result<(), ReportError> {
        if self.path.len() >= MAX_SUITE_DEPTH {
            return Err(ReportError::TooDeep { limit: MAX_SUITE_DEPTH });
        }
        let suite: Suite<'_> = read_json(json, FORMAT)?;
        self.path.push(clean_link(suite.title.as_deref().unwrap_or_default()));
        for_each(suite.specs, FORMAT, |json| self.add_spec(json))?;
        for_each(suite.suites, FORMAT, |json| self.add_suite(json))?;
        self.path.pop();
        Ok(())
    }

    fn add_spec(&mut self, json: &RawValue) -> Result<(), ReportError> {
        let spec: Spec<'_> = read_json(json, FORMAT)?;
        let title = clean_link(&spec.title);
        let titles = self.path.iter().skip(1).chain([&title]).map(String::as_str);
        let titles: Vec<&str> = titles.filter(|title| !title.is_empty()).collect();
        let name = titles.join(SEPARATOR);
        let file = self.path.first().map_or("", |file| file);
        let link = clean_link(&format!("{file}{SEPARATOR}{name}"));
        let name = clean_name(&name);
        for_each(spec.tests, FORMAT, |json| self.add_test(&link, &name, json))
    }

    fn add_test(&mut self, link: &str, name: &str, json: &RawValue) -> Result<(), ReportError> {
        let test: Test<'_> = read_json(json, FORMAT)?;
        let mut last: Option<Attempt<'_>> = None;
        for_each(test.results, FORMAT, |json| {
            last = Some(read_json(json, FORMAT)?);
            Ok(())
        })?;
        let status = test.reported_status(last.as_ref());
        let mut message = Excerpt::default();
        match status {
            ReportedStatus::Failed => test.push_errors(last.as_ref(), &mut message)?,
            ReportedStatus::Skipped => test.push_skip_reasons(&mut message)?,
            ReportedStatus::Passed => {}
        }
        let project = test.project_name.as_deref().filter(|_| self.several_projects);
        let prefix = project.map(|project| format!("[{project}]{SEPARATOR}")).unwrap_or_default();
        self.collector.add(&FoundTest {
            link: &format!("{prefix}{link}"),
            name: &format!("{prefix}{name}"),
            status,
            duration: last.and_then(|attempt| seconds(attempt.duration? / 1_000.0)),
            message: message.as_str(),
            reran: false,
        })
    }
}

impl Test<'_> {
    fn reported_status(&self, last: Option<&Attempt<'_>>) -> ReportedStatus {
        let expected = self.expected_status.as_deref().unwrap_or("passed");
        match (self.status.as_deref(), last.and_then(|attempt| attempt.status.as_deref())) {
            (Some("expected" | "flaky"), _) => ReportedStatus::Passed,
            (Some("unexpected"), _) => ReportedStatus::Failed,
            (Some("skipped"), _) | (_, None | Some("skipped" | "interrupted")) => ReportedStatus::Skipped,
            (_, Some(status)) if status == expected => ReportedStatus::Passed,
            (_, Some(_)) => ReportedStatus::Failed,
        }
    }

    fn push_errors(&self, last: Option<&Attempt<'_>>, message: &mut Excerpt) -> Result<(), ReportError> {
        let Some(last) = last else { return Ok(()) };
        for_each(last.errors, FORMAT, |json| {
            message.push_paragraph(&read_json::<TestError<'_>>(json, FORMAT)?.text());
            Ok(())
        })?;
        if message.as_str().is_empty() {
            message.push(&last.error.as_ref().map(TestError::text).unwrap_or_default());
        }
        if message.as_str().is_empty() && self.expected_status.as_deref() == Some("failed") {
            message.push("Expected to fail, but passed.");
        }
        Ok(())
    }

    fn push_skip_reasons(&self, message: &mut Excerpt) -> Result<(), ReportError> {
        for_each(self.annotations, FORMAT, |json| {
            let annotation: Annotation<'_> = read_json(json, FORMAT)?;
            if matches!(annotation.kind.as_deref(), Some("skip" | "fixme")) {
                message.push_paragraph(annotation.description.as_deref().unwrap_or_default());
            }
            Ok(())
        })
    }
}

impl TestError<'_> {
    fn text(&self) -> String {
        let message = self.message.as_deref().or(self.value.as_deref());
        join_message(message.unwrap_or_default(), self.stack.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
