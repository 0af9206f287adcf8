//! Shared steps: each holds steps that several test cases use, and that are changed in one place.

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
use crate::testware::case::Step;
use crate::testware::item::TestwareItem;

id!(/** A shared step. */ SharedStepId, "shs");

impl CatalogSubject for SharedStep {
    const SUBJECT: Subject = Subject::SharedStep;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "shared step",
        headline: "Shared step",
        path: "shared-steps",
        id_prefix: SharedStepId::PREFIX,
        key_letter: 'H',
        icon: Icon::Copy,
        param: "shared_step",
        lead: "Steps that several test cases use, such as signing in.",
        first_step: "Describe the steps once. Then add the shared step to test cases. A change applies to all of these.",
        completion: None,
        abort: None,
        deletion: "Test cases that use it get a copy of its steps instead. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = SharedStepId;
}

/// A shared step: steps that test cases share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SharedStep {
    /// Its ID.
    pub id: SharedStepId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-H2`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A shared step with the test cases that use it, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedStepOverview {
    /// The shared step.
    pub shared: SharedStep,
    /// The active test cases that use it, at most 200, newest first.
    pub cases: Vec<TestwareItem>,
}

/// Creates a shared step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateSharedStep {
    /// 1 to 100 characters.
    pub name: String,
    /// 1 to 100, without shared ones among them.
    pub steps: Vec<Step>,
}

/// Changes a shared step. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateSharedStep {
    /// See [`CreateSharedStep::name`].
    pub name: Option<String>,
    /// The complete new list; see [`CreateSharedStep::steps`].
    pub steps: Option<Vec<Step>>,
}

/// The filters of a list of shared steps. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct SharedStepQuery {
    /// Words in name or key, case-insensitive.
    pub search: Option<String>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateSharedStep, SharedStep, SharedStepQuery, UpdateSharedStep};
    use crate::model::page::PageQuery;
    use crate::testware::execution::Counts;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for SharedStep {
        type Create = CreateSharedStep;
        type Update = UpdateSharedStep;
        type Query = SharedStepQuery;
        type Detail = Self;
    }

    impl From<CreateSharedStep> for UpdateSharedStep {
        fn from(CreateSharedStep { name, steps }: CreateSharedStep) -> Self {
            Self { name: Some(name), steps: Some(steps) }
        }
    }

    impl From<ItemQuery> for SharedStepQuery {
        fn from(ItemQuery { search, limit, cursor, .. }: ItemQuery) -> Self {
            Self { search, limit, cursor }
        }
    }

    impl ListQuery for SharedStepQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }

    impl From<SharedStep> for TestwareItem {
        fn from(shared: SharedStep) -> Self {
            Self {
                id: shared.id.into(),
                project_id: shared.project_id,
                key: shared.key,
                title: shared.name,
                parent: None,
                columns: vec![shared.steps.len().to_string()],
                labels: Vec::new(),
                state: None,
                completed_at: None,
                aborted: false,
                counts: Counts::default(),
                updated_at: shared.updated_at,
            }
        }
    }
}
