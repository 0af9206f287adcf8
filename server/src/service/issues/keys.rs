//! Finds issues by the keys that texts mention.

use app::error::Result;
use app::model::id::ProjectId;
use app::model::issue::{FoundIssue, short_key};
use app::model::issue_keys::is_issue_key;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::issue;
use crate::storage::internal;

/// The maximum number of keys in a request. The rest of a text stays without links.
const MAX_KEYS: usize = 50;
/// Bounds what short keys find in projects with many repositories.
const MAX_ROWS: u64 = 500;

/// See [`Issues::issues_with_keys`](app::service::Issues::issues_with_keys).
pub async fn find(db: &impl ConnectionTrait, project: ProjectId, mut keys: Vec<String>) -> Result<Vec<FoundIssue>> {
    keys.retain(|key| is_issue_key(key));
    keys.truncate(MAX_KEYS);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (short, full): (Vec<_>, Vec<_>) = keys.iter().partition(|key| is_short(key));
    let mut any = Condition::any();
    if !full.is_empty() {
        any = any.add(issue::Column::Key.is_in(full));
    }
    // The rest of a short key are digits, so it has no characters of a pattern.
    any = short.into_iter().fold(any, |any, key| any.add(issue::Column::Key.like(format!("%{key}"))));
    let rows = issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::DeletedAt.is_null())
        .filter(any)
        .limit(MAX_ROWS)
        .all(db)
        .await
        .map_err(internal)?;
    let matching = |key: &String| {
        let has_key = |row: &&issue::Model| {
            row.key.as_deref().is_some_and(|full| full == key || (is_short(key) && short_key(full) == key))
        };
        let mut found = rows.iter().filter(has_key);
        // A short key could mean the issue of either repository.
        found.next().filter(|_| found.next().is_none())
    };
    let found = keys.iter().filter_map(|key| {
        let row = matching(key)?;
        Some(FoundIssue { key: key.clone(), id: row.id, title: row.title.clone() })
    });
    Ok(found.collect())
}

/// `#42`, without a repository.
fn is_short(key: &str) -> bool {
    key.starts_with('#')
}
