//! Suites: a tree of folders for test cases.

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
use crate::model::time::millis;
use crate::testware::item::TestwareItem;

id!(/** A suite. */ SuiteId, "sui");

impl CatalogSubject for Suite {
    const SUBJECT: Subject = Subject::Suite;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "suite",
        headline: "Suite",
        path: "suites",
        id_prefix: SuiteId::PREFIX,
        key_letter: 'U',
        icon: Icon::Tree,
        param: "suite",
        lead: "A tree of suites for the test cases.",
        first_step: "Name a part of the product. Then choose the suite in test cases.",
        completion: None,
        abort: None,
        deletion: "Its test cases and suites move to the suite above. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = SuiteId;
}

/// The maximum depth of the tree.
pub const MAX_DEPTH: usize = 10;

/// A suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Suite {
    /// Its ID.
    pub id: SuiteId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-U2`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The description as Markdown.
    pub description: String,
    /// The suite above; null at the top.
    pub parent_id: Option<SuiteId>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A suite with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SuiteDetail {
    /// The suite.
    #[serde(flatten)]
    pub suite: Suite,
    /// The description as sanitized HTML.
    pub description_html: String,
}

/// A suite with what is in it, for its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuiteOverview {
    /// The suite.
    pub detail: SuiteDetail,
    /// All suites of the project, newest first.
    pub tree: Vec<TestwareItem>,
    /// A page of its active test cases, newest first.
    pub cases: Page<TestwareItem>,
}

/// Creates a suite.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateSuite {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
    /// The suite above. The tree has at most 10 levels.
    pub parent_id: Option<SuiteId>,
}

/// Changes a suite. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateSuite {
    /// See [`CreateSuite::name`].
    pub name: Option<String>,
    /// See [`CreateSuite::description`].
    pub description: Option<String>,
    /// The suite above, which is not within this one; an empty text moves it to the top.
    pub parent_id: Option<String>,
}

/// The filters of a list of suites. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct SuiteQuery {
    /// Words in name or key, case-insensitive.
    pub search: Option<String>,
    /// Only those directly in this suite.
    pub parent: Option<SuiteId>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CreateSuite, Suite, SuiteDetail, SuiteQuery, UpdateSuite};
    use crate::model::page::PageQuery;
    use crate::testware::execution::Counts;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for Suite {
        type Create = CreateSuite;
        type Update = UpdateSuite;
        type Query = SuiteQuery;
        type Detail = SuiteDetail;
    }

    impl From<CreateSuite> for UpdateSuite {
        fn from(CreateSuite { name, description, parent_id }: CreateSuite) -> Self {
            Self { name: Some(name), description: Some(description), parent_id: parent_id.map(|id| id.to_string()) }
        }
    }

    impl From<ItemQuery> for SuiteQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, limit, cursor, .. } = query;
            Self { search, parent: None, limit, cursor }
        }
    }

    impl ListQuery for SuiteQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }

    impl From<Suite> for TestwareItem {
        fn from(suite: Suite) -> Self {
            Self {
                id: suite.id.into(),
                project_id: suite.project_id,
                key: suite.key,
                title: suite.name,
                parent: suite.parent_id.map(Into::into),
                columns: Vec::new(),
                labels: Vec::new(),
                state: None,
                completed_at: None,
                aborted: false,
                counts: Counts::default(),
                updated_at: suite.updated_at,
            }
        }
    }
}
