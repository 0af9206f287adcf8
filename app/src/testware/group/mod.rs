//! What milestones and plans share: they group test runs, and count their results.

pub(crate) mod pages;

use serde::{Deserialize, Serialize};

/// The filters of a list of milestones or plans. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct GroupQuery {
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

#[cfg(feature = "ssr")]
mod query {
    use super::GroupQuery;
    use crate::model::page::PageQuery;
    use crate::testware::item::ItemQuery;
    use crate::testware::subject::ListQuery;

    impl From<ItemQuery> for GroupQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, completed, limit, cursor, .. } = query;
            Self { search, completed, limit, cursor }
        }
    }

    impl ListQuery for GroupQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }
}
