//! CI jobs: jobs of the team's CI system, which Testbell queues and the CI system completes.

pub mod api;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, id};
use crate::model::string_enum;
use crate::model::time::millis;
use crate::testware::automation::AutomationRunId;
use crate::testware::item::TestwareItem;

id!(/** A CI job. */ CiJobId, "job");

impl CatalogSubject for CiJob {
    const SUBJECT: Subject = Subject::CiJob;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "CI job",
        headline: "CI job",
        path: "ci-jobs",
        id_prefix: CiJobId::PREFIX,
        key_letter: 'J',
        icon: Icon::Job,
        param: "ci_job",
        lead: "Jobs that Testbell starts in Jenkins, GitHub Actions or another CI system.",
        first_step: "Add a webhook for queued CI jobs to your CI system. Then start a job here.",
        completion: Some("The job becomes read-only. This can't be undone."),
        abort: None,
        deletion: "",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = CiJobId;
}

string_enum! {
    /// The status of a CI job.
    CiJobStatus {
        /// It waits for the CI system.
        Queued = "queued", "Queued";
        /// The CI system has started it.
        Running = "running", "Running";
        /// It is completed, and everything passed.
        Passed = "passed", "Passed";
        /// It is completed, and something failed.
        Failed = "failed", "Failed";
        /// It is completed, because somebody stopped it.
        Cancelled = "cancelled", "Cancelled";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for CiJobStatus {
    fn default() -> Self {
        Self::Queued
    }
}

string_enum! {
    /// The outcome of a completed CI job.
    CiJobOutcome {
        /// Everything passed.
        Passed = "passed", "Passed";
        /// Something failed.
        Failed = "failed", "Failed";
        /// Somebody stopped it, or it never ran.
        Cancelled = "cancelled", "Cancelled";
    }
}

impl From<CiJobOutcome> for CiJobStatus {
    fn from(outcome: CiJobOutcome) -> Self {
        match outcome {
            CiJobOutcome::Passed => Self::Passed,
            CiJobOutcome::Failed => Self::Failed,
            CiJobOutcome::Cancelled => Self::Cancelled,
        }
    }
}

/// A CI job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CiJob {
    /// Its ID.
    pub id: CiJobId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-J4`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The branch; may be empty.
    pub branch: String,
    /// The commit; may be empty.
    pub commit: String,
    /// The page of the job in the CI system.
    pub url: Option<String>,
    /// The parameters, by name.
    pub parameters: BTreeMap<String, String>,
    /// The status.
    pub status: CiJobStatus,
    /// The automation run with its results.
    pub automation_run_id: Option<AutomationRunId>,
    /// The user who queued it.
    pub author: String,
    /// When it was queued.
    #[serde(serialize_with = "millis")]
    pub queued_at: DateTime<Utc>,
    /// When the CI system started it, if the CI system has said so.
    #[serde(serialize_with = "millis")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it was completed and became read-only.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

impl CiJob {
    /// How long it took in seconds, from its start or else from when it was queued; `None` before it is completed.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<u32> {
        let began = self.started_at.unwrap_or(self.queued_at);
        self.completed_at.map(|ended| u32::try_from((ended - began).num_seconds()).unwrap_or_default())
    }
}

/// A CI job with its automation run, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CiJobOverview {
    /// The job.
    pub job: CiJob,
    /// The automation run with its results.
    pub automation_run: Option<TestwareItem>,
}

/// Queues a CI job.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateCiJob {
    /// 1 to 100 characters.
    pub name: String,
    /// At most 255 characters.
    #[serde(default)]
    pub branch: String,
    /// At most 100 characters.
    #[serde(default)]
    pub commit: String,
    /// The page of the job in the CI system: an http or https URL.
    pub url: Option<String>,
    /// At most 20 parameters. A name has up to 50 letters, digits and `_`, and no digit first. A value has up to 500
    /// characters on one line. All of them have at most 4 KiB.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// What the CI system says about a job that is not completed. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateCiJob {
    /// `running`, once the CI system has started it.
    pub status: Option<CiJobStatus>,
    /// See [`CreateCiJob::branch`].
    pub branch: Option<String>,
    /// See [`CreateCiJob::commit`].
    pub commit: Option<String>,
    /// See [`CreateCiJob::url`]; an empty text removes it.
    pub url: Option<String>,
}

/// Completes a CI job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CompleteCiJob {
    /// The outcome.
    pub outcome: CiJobOutcome,
    /// See [`CreateCiJob::url`]. Absent, the URL stays.
    pub url: Option<String>,
    /// The automation run with its results, in the same project.
    pub automation_run_id: Option<AutomationRunId>,
}

/// The filters of a list of CI jobs. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct CiJobQuery {
    /// Words in name, branch or key, case-insensitive.
    pub search: Option<String>,
    /// Only with this status.
    pub status: Option<CiJobStatus>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

/// The fields of a CI job that users and the CI system enter.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default)]
pub struct CiJobFields {
    /// See [`CreateCiJob::name`].
    pub name: Option<String>,
    /// See [`CreateCiJob::branch`].
    pub branch: Option<String>,
    /// See [`CreateCiJob::commit`].
    pub commit: Option<String>,
    /// See [`CreateCiJob::url`].
    pub url: Option<String>,
    /// See [`CreateCiJob::parameters`].
    pub parameters: Option<BTreeMap<String, String>>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CiJob, CiJobFields, CiJobQuery, CreateCiJob};
    use crate::model::page::PageQuery;
    use crate::testware::execution::Counts;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for CiJob {
        type Create = CreateCiJob;
        type Update = CiJobFields;
        type Query = CiJobQuery;
        type Detail = Self;
    }

    impl From<CreateCiJob> for CiJobFields {
        fn from(CreateCiJob { name, branch, commit, url, parameters }: CreateCiJob) -> Self {
            Self { name: Some(name), branch: Some(branch), commit: Some(commit), url, parameters: Some(parameters) }
        }
    }

    impl From<ItemQuery> for CiJobQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, status, limit, cursor, .. } = query;
            Self { search, status, limit, cursor }
        }
    }

    impl ListQuery for CiJobQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }

    impl From<CiJob> for TestwareItem {
        fn from(job: CiJob) -> Self {
            Self {
                id: job.id.into(),
                project_id: job.project_id,
                key: job.key,
                title: job.name,
                parent: None,
                columns: vec![job.status.label().to_owned(), job.branch],
                labels: Vec::new(),
                state: None,
                completed_at: job.completed_at,
                aborted: false,
                counts: Counts::default(),
                updated_at: job.updated_at,
            }
        }
    }
}
