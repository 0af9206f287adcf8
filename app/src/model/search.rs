//! The search over a whole project.

use serde::{Deserialize, Serialize};

use super::item_id::ItemId;

/// The maximum number of hits of each subject.
pub const MAX_HITS_PER_SUBJECT: u32 = 5;

/// The words of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct SearchQuery {
    /// Words in title, name or key, case-insensitive. Without one, nothing is found.
    pub search: Option<String>,
}

/// An issue or an item of testware.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Its ID.
    pub id: ItemId,
    /// Its key; null for an issue without one.
    pub key: Option<String>,
    /// Its title or name.
    pub title: String,
}
