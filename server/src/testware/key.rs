//! The numbers in the [keys](crate::entity::item_key) of testware.

use app::model::catalog::Subject;
use app::model::id::ProjectId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{DbErr, EntityTrait};

pub use crate::entity::item_key::{key, prefix};
use crate::entity::sequence;
use crate::storage::Tx;

/// The next number. One statement increments and reads, so that concurrent changes never get the
/// same number; a rolled back change returns its number.
pub async fn next_number(tx: &Tx<'_>, project: ProjectId, subject: Subject) -> Result<i32, DbErr> {
    next_numbers(tx, project, subject, 1).await
}

/// The first of `count` numbers. Until the transaction ends, no other change gets a number.
pub async fn next_numbers(tx: &Tx<'_>, project: ProjectId, subject: Subject, count: i32) -> Result<i32, DbErr> {
    let first = sequence::ActiveModel { project_id: Set(project), subject: Set(subject), last: Set(count) };
    let last = Expr::col((sequence::Entity, sequence::Column::Last));
    let conflict = OnConflict::columns([sequence::Column::ProjectId, sequence::Column::Subject])
        .value(sequence::Column::Last, last.add(count))
        .to_owned();
    let row = sequence::Entity::insert(first).on_conflict(conflict).exec_with_returning(tx.db()).await?;
    Ok(row.last - count + 1)
}
