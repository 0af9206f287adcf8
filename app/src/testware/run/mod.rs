//! Test runs: a set of cases and their results.

pub mod api;
pub mod assignment;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;
pub mod public_link;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Priority;
use super::execution::{Counts, ResultStatus, State};
#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, UserId, id};
use crate::model::page::PageQuery;
use crate::model::time::millis;
use crate::testware::case::CaseId;
use crate::testware::milestone::MilestoneId;
use crate::testware::plan::PlanId;
use crate::testware::suite::SuiteId;

id!(/** A test run. */ RunId, "run");

impl CatalogSubject for TestRun {
    const SUBJECT: Subject = Subject::TestRun;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "test run",
        headline: "Test run",
        path: "runs",
        id_prefix: RunId::PREFIX,
        key_letter: 'R',
        icon: Icon::Run,
        param: "run",
        lead: "Run a set of cases and record results.",
        first_step: "Pick the cases for a release or a build, and record a result for each.",
        completion: Some("The run becomes read-only. This can't be undone."),
        abort: Some(
            "The test run becomes read-only, and its cases without a result stay untested. This can't be undone.",
        ),
        deletion: "Its results are deleted with it. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = RunId;
}

/// The maximum number of cases in a run.
pub const MAX_CASES_PER_RUN: usize = 500;

/// A test run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestRun {
    /// Its ID.
    pub id: RunId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-R3`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The description as Markdown.
    pub description: String,
    /// The milestone it belongs to.
    pub milestone_id: Option<MilestoneId>,
    /// The test plan it belongs to.
    pub plan_id: Option<PlanId>,
    /// The state.
    pub state: State,
    /// When it was completed and became read-only.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether it ended before it was completed. An aborted run has a time of completion, too.
    pub aborted: bool,
    /// Whether it has a public link: anyone who has it sees the progress of the run.
    pub has_public_link: bool,
    /// Its cases, counted by the status of their latest result.
    pub counts: Counts,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed; adding a result is a change.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A run with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: TestRun,
    /// The description as sanitized HTML.
    pub description_html: String,
}

/// A case in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunCase {
    /// The case, which may be deleted.
    pub case_id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The priority.
    pub priority: Priority,
    /// The status of its latest result in this run.
    pub status: ResultStatus,
    /// The user it is assigned to.
    pub assignee_id: Option<UserId>,
    /// The user's name.
    pub assignee: Option<String>,
}

/// The filters of the cases of a run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct RunCaseQuery {
    /// Only those assigned to this user.
    pub assignee: Option<UserId>,
    /// With true, only those assigned to the caller.
    pub mine: Option<bool>,
    /// Only those with this status.
    pub status: Option<ResultStatus>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
    /// Who reads the list.
    #[serde(skip)]
    #[cfg_attr(feature = "ssr", param(ignore))]
    pub caller: Option<UserId>,
}

impl From<PageQuery> for RunCaseQuery {
    fn from(PageQuery { limit, cursor }: PageQuery) -> Self {
        Self { limit, cursor, ..Self::default() }
    }
}

/// Creates a test run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateRun {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
    /// An open milestone of the project.
    pub milestone_id: Option<MilestoneId>,
    /// An open test plan of the project.
    pub plan_id: Option<PlanId>,
    /// At most 500 cases of the project, in order.
    #[serde(default)]
    pub case_ids: Vec<CaseId>,
    /// Suites of the project. Their active cases, and those of the suites below, follow `caseIds`. All cases together
    /// are at most 500.
    #[serde(default)]
    pub suite_ids: Vec<SuiteId>,
}

/// Changes a run that is not completed. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateRun {
    /// See [`CreateRun::name`].
    pub name: Option<String>,
    /// See [`CreateRun::description`].
    pub description: Option<String>,
    /// An open milestone of the project; an empty text removes it.
    pub milestone_id: Option<String>,
    /// An open test plan of the project; an empty text removes it.
    pub plan_id: Option<String>,
    /// The new state; emits `test_run.state_changed`.
    pub state: Option<State>,
    /// The complete new list. A case with results can't be removed.
    pub case_ids: Option<Vec<CaseId>>,
    /// The suites of a new run.
    #[serde(skip)]
    pub suite_ids: Vec<SuiteId>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateRun, RunDetail, TestRun, UpdateRun};
    use crate::model::page::Page;
    use crate::testware::execution::ExecutionQuery;
    use crate::testware::item::{Execution, ExecutionFields, TestwareItem};
    use crate::testware::subject::{ExecutionSubject, TestwareSubject};

    impl TestwareSubject for TestRun {
        type Create = CreateRun;
        type Update = UpdateRun;
        type Query = ExecutionQuery;
        type Detail = RunDetail;
    }

    impl ExecutionSubject for TestRun {
        const HAS_CASES: bool = true;
    }

    impl From<ExecutionFields> for CreateRun {
        fn from(ExecutionFields { name, text, milestone, plan, case_ids, suite, .. }: ExecutionFields) -> Self {
            Self {
                name: name.unwrap_or_default(),
                description: text.unwrap_or_default(),
                milestone_id: milestone.and_then(|id| id.parse().ok()),
                plan_id: plan.and_then(|id| id.parse().ok()),
                case_ids: case_ids.unwrap_or_default(),
                suite_ids: suite.and_then(|id| id.parse().ok()).into_iter().collect(),
            }
        }
    }

    impl From<ExecutionFields> for UpdateRun {
        fn from(ExecutionFields { name, text, milestone, plan, state, case_ids, .. }: ExecutionFields) -> Self {
            Self { name, description: text, milestone_id: milestone, plan_id: plan, state, case_ids, ..Self::default() }
        }
    }

    impl From<CreateRun> for UpdateRun {
        fn from(CreateRun { name, description, milestone_id, plan_id, case_ids, suite_ids }: CreateRun) -> Self {
            Self {
                name: Some(name),
                description: Some(description),
                milestone_id: milestone_id.map(|id| id.to_string()),
                plan_id: plan_id.map(|id| id.to_string()),
                state: None,
                case_ids: Some(case_ids),
                suite_ids,
            }
        }
    }

    impl From<TestRun> for TestwareItem {
        fn from(run: TestRun) -> Self {
            Self {
                id: run.id.into(),
                project_id: run.project_id,
                key: run.key,
                title: run.name,
                parent: None,
                columns: Vec::new(),
                labels: Vec::new(),
                state: Some(run.state),
                completed_at: run.completed_at,
                aborted: run.aborted,
                counts: run.counts,
                updated_at: run.updated_at,
            }
        }
    }

    impl From<RunDetail> for Execution {
        fn from(RunDetail { run, description_html }: RunDetail) -> Self {
            Self {
                text: run.description.clone(),
                text_html: description_html,
                time_box_minutes: None,
                timer: None,
                author: run.author.clone(),
                created_at: run.created_at,
                milestone_id: run.milestone_id,
                milestone: None,
                plan_id: run.plan_id,
                plan: None,
                public_url: None,
                members: Vec::new(),
                cases: Page::default(),
                results: Page::default(),
                item: run.into(),
            }
        }
    }
}
