//! The keys of testware, e.g. `WEB-C12`: the project's current key, a letter for the subject, and a
//! number that is never reused.

use std::collections::HashMap;
use std::hash::Hash;

use app::model::catalog::Subject;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::project;

/// The key of an item.
#[must_use]
pub fn key(project: &project::Model, subject: Subject, number: i32) -> String {
    format!("{}{number}", prefix(project, subject))
}

/// The part before the number.
#[must_use]
pub fn prefix(project: &project::Model, subject: Subject) -> String {
    format!("{}-{}", project.key, subject.spec().key_letter)
}

/// The numbers of items of one table by their IDs. `id` and `number` are its columns.
pub async fn numbers<C, K, T>(db: &C, id: K, number: K, ids: Vec<T>) -> Result<HashMap<T, i32>, DbErr>
where
    C: ConnectionTrait,
    K: ColumnTrait,
    K::EntityName: EntityTrait,
    T: Into<sea_orm::Value> + sea_orm::TryGetable + Eq + Hash + Send,
{
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = <K::EntityName as EntityTrait>::find()
        .select_only()
        .column(id)
        .column(number)
        .filter(id.is_in(ids))
        .into_tuple::<(T, i32)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
