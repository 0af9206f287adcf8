//! Paged lists. Cursors are opaque to clients.

use serde::{Deserialize, Deserializer, Serialize, de};

/// The number of items on a page if the caller sets no limit.
pub const DEFAULT_LIMIT: u32 = 50;
/// The maximum number of items on a page.
pub const MAX_LIMIT: u32 = 200;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last page.
    pub next_cursor: Option<String>,
    /// The `cursor` of the previous page. Null on the first page, and in lists that only go
    /// forward.
    #[serde(default)]
    pub previous_cursor: Option<String>,
}

/// Selects a page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct PageQuery {
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

/// Parses a limit. One out of bounds is refused, so that nobody takes a short page for the whole
/// list.
pub fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let limit = Option::<u32>::deserialize(deserializer)?;
    if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
        return Err(de::Error::custom(format!("Send a whole number from 1 to {MAX_LIMIT}.")));
    }
    Ok(limit)
}

impl PageQuery {
    /// The limit, or the default.
    #[must_use]
    pub fn limit(&self) -> u64 {
        u64::from(self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT))
    }
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next_cursor: None, previous_cursor: None }
    }
}

impl<T> Page<T> {
    /// Builds a page from `rows`, which were read with one more than `limit`. `cursor` returns the
    /// cursor of an item.
    pub fn cut(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Self { items: rows, next_cursor, previous_cursor: None }
    }

    /// The same page with converted items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next_cursor: self.next_cursor,
            previous_cursor: self.previous_cursor,
        }
    }
}
