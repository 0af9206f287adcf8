//! What the formats in JSON share. Arrays are visited element by element instead of being read
//! into memory, because `[{},{},…]` would need many times the size of the file.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{ReportError, ReportFormat};

/// A tool's own output may come before the first line of JSON.
const MAX_PREAMBLE_LINES: usize = 10_000;

/// What a file with an event in each line contains.
pub enum EventKind {
    Go,
    Libtest,
}

#[derive(Deserialize)]
struct Probe<'a> {
    #[serde(rename = "Action", borrow)]
    action: Option<Text<'a>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    event: Option<IgnoredAny>,
}

/// By the first line that is such an event; `None` for a single JSON document.
pub fn event_kind(text: &str) -> Option<EventKind> {
    events::<Probe<'_>>(text.lines().take(MAX_PREAMBLE_LINES)).find_map(|probe| {
        match (probe.action.as_deref(), probe.kind.as_deref(), probe.event) {
            (Some("start" | "run" | "output" | "pass" | "fail" | "skip" | "build-output" | "build-fail"), _, _) => {
                Some(EventKind::Go)
            }
            (_, Some("suite" | "test" | "bench"), Some(_)) => Some(EventKind::Libtest),
            _ => None,
        }
    })
}

/// The lines that are events. Other lines are what the tool or a test printed.
pub fn events<'a, T: Deserialize<'a>>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = T> {
    lines.map(str::trim).filter(|line| line.starts_with('{')).filter_map(|line| serde_json::from_str(line).ok())
}

/// The top level of a Playwright or pytest report.
#[derive(Deserialize)]
pub struct Document<'a> {
    #[serde(borrow)]
    pub config: Option<&'a RawValue>,
    #[serde(borrow)]
    pub suites: Option<&'a RawValue>,
    #[serde(borrow)]
    pub errors: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tests: Option<&'a RawValue>,
    #[serde(borrow)]
    pub collectors: Option<&'a RawValue>,
    #[serde(borrow)]
    pub exitcode: Option<&'a RawValue>,
}

impl<'a> Document<'a> {
    /// Reads from the first line that begins with `{` to the end of that object, because scripts
    /// print before and after it.
    pub fn parse(text: &'a str) -> Result<Self, ReportError> {
        let start = if text.starts_with('{') { Some(0) } else { text.find("\n{") };
        let json = start.and_then(|start| text.get(start..)).ok_or(ReportError::UnknownFormat)?;
        let preamble = text.get(..start.unwrap_or_default()).unwrap_or_default();
        Self::deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| {
            if error.is_data() {
                return ReportError::UnknownFormat;
            }
            let lines_before = preamble.matches('\n').count();
            ReportError::BrokenJson { line: error.line().saturating_add(lines_before), column: error.column() }
        })
    }

    pub fn is_playwright(&self) -> bool {
        self.config.is_some() && self.suites.is_some()
    }

    pub fn is_pytest(&self) -> bool {
        self.exitcode.is_some() && (self.tests.is_some() || self.collectors.is_some())
    }
}

/// Reads one element.
pub fn read<'a, T: Deserialize<'a>>(json: &'a RawValue, format: ReportFormat) -> Result<T, ReportError> {
    serde_json::from_str(json.get()).map_err(|_| ReportError::UnexpectedFields { format })
}

/// Visits the elements of an array in turn; none if the array is missing.
pub fn for_each<'a>(
    array: Option<&'a RawValue>,
    format: ReportFormat,
    visit: impl FnMut(&'a RawValue) -> Result<(), ReportError>,
) -> Result<(), ReportError> {
    let Some(array) = array else { return Ok(()) };
    let mut visited = Ok(());
    let elements = Elements { visit, visited: &mut visited };
    let read = serde_json::Deserializer::from_str(array.get()).deserialize_seq(elements);
    visited.and(read.map_err(|_| ReportError::UnexpectedFields { format }))
}

struct Elements<'v, F> {
    visit: F,
    visited: &'v mut Result<(), ReportError>,
}

impl<'a, F: FnMut(&'a RawValue) -> Result<(), ReportError>> Visitor<'a> for Elements<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element()? {
            if let Err(error) = (self.visit)(element) {
                *self.visited = Err(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// A string of JSON. Half a character beyond U+FFFF, as tools write when they cut a text, becomes
/// U+FFFD instead of an error.
#[derive(Debug, Default)]
pub struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(decode(bytes))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(decode(bytes).into_owned()))
    }
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(bytes) {
        // serde_json gives half a character as three bytes, none of them valid.
        Cow::Owned(text) => Cow::Owned(text.replace("\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}")),
        valid => valid,
    }
}
