//! Parsers for files with test cases. [`parse`] recognises the format by the content and returns the cases in the order
//! of the file, as texts: what a project accepts is checked later.
//!
//! The files come from outside and may be hostile: parsing never panics and never expands entities, and the needed memory
//! is bounded by the size of the file. The caller limits that size, and runs [`parse`] on a blocking thread.

mod columns;
mod csv_cases;
mod csv_table;
mod generic_csv;
mod json;
mod numbered;
mod qase_csv;
mod qase_json;
mod suite_path;
mod testbell_csv;
mod testmo_csv;
mod testmo_json;
mod testrail;
mod text;
mod xray;
mod zephyr;

use std::collections::BTreeMap;

use app::imports::{ImportColumn, ImportFormat, ImportProblem, MAX_IMPORTED_CASES, ProblemKind};
use app::testware::case::Step;
use app::testware::custom_field::CustomFieldId;
use columns::normalized;
use csv_cases::CsvFormat;
use csv_table::Table;

pub use testbell_csv::{FIELD_PREFIX, SUITE_COLUMN, escaped_cell, join_list, join_path};

/// The custom fields of the project.
pub type FieldNames = [(CustomFieldId, String)];

/// What users chose for columns, by their names.
pub type Mapping = BTreeMap<String, String>;

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedFile {
    pub format: ImportFormat,
    /// Empty if the format has no table.
    pub columns: Vec<ImportColumn>,
    /// At most [`MAX_IMPORTED_CASES`].
    pub cases: Vec<ParsedCase>,
    pub problems: Vec<ImportProblem>,
}

/// A case as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedCase {
    /// The line of a CSV file, or the number of the case.
    pub row: u32,
    pub title: String,
    /// The names of its suites, the outermost first.
    pub suite: Vec<String>,
    pub preconditions: String,
    pub steps: Vec<Step>,
    pub priority: String,
    pub labels: Vec<String>,
    pub automation_links: Vec<String>,
    pub state: String,
    pub fields: Vec<(FieldName, String)>,
}

/// How a file names a custom field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// Chosen in the mapping, or by the name of the column.
    Id(CustomFieldId),
    /// Left out if the project has none of this name.
    Name(String),
}

/// Why a file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("The file is empty. Choose the file that the other tool exported.")]
    Empty,
    #[error("The file is not text in UTF-8. Save it as CSV in UTF-8, or export it as XML or JSON.")]
    NotText,
    #[error("The JSON is of none of the known tools. Export the cases as CSV, or choose the format.")]
    UnknownJson,
    #[error("This is no {} file. Choose another format, or let Testbell recognise it.", .0.label())]
    OtherFormat(ImportFormat),
    #[error("The XML is broken in line {line}. Choose the complete file as the tool exported it.")]
    BrokenXml { line: usize },
    #[error("The file is nested deeper than {limit} levels. Choose the file as the tool exported it.")]
    TooDeep { limit: usize },
    #[error("The JSON is broken in line {line}, column {column}. Choose the complete file as the tool exported it.")]
    BrokenJson { line: usize, column: usize },
    #[error("A quote that begins in line {line} never ends. Export the file again, or close the quote.")]
    OpenQuote { line: usize },
    #[error("The first line needs the names of the columns, each up to 200 characters, and at most 200 of them.")]
    InvalidHeader,
    #[error("The file has too many rows and columns. Split it into several files.")]
    TooManyCells,
    #[error("The file has no test cases.")]
    NoCases,
    #[error("The file has more than 10,000 test cases. Split it into several files.")]
    TooManyCases,
    #[error("The file has no column {0}.")]
    UnknownColumn(String),
    #[error("The column {0} can't become {1}. Choose a field of test cases, or the ID of a custom field.")]
    UnknownTarget(String, String),
}

