//! Parsers for the result files of automated tests. [`parse`] recognises the format by the content
//! and returns one result per test, in the order of the file.
//!
//! The files come from outside and may be hostile: parsing never panics, never expands entities,
//! and the needed memory is bounded by the size of the file and [`MAX_TESTS`]. The caller limits
//! that size, and runs [`parse`] on a blocking thread.
//!
//! A failure outside of a test (a file that can't be collected, a package that doesn't build) is
//! reported as a failed test by the name of the file, package or suite, so that it isn't lost. If
//! it belongs to none of them, the name is that of the tool.

mod collector;
mod go;
mod json;
mod junit;
mod nextest;
mod playwright;
mod pytest;
mod text;

use app::testware::automation::ReportFormat;
use collector::Collector;
use json::{Document, EventKind};

/// The most different tests in a file.
pub const MAX_TESTS: usize = 50_000;
/// The longest [`ReportedTest::link`], in characters.
pub const MAX_LINK_CHARS: usize = 500;
/// The longest [`ReportedTest::name`], in characters.
pub const MAX_NAME_CHARS: usize = 500;
/// The longest [`ReportedTest::message`], in bytes.
pub const MAX_MESSAGE_BYTES: usize = 8 * 1024;

/// What a file says about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedReport {
    /// At least one and at most [`MAX_TESTS`], in the order of the file, each link once.
    pub tests: Vec<ReportedTest>,
}

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedTest {
    /// The stable identity of the test, by which its case is found; never empty, at most
    /// [`MAX_LINK_CHARS`] characters. A longer one is cut and ends in `#` and 16 hex digits of its
    /// SHA-256. Control characters and white space in a row are one space. By format:
    /// - JUnit: `classname.name`, or `name` if there is no class name.
    /// - Playwright: `file › describe › title`, with `[project] › ` before it if the configuration
    ///   has several projects.
    /// - pytest: the node ID, e.g. `tests/test_cart.py::TestCart::test_add[1]`.
    /// - nextest: the name as written, `crate::binary$module::test`, without the suffix of retries
    ///   and stress runs. `cargo test` writes `module::test` only.
    /// - Go: `package.TestName/sub`.
    pub link: String,
    /// What people read, on one line, at most [`MAX_NAME_CHARS`] characters: the link without
    /// class, file, package or binary.
    pub name: String,
    /// The result. If a link occurs several times, a failure wins over a pass, and a pass over a
    /// skipped test.
    pub status: ReportedStatus,
    /// How long the test took, in milliseconds, at most a year; `None` if the file doesn't say.
    /// If a link occurs several times, the sum. For Playwright, the last attempt only.
    pub duration_ms: Option<u64>,
    /// Why it failed: the error message, then the stack or the output, without ANSI escapes. Why
    /// it was skipped, if the file says so. Empty if it passed. At most [`MAX_MESSAGE_BYTES`].
    pub message: String,
}

/// The result of a test, in the order in which the results of one link are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportedStatus {
    /// Not run, or a failure that pytest was told to expect.
    Skipped,
    /// Passed, also after a retry, and a failure that Playwright was told to expect.
    Passed,
    /// Failed, or broke off with an error.
    Failed,
}

/// Why a file can't be read as a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// No bytes, or only white space.
    #[error("The file is empty. Upload the report that the tool wrote.")]
    Empty,
    /// None of [`ReportFormat`].
    #[error(
        "The format is unknown. Upload JUnit XML, or the JSON of Playwright, pytest-json-report, cargo-nextest or go test."
    )]
    UnknownFormat,
    /// Not well-formed, or cut off.
    #[error("The XML is broken in line {line}. Upload the complete file as the tool wrote it.")]
    BrokenXml {
        /// From 1.
        line: usize,
    },
    /// More levels of elements or suites than any tool writes.
    #[error("The report is nested deeper than {limit} levels. Upload the file as the tool wrote it.")]
    TooDeep {
        /// The most levels.
        limit: usize,
    },
    /// Not valid JSON, or cut off.
    #[error("The JSON is broken in line {line}, column {column}. Upload the complete file as the tool wrote it.")]
    BrokenJson {
        /// From 1.
        line: usize,
        /// From 1; 0 if the line is empty.
        column: usize,
    },
    /// Valid JSON of a known format, but a field isn't what that format has there.
    #[error("The {} report has unexpected fields. Upload the file as the tool wrote it.", .format.label())]
    UnexpectedFields {
        /// The format by the other fields.
        format: ReportFormat,
    },
    /// Nothing was run.
    #[error("The report has no tests. Check that the run selects some.")]
    NoTests,
    /// More than [`MAX_TESTS`], or more than ten times as many results of them.
    #[error("The report has more than 50,000 tests. Split it into several files.")]
    TooManyTests,
}

/// Recognises the format of a report and reads its tests.
///
/// # Errors
/// A sentence for people, if the file isn't a report, is broken, or has no or too many tests.
pub fn parse(bytes: &[u8]) -> Result<(ReportFormat, ParsedReport), ReportError> {
    let text = text::decode(bytes);
    let text = text.trim_start();
    if text.is_empty() {
        return Err(ReportError::Empty);
    }
    let mut collector = Collector::default();
    let format = if text.starts_with('<') {
        junit::read(text, &mut collector)?;
        ReportFormat::Junit
    } else if let Some(kind) = json::event_kind(text) {
        match kind {
            EventKind::Go => go::read(text, &mut collector).map(|()| ReportFormat::Go)?,
            EventKind::Libtest => nextest::read(text, &mut collector).map(|()| ReportFormat::Nextest)?,
        }
    } else {
        let document = Document::parse(text)?;
        if document.is_playwright() {
            playwright::read(&document, &mut collector)?;
            ReportFormat::Playwright
        } else if document.is_pytest() {
            pytest::read(&document, &mut collector)?;
            ReportFormat::Pytest
        } else {
            return Err(ReportError::UnknownFormat);
        }
    };
    Ok((format, collector.finish()?))
}

#[cfg(test)]
mod tests;
