//! The keys that people call testware by, such as `WEB-C12`: the project's key as it is now, a
//! letter for the subject, and a number that is given once.

use app::model::catalog::Subject;
use app::model::id::ProjectId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{DbErr, EntityTrait};

use crate::entity::{project, sequence};
use crate::storage::Tx;

/// The key of a numbered thing.
#[must_use]
pub fn key(project: &project::Model, subject: Subject, number: i32) -> String {
    format!("{}{number}", prefix(project, subject))
}

/// What comes before the number.
#[must_use]
pub fn prefix(project: &project::Model, subject: Subject) -> String {
    let letter = match subject {
        Subject::Case => "C",
        Subject::TestRun => "R",
        Subject::Session => "S",
        Subject::Issue => "I",
    };
    format!("{}-{letter}", project.key)
}

/// The next number. One statement counts and reads, so that two changes at once never get the
/// same; a change that is rolled back gives its number back.
///
/// # Errors
/// The database's own.
pub async fn next_number(tx: &Tx<'_>, project: ProjectId, subject: Subject) -> Result<i32, DbErr> {
    let first = sequence::ActiveModel { project_id: Set(project), subject: Set(subject), last: Set(1) };
    let last = Expr::col((sequence::Entity, sequence::Column::Last));
    let conflict = OnConflict::columns([sequence::Column::ProjectId, sequence::Column::Subject])
        .value(sequence::Column::Last, last.add(1))
        .to_owned();
    let row = sequence::Entity::insert(first).on_conflict(conflict).exec_with_returning(tx.db()).await?;
    Ok(row.last)
}
