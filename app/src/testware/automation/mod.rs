//! Automation runs: the results of automated tests, as a tool reported them.

pub mod api;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, id};
use crate::model::page::Page;
use crate::model::string_enum;
use crate::model::time::millis;
use crate::testware::case::CaseId;
use crate::testware::execution::{Counts, ResultStatus};

id!(/** An automation run. */ AutomationRunId, "aut");
id!(/** The result of an automated test. */ AutomationResultId, "atr");

impl CatalogSubject for AutomationRun {
    const SUBJECT: Subject = Subject::AutomationRun;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "automation run",
        headline: "Automation run",
        path: "automation-runs",
        id_prefix: AutomationRunId::PREFIX,
        key_letter: 'A',
        icon: Icon::Screen,
        param: "automation_run",
        lead: "The results of automated tests, reported by CI.",
        first_step: "Report the results of your tests from CI, as JUnit XML or as JSON of the tool.",
        completion: Some("No more reports can be added to it. This can't be undone."),
        abort: None,
        deletion: "Its results are deleted with it. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = AutomationRunId;
}

string_enum! {
    /// The format of a report.
    ReportFormat {
        /// JUnit XML, as most tools write it.
        Junit = "junit", "JUnit XML";
        /// The JSON reporter of Playwright.
        Playwright = "playwright", "Playwright";
        /// pytest-json-report.
        Pytest = "pytest", "pytest-json-report";
        /// The lines of JSON of libtest, as cargo-nextest and `cargo test` write them.
        Nextest = "nextest", "cargo-nextest";
        /// The lines of JSON of `go test -json`.
        Go = "go", "go test";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for ReportFormat {
    fn default() -> Self {
        Self::Junit
    }
}

/// An automation run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AutomationRun {
    /// Its ID.
    pub id: AutomationRunId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-A7`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The page of the build, in CI.
    pub url: Option<String>,
    /// The format of its first report.
    pub format: ReportFormat,
    /// Its results by status.
    pub counts: Counts,
    /// The sum of the durations of its tests in milliseconds.
    pub duration_ms: u64,
    /// The number of cases that were created for its tests.
    pub created_cases: u32,
    /// When it was completed.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The user who reported it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// The result of an automated test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AutomationResult {
    /// Its ID.
    pub id: AutomationResultId,
    /// The name of the test in its report, by which its case is found.
    pub automation_link: String,
    /// The name of the test, for people.
    pub name: String,
    /// Passed, failed or skipped.
    pub status: ResultStatus,
    /// How long the test took in milliseconds, if the report says so.
    pub duration_ms: Option<u64>,
    /// Why it failed or was skipped; at most 8 KiB.
    pub message: String,
    /// The case that it tests.
    pub case_id: Option<CaseId>,
    /// The key of the case.
    pub case_key: Option<String>,
}

/// An automation run with a page of its results, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutomationRunOverview {
    /// The run.
    pub run: AutomationRun,
    /// A page of its results, in the order of the reports.
    pub results: Page<AutomationResult>,
}

/// What to do with a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ReportOptions {
    /// The name of the run, 1 to 100 characters. The default names the format.
    pub name: Option<String>,
    /// The page of the build: an http or https URL.
    pub url: Option<String>,
    /// Whether a case is created for each test that no case is linked to; false by default.
    pub create_cases: Option<bool>,
    /// Whether the run is completed; true by default. If not, further reports can be added.
    pub complete: Option<bool>,
}

/// How to add a report to a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct AddReportOptions {
    /// See [`ReportOptions::create_cases`].
    pub create_cases: Option<bool>,
}

/// The fields of a run. A report sets them; they don't change.
#[derive(Clone, Debug, Default)]
pub struct AutomationRunFields {
    /// See [`ReportOptions::name`].
    pub name: Option<String>,
    /// See [`ReportOptions::url`].
    pub url: Option<String>,
}

/// The filters of a list of automation runs. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct AutomationRunQuery {
    /// Words in name or key, case-insensitive.
    pub search: Option<String>,
    /// Only completed ones, or only open ones.
    pub completed: Option<bool>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

/// The filters of the results of an automation run, in the order of its reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct AutomationResultQuery {
    /// Only with this status.
    pub status: Option<ResultStatus>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{AutomationRun, AutomationRunFields, AutomationRunQuery};
    use crate::model::page::PageQuery;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for AutomationRun {
        type Create = AutomationRunFields;
        type Update = AutomationRunFields;
        type Query = AutomationRunQuery;
        type Detail = Self;
    }

    impl From<ItemQuery> for AutomationRunQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, completed, limit, cursor, .. } = query;
            Self { search, completed, limit, cursor }
        }
    }

    impl ListQuery for AutomationRunQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }

    impl From<AutomationRun> for TestwareItem {
        fn from(run: AutomationRun) -> Self {
            Self {
                id: run.id.into(),
                project_id: run.project_id,
                key: run.key,
                title: run.name,
                parent: None,
                columns: vec![run.format.label().to_owned()],
                labels: Vec::new(),
                state: None,
                completed_at: run.completed_at,
                aborted: false,
                counts: run.counts,
                updated_at: run.updated_at,
            }
        }
    }
}
