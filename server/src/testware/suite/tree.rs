//! The tree of suites: what is above and below, and how it changes.

use std::collections::HashSet;

use app::error::Error;
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::testware::case::{CaseId, CaseState};
use app::testware::suite::{MAX_DEPTH, SuiteId};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::Value;

use super::misplaced;
use super::table::{Column, Entity, Model};
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::case::table as test_case;
use crate::testware::events;

const UNKNOWN: &str = "Choose a suite of this project.";

/// The suite in a field; `None` for an empty text.
///
/// # Errors
/// A message for the user.
pub fn parse(text: &str) -> Result<Option<SuiteId>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| UNKNOWN)
}

/// Checks that a test case can be in the suite, which is not deleted until the change is committed.
///
/// # Errors
/// [`Error::Invalid`] if it is deleted or of another project.
pub async fn check(tx: &Tx<'_>, project: ProjectId, id: Option<SuiteId>) -> Result<(), TxError> {
    let Some(id) = id else { return Ok(()) };
    let found = active(project, id).lock_shared().one(tx.db()).await?;
    if found.is_some() { Ok(()) } else { Err(Error::field("suiteId", UNKNOWN).into()) }
}

fn active(project: ProjectId, id: SuiteId) -> Select<Entity> {
    Entity::find_by_id(id).filter(Column::ProjectId.eq(project)).filter(Column::DeletedAt.is_null())
}

/// Changes of the tree wait for each other: two moves at the same time could put each suite within the other.
async fn lock_tree(tx: &Tx<'_>, id: ProjectId) -> Result<(), DbErr> {
    project::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx.db()).await.map(drop)
}

/// The suite as the events of what is in it contain it.
pub async fn reference(
    db: &impl ConnectionTrait,
    project: &project::Model,
    id: Option<SuiteId>,
) -> Result<Value, DbErr> {
    let Some(id) = id else { return Ok(Value::Null) };
    let row = Entity::find_by_id(id).filter(Column::DeletedAt.is_null()).one(db).await?;
    Ok(row.map_or(Value::Null, |row| events::reference(project, &row)))
}

/// Checks that the suite above exists and is not within this one, and that the tree is not too deep.
///
/// # Errors
/// [`Error::Invalid`].
pub async fn check_place(tx: &Tx<'_>, project: ProjectId, suite: &Model) -> Result<(), TxError> {
    let Some(parent) = suite.parent_id else { return Ok(()) };
    lock_tree(tx, project).await?;
    if active(project, parent).one(tx.db()).await?.is_none() {
        return Err(misplaced(UNKNOWN));
    }
    let mut above = 0;
    let mut next = suite.parent_id;
    while let Some(id) = next {
        if id == suite.id {
            return Err(misplaced("A suite can't be within itself."));
        }
        above += 1;
        if above >= MAX_DEPTH {
            break;
        }
        next = Entity::find_by_id(id).one(tx.db()).await?.and_then(|row| row.parent_id);
    }
    if above + levels(tx, project, suite.id).await? > MAX_DEPTH {
        return Err(misplaced("The tree of suites would be deeper than 10 levels."));
    }
    Ok(())
}

/// The number of levels of a suite with all that is in it.
async fn levels(tx: &Tx<'_>, project: ProjectId, suite: SuiteId) -> Result<usize, DbErr> {
    let (mut levels, mut level) = (0, vec![suite]);
    while !level.is_empty() && levels <= MAX_DEPTH {
        levels += 1;
        level = below(tx, project, &level).await?.into_iter().map(|row| row.id).collect();
    }
    Ok(levels)
}

/// The suites directly in these ones.
pub async fn below(tx: &Tx<'_>, project: ProjectId, above: &[SuiteId]) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::ParentId.is_in(above.iter().copied()))
        .filter(Column::DeletedAt.is_null())
        .all(tx.db())
        .await
}

/// The active cases of suites and of those below, in the order of their numbers.
///
/// # Errors
/// [`Error::Invalid`] for a suite that is deleted or of another project, and for more than `max` suites or cases.
pub async fn cases_within(
    tx: &Tx<'_>,
    project: ProjectId,
    suites: Vec<SuiteId>,
    max: usize,
) -> Result<Vec<CaseId>, TxError> {
    let mut within: HashSet<SuiteId> = suites.into_iter().collect();
    if within.len() > max {
        return Err(Error::field("suiteIds", format!("Use at most {max} suites.")).into());
    }
    let mut level: Vec<SuiteId> = within.iter().copied().collect();
    let known = Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::Id.is_in(level.iter().copied()))
        .filter(Column::DeletedAt.is_null())
        .count(tx.db())
        .await?;
    if known != level.len() as u64 {
        return Err(Error::field("suiteIds", UNKNOWN).into());
    }
    while !level.is_empty() {
        let found = below(tx, project, &level).await?;
        level = found.into_iter().map(|row| row.id).filter(|id| within.insert(*id)).collect();
    }
    let cases: Vec<CaseId> = test_case::Entity::find()
        .select_only()
        .column(test_case::Column::Id)
        .filter(test_case::Column::SuiteId.is_in(within))
        .filter(test_case::Column::State.eq(CaseState::Active))
        .filter(test_case::Column::DeletedAt.is_null())
        .order_by_asc(test_case::Column::Number)
        .limit(max as u64 + 1)
        .into_tuple()
        .all(tx.db())
        .await?;
    if cases.len() > max {
        let message = format!("The suites have more than {max} test cases. Choose smaller ones.");
        return Err(Error::field("suiteIds", message).into());
    }
    Ok(cases)
}

/// Moves what is in a suite to the suite above, whose open pages follow. It emits no events: the suite does.
pub async fn move_contents_up(tx: &Tx<'_>, project: ProjectId, suite: &Model) -> Result<(), DbErr> {
    lock_tree(tx, project).await?;
    let inner: Vec<SuiteId> = below(tx, project, &[suite.id]).await?.into_iter().map(|inner| inner.id).collect();
    Entity::update_many()
        .col_expr(Column::ParentId, Expr::value(suite.parent_id))
        .filter(Column::ParentId.eq(suite.id))
        .exec(tx.db())
        .await?;
    let in_suite = test_case::Column::SuiteId.eq(suite.id).and(test_case::Column::DeletedAt.is_null());
    let cases: Vec<CaseId> = test_case::Entity::find()
        .select_only()
        .column(test_case::Column::Id)
        .filter(in_suite.clone())
        .into_tuple()
        .all(tx.db())
        .await?;
    test_case::Entity::update_many()
        .col_expr(test_case::Column::SuiteId, Expr::value(suite.parent_id))
        .filter(in_suite)
        .exec(tx.db())
        .await?;
    let above = suite.parent_id.map(ItemId::from);
    let moved = inner.into_iter().map(ItemId::from).chain(cases.into_iter().map(ItemId::from)).chain(above);
    events::show_changes(tx, project, moved);
    Ok(())
}