/// How a format is read.
enum Reader {
    /// A table whose columns users can map.
    Table(&'static CsvFormat),
    /// A document with a fixed meaning.
    Document(fn(&str, &mut CaseList) -> Result<(), FileError>),
}

const fn reader(format: ImportFormat) -> Reader {
    match format {
        ImportFormat::TestbellCsv => Reader::Table(&testbell_csv::FORMAT),
        ImportFormat::Csv => Reader::Table(&generic_csv::FORMAT),
        ImportFormat::XrayCsv => Reader::Table(&xray::FORMAT),
        ImportFormat::ZephyrCsv => Reader::Table(&zephyr::FORMAT),
        ImportFormat::QaseCsv => Reader::Table(&qase_csv::FORMAT),
        ImportFormat::TestmoCsv => Reader::Table(&testmo_csv::FORMAT),
        ImportFormat::TestrailXml => Reader::Document(testrail::read),
        ImportFormat::QaseJson => Reader::Document(qase_json::read),
        ImportFormat::TestmoJson => Reader::Document(testmo_json::read),
    }
}

/// Reads the cases of a file. A table without a column for the title has no cases but an error, so that users can choose
/// the column.
///
/// # Errors
/// A sentence for people.
pub fn parse(
    bytes: &[u8],
    format: Option<ImportFormat>,
    mapping: &Mapping,
    fields: &FieldNames,
) -> Result<ParsedFile, FileError> {
    let text = text::decode(bytes)?;
    let start = text.trim_start();
    let is_table = match start.chars().next() {
        None => return Err(FileError::Empty),
        Some('<' | '{' | '[') => false,
        Some(_) => true,
    };
    // A table may also begin with such a character, if users say that it is one.
    let chosen_table = matches!(format.map(reader), Some(Reader::Table(_)));
    if is_table || chosen_table {
        let table = Table::read(&text)?;
        let format = format.unwrap_or_else(|| detect_table(&table));
        return match reader(format) {
            Reader::Table(of) => csv_cases::read(format, of, table, mapping, fields),
            Reader::Document(_) => Err(FileError::OtherFormat(format)),
        };
    }
    let format = match format {
        Some(format) => format,
        None if start.starts_with('<') => ImportFormat::TestrailXml,
        None => json::detect(start)?,
    };
    if let Some(name) = mapping.keys().next() {
        return Err(FileError::UnknownColumn(name.clone()));
    }
    let Reader::Document(read) = reader(format) else { return Err(FileError::OtherFormat(format)) };
    if start.starts_with('<') != (format == ImportFormat::TestrailXml) {
        return Err(FileError::OtherFormat(format));
    }
    let mut list = CaseList::default();
    read(start, &mut list)?;
    let cases = list.finish()?;
    Ok(ParsedFile { format, columns: Vec::new(), cases, problems: Vec::new() })
}

/// The format of a table by the names of its columns.
fn detect_table(table: &Table) -> ImportFormat {
    let names: Vec<String> = table.headers.iter().map(|header| normalized(header)).collect();
    let is_of = |format: &&ImportFormat| matches!(reader(**format), Reader::Table(of) if (of.is)(&names));
    // The generic format is any table.
    let special = ImportFormat::ALL.iter().filter(|format| **format != ImportFormat::Csv);
    special.copied().find(|format| is_of(&format)).unwrap_or(ImportFormat::Csv)
}

/// Collects cases up to the limit.
#[derive(Default)]
struct CaseList(Vec<ParsedCase>);

impl CaseList {
    /// Adds a case of a document, which gets the next number.
    fn add(&mut self, case: ParsedCase) -> Result<(), FileError> {
        let row = u32::try_from(self.0.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.add_row(ParsedCase { row, ..case })
    }

    fn add_row(&mut self, case: ParsedCase) -> Result<(), FileError> {
        if self.0.len() >= MAX_IMPORTED_CASES {
            return Err(FileError::TooManyCases);
        }
        self.0.push(case);
        Ok(())
    }

    fn finish(self) -> Result<Vec<ParsedCase>, FileError> {
        if self.0.is_empty() { Err(FileError::NoCases) } else { Ok(self.0) }
    }
}

/// A problem of a row, or of the whole file.
pub fn problem(row: Option<u32>, kind: ProblemKind, message: impl Into<String>) -> ImportProblem {
    ImportProblem { row, kind, message: message.into() }
}

/// A step with its test data, which Testbell has no field for.
fn step(action: &str, data: &str, expected: &str) -> Step {
    let (action, data) = (action.trim(), data.trim());
    let action = match (action.is_empty(), data.is_empty()) {
        (_, true) => action.to_owned(),
        (true, false) => format!("Test data: {data}"),
        (false, false) => format!("{action}\n\nTest data: {data}"),
    };
    Step { action, expected: expected.trim().to_owned(), ..Step::default() }
}

/// Texts with a blank line between them, without empty ones.
fn paragraphs<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// A text with its name before it, or nothing.
fn named(name: &str, text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("{name}: {text}") }
}

/// Whether all of these columns are there.
fn has_all(names: &[String], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| names.iter().any(|name| name == wanted))
}

/// Whether one of these columns is there.
fn has_any(names: &[String], wanted: &[&str]) -> bool {
    wanted.iter().any(|wanted| names.iter().any(|name| name == wanted))
}

#[cfg(test)]
mod tests;
