//! Imports of test cases from files of other tools, and how their columns are mapped.

pub mod api;
pub(crate) mod page;
mod preview;
mod progress;
mod upload;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::id::{ProjectId, id};
use crate::model::string_enum;
use crate::model::time::millis;

id!(/** An import of test cases. */ ImportId, "imp");

/// The maximum size of an imported file in bytes.
pub const MAX_IMPORT_BYTES: usize = 20 * 1024 * 1024;
/// The maximum number of test cases in an imported file.
pub const MAX_IMPORTED_CASES: usize = 10_000;
/// The number of cases in a preview.
pub const PREVIEW_CASES: usize = 20;
/// The number of problems in a preview.
pub const PREVIEW_PROBLEMS: usize = 100;

string_enum! {
    /// The format of an imported file.
    ImportFormat {
        /// The cases that Testbell exports.
        TestbellCsv = "testbell_csv", "Testbell (CSV)";
        /// Any table with one case per row, or one step per row.
        Csv = "csv", "CSV";
        /// The XML that TestRail exports.
        TestrailXml = "testrail_xml", "TestRail (XML)";
        /// The table of Xray's Test Case Importer.
        XrayCsv = "xray_csv", "Xray (CSV)";
        /// The export of Zephyr Scale or Zephyr Squad as CSV.
        ZephyrCsv = "zephyr_csv", "Zephyr (CSV)";
        /// The export of Qase as CSV.
        QaseCsv = "qase_csv", "Qase (CSV)";
        /// The export of Qase as JSON.
        QaseJson = "qase_json", "Qase (JSON)";
        /// The export of Testmo as CSV.
        TestmoCsv = "testmo_csv", "Testmo (CSV)";
        /// Cases of Testmo as JSON, as its API and its exports have them.
        TestmoJson = "testmo_json", "Testmo (JSON)";
    }
}

string_enum! {
    /// What a column of a CSV file becomes. A column can also become a custom field, by the ID of the field.
    ColumnTarget {
        /// It is left out.
        Ignore = "ignore", "Don't import";
        /// What the rows of one case have in common. It is not stored.
        Id = "id", "ID (groups the rows of a case)";
        /// The title.
        Title = "title", "Title";
        /// The suite, as a path.
        Suite = "suite", "Suite";
        /// Text before the preconditions.
        Description = "description", "Description";
        /// The preconditions.
        Preconditions = "preconditions", "Preconditions";
        /// The action of a step, or all steps.
        Action = "action", "Step: action";
        /// The test data of a step.
        Data = "data", "Step: test data";
        /// The expected result of a step, or of all steps.
        Expected = "expected", "Step: expected result";
        /// The priority.
        Priority = "priority", "Priority";
        /// The labels.
        Labels = "labels", "Labels";
        /// The names of automated tests.
        AutomationLinks = "automation_links", "Automation links";
        /// Active or archived.
        State = "state", "State";
    }
}

string_enum! {
    /// The state of an import.
    ImportStatus {
        /// Cases are being created. They can't be seen yet.
        Running = "running", "Running";
        /// All cases were created.
        Completed = "completed", "Completed";
        /// No case was created.
        Failed = "failed", "Failed";
        /// The server stopped before the end. No case was created.
        Interrupted = "interrupted", "Interrupted";
    }
}

string_enum! {
    /// How bad a problem of a file is.
    ProblemKind {
        /// The file can't be imported until it is fixed.
        Error = "error", "Error";
        /// The case is imported, but not all of it.
        Warning = "warning", "Warning";
    }
}

/// How to read a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ImportOptions {
    /// The format; recognised by the content if it is missing.
    #[cfg_attr(feature = "ssr", param(inline))]
    pub format: Option<ImportFormat>,
    /// What the columns of a CSV file become: a JSON object of column names, each with `ignore`, `id`, `title`, `suite`,
    /// `description`, `preconditions`, `action`, `data`, `expected`, `priority`, `labels`, `automation_links`, `state` or
    /// the ID of a custom field. Other columns are mapped by their names.
    pub mapping: Option<String>,
    /// The name of the file, for the list of imports and the audit log; at most 200 characters.
    pub file_name: Option<String>,
}

/// A column of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportColumn {
    /// Its name.
    pub name: String,
    /// What it becomes: see the parameter `mapping`.
    pub target: String,
    /// The beginning of its first value.
    pub sample: String,
}

/// A problem of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportProblem {
    /// The line of a CSV file, or the number of the case in another file; null if it is about the whole file.
    pub row: Option<u32>,
    /// Whether it prevents the import.
    pub kind: ProblemKind,
    /// The problem, in a sentence.
    pub message: String,
}

/// A test case as an import would create it. Preconditions, steps and custom fields are cut after 300 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PreviewCase {
    /// See [`ImportProblem::row`].
    pub row: u32,
    /// Its title.
    pub title: String,
    /// The names of its suites, the outermost first.
    pub suite: Vec<String>,
    /// The preconditions.
    pub preconditions: String,
    /// Each action with its expected result.
    pub steps: Vec<PreviewStep>,
    /// The label of the priority.
    pub priority: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its automation links.
    pub automation_links: Vec<String>,
    /// The custom fields, e.g. "Browser: Firefox".
    pub custom_fields: Vec<String>,
}

/// A step of a [`PreviewCase`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PreviewStep {
    /// The action.
    pub action: String,
    /// The expected result.
    pub expected: String,
}

/// What an import would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportPreview {
    /// The format.
    pub format: ImportFormat,
    /// The columns of a CSV file; empty for another format.
    pub columns: Vec<ImportColumn>,
    /// How many cases it would create.
    pub case_count: u32,
    /// How many suites it would create.
    pub suite_count: u32,
    /// How many steps the cases have.
    pub step_count: u32,
    /// The number of errors. The import is refused if there is one.
    pub error_count: u32,
    /// The number of warnings.
    pub warning_count: u32,
    /// The first 100 problems, errors first.
    pub problems: Vec<ImportProblem>,
    /// The first 20 cases.
    pub cases: Vec<PreviewCase>,
}

/// An import of test cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Its ID.
    pub id: ImportId,
    /// The project.
    pub project_id: ProjectId,
    /// The format of the file.
    pub format: ImportFormat,
    /// The name of the file; empty if it is unknown.
    pub file_name: String,
    /// The state.
    pub status: ImportStatus,
    /// How many cases are to be created.
    pub total: u32,
    /// How many cases were written so far. They can be seen when the import is completed. Only the server that runs the
    /// import knows it; others say 0 until the end.
    pub done: u32,
    /// How many suites were created.
    pub suites: u32,
    /// Why it failed.
    pub error: Option<String>,
    /// The name of the user who started it.
    pub requested_by: String,
    /// When it was started.
    #[serde(serialize_with = "millis")]
    pub requested_at: DateTime<Utc>,
    /// When it ended.
    #[serde(serialize_with = "millis")]
    pub finished_at: Option<DateTime<Utc>>,
}

/// What the page of imports shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOverview {
    /// The latest imports, newest first.
    pub latest: Vec<Import>,
    /// The custom fields that a column can become: IDs with their names.
    pub fields: Vec<(String, String)>,
}
