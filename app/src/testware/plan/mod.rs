//! Test plans: several test runs, and their progress.

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
use crate::model::time::millis;
use crate::testware::execution::Counts;
use crate::testware::item::TestwareItem;

id!(/** A test plan. */ PlanId, "pln");

impl CatalogSubject for TestPlan {
    const SUBJECT: Subject = Subject::Plan;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "test plan",
        headline: "Test plan",
        path: "plans",
        id_prefix: PlanId::PREFIX,
        key_letter: 'P',
        icon: Icon::Folder,
        param: "plan",
        lead: "Several test runs, for example one for each browser, and their progress.",
        first_step: "Name what is to be tested. Then add test runs to the plan.",
        completion: Some("The test plan becomes read-only. Its test runs stay open. This can't be undone."),
        abort: None,
        deletion: "Its test runs stay, without a plan. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = PlanId;
}

/// A test plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestPlan {
    /// Its ID.
    pub id: PlanId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-P2`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The description as Markdown.
    pub description: String,
    /// When it was completed and became read-only.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The cases of its runs by the status of their latest result.
    pub counts: Counts,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A test plan with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlanDetail {
    /// The plan.
    #[serde(flatten)]
    pub plan: TestPlan,
    /// The description as sanitized HTML.
    pub description_html: String,
}

/// A plan with its runs, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOverview {
    /// The plan.
    pub detail: PlanDetail,
    /// Its runs, at most 200, newest first.
    pub runs: Vec<TestwareItem>,
}

/// Creates a test plan.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatePlan {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
}

/// Changes a test plan that is not completed. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdatePlan {
    /// See [`CreatePlan::name`].
    pub name: Option<String>,
    /// See [`CreatePlan::description`].
    pub description: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreatePlan, PlanDetail, TestPlan, UpdatePlan};
    use crate::testware::group::GroupQuery;
    use crate::testware::item::TestwareItem;
    use crate::testware::subject::TestwareSubject;

    impl TestwareSubject for TestPlan {
        type Create = CreatePlan;
        type Update = UpdatePlan;
        type Query = GroupQuery;
        type Detail = PlanDetail;
    }

    impl From<CreatePlan> for UpdatePlan {
        fn from(CreatePlan { name, description }: CreatePlan) -> Self {
            Self { name: Some(name), description: Some(description) }
        }
    }

    impl From<TestPlan> for TestwareItem {
        fn from(plan: TestPlan) -> Self {
            Self {
                id: plan.id.into(),
                project_id: plan.project_id,
                key: plan.key,
                title: plan.name,
                parent: None,
                columns: vec![if plan.completed_at.is_some() { "Completed" } else { "Open" }.to_owned()],
                labels: Vec::new(),
                state: None,
                completed_at: plan.completed_at,
                aborted: false,
                counts: plan.counts,
                updated_at: plan.updated_at,
            }
        }
    }
}
