//! The lines of JSON of `go test -json` and `go tool test2json`. The link of a test is
//! `package.TestName/sub`. A test with subtests is reported like each of them.
//!
//! A package that failed without a failed test (it doesn't build, or its process exits) is reported
//! as a failed test by the name of the package.

use std::collections::BTreeMap;
use std::mem;

use serde::Deserialize;

use super::collector::{Collector, FoundTest, seconds};
use super::json::{Text, events};
use super::nextest::NOT_FINISHED;
use super::text::{Excerpt, join_paragraphs};
use super::{MAX_TESTS, ReportError, ReportedStatus};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TestEvent<'a> {
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow)]
    package: Option<Text<'a>>,
    #[serde(borrow)]
    test: Option<Text<'a>>,
    /// In seconds.
    elapsed: Option<f64>,
    #[serde(borrow)]
    output: Option<Text<'a>>,
    /// What was built, for the actions `build-output` and `build-fail`.
    #[serde(borrow)]
    import_path: Option<Text<'a>>,
    /// The import path that made a package fail.
    #[serde(borrow)]
    failed_build: Option<Text<'a>>,
}

#[derive(Default)]
struct Package {
    failed: bool,
    has_failed_test: bool,
    output: Excerpt,
    failed_build: Option<String>,
}

#[derive(Default)]
struct Run {
    /// Tests without a result so far, by package and name, with their output.
    running: BTreeMap<(String, String), Excerpt>,
    packages: BTreeMap<String, Package>,
    /// The output of the compiler by import path.
    builds: BTreeMap<String, Excerpt>,
}

pub fn read(text: &str, collector: &mut Collector) -> Result<(), ReportError> {
    let mut run = Run::default();
    for line in text.lines() {
        if let Some(event) = events::<TestEvent<'_>>([line].into_iter()).next() {
            run.apply(&event, collector)?;
        } else if let Some((package, _)) = line.strip_prefix("FAIL\t").and_then(|line| line.split_once(" [")) {
            // Before Go 1.24, a package that doesn't build is reported as text.
            run.package(package)?.failed = true;
        }
        if run.running.len() > MAX_TESTS || run.builds.len() > MAX_TESTS {
            return Err(ReportError::TooManyTests);
        }
    }
    run.finish(collector)
}

impl Run {
    fn apply(&mut self, event: &TestEvent<'_>, collector: &mut Collector) -> Result<(), ReportError> {
        let action = &*event.action;
        let output = event.output.as_deref().unwrap_or_default();
        if let Some(import_path) = &event.import_path {
            self.builds.entry(import_path.to_string()).or_default().push(output);
            return Ok(());
        }
        let package = event.package.as_deref().unwrap_or_default();
        let Some(test) = event.test.as_deref().filter(|test| !test.is_empty()) else {
            let package = self.package(package)?;
            package.output.push(output);
            if action == "fail" {
                package.failed = true;
                package.failed_build = event.failed_build.as_deref().map(str::to_owned);
            }
            return Ok(());
        };
        let key = (package.to_owned(), test.to_owned());
        let status = match action {
            "pass" | "bench" => ReportedStatus::Passed,
            "fail" => ReportedStatus::Failed,
            "skip" => ReportedStatus::Skipped,
            "run" => {
                self.running.insert(key, Excerpt::default());
                return Ok(());
            }
            "output" => {
                // Output can follow the result, and then belongs to no result.
                if let Some(kept) = self.running.get_mut(&key).filter(|_| !is_progress(output)) {
                    kept.push(output);
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        if status == ReportedStatus::Failed {
            self.package(package)?.has_failed_test = true;
        }
        let message = self.running.remove(&key).unwrap_or_default();
        add(collector, package, test, status, event.elapsed, message.as_str())
    }

    fn package(&mut self, name: &str) -> Result<&mut Package, ReportError> {
        if self.packages.len() > MAX_TESTS {
            return Err(ReportError::TooManyTests);
        }
        Ok(self.packages.entry(name.to_owned()).or_default())
    }

    fn finish(mut self, collector: &mut Collector) -> Result<(), ReportError> {
        for ((package, test), output) in &self.running {
            let mut message = join_paragraphs(NOT_FINISHED, output.as_str());
            if let Some(package) = self.packages.get_mut(package) {
                package.has_failed_test = true;
                // Once per package: the same output for each test could need much memory.
                message = join_paragraphs(&message, mem::take(&mut package.output).as_str());
            }
            add(collector, package, test, ReportedStatus::Failed, None, &message)?;
        }
        for (name, package) in self.packages.iter().filter(|(_, package)| package.failed && !package.has_failed_test) {
            // Only for the first package that needs the build, for the same reason.
            let build = package.failed_build.as_ref().and_then(|build| self.builds.remove(build)).unwrap_or_default();
            let message = join_paragraphs(build.as_str(), package.output.as_str());
            let (status, message) = (ReportedStatus::Failed, message.as_str());
            collector.add(&FoundTest { link: name, name, status, duration: None, message, reran: false })?;
        }
        Ok(())
    }
}

fn add(
    collector: &mut Collector,
    package: &str,
    test: &str,
    status: ReportedStatus,
    elapsed: Option<f64>,
    message: &str,
) -> Result<(), ReportError> {
    // test2json knows the package only if its option -p says so.
    let link = if package.is_empty() { test.to_owned() } else { format!("{package}.{test}") };
    let duration = elapsed.and_then(seconds);
    collector.add(&FoundTest { link: &link, name: test, status, duration, message, reran: false })
}

/// Lines such as `=== RUN   TestCart` and `--- FAIL: TestCart (0.00s)`, which repeat the events.
fn is_progress(output: &str) -> bool {
    let line = output.trim_start();
    let is_any = |prefixes: &[&str]| prefixes.iter().any(|prefix| line.starts_with(prefix));
    is_any(&[
        "=== RUN ",
        "=== PAUSE ",
        "=== CONT ",
        "=== NAME ",
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "--- BENCH: ",
    ])
}

#[cfg(test)]
mod tests;
