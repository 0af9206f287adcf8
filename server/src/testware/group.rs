//! Items that group runs and sessions, and count their results: milestones and plans.

use std::collections::HashMap;

use app::error::Error;
use app::model::id::ProjectId;
use app::testware::execution::{Counts, ResultStatus};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, Select,
    TryGetable,
};
use serde_json::Value;

use super::events;
use super::row::{Id, TestwareRow};
use super::run::cases::table as run_case;
use super::run::table as test_run;
use super::search;
use super::session::table as test_session;
use crate::entity::{project, result};
use crate::service::TxError;
use crate::storage::Tx;

/// The row of an item that groups runs, and maybe sessions.
pub trait GroupRow: TestwareRow {
    /// The field of a run or session that names it.
    const FIELD: &'static str;
    /// What to do if it can't be chosen.
    const UNKNOWN: &'static str;
    const OF_RUN: test_run::Column;
    const OF_SESSION: Option<test_session::Column>;
}

/// The group in a field; `None` for an empty text.
///
/// # Errors
/// A message for the user.
pub fn parse<G: GroupRow>(text: &str) -> Result<Option<Id<G>>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| G::UNKNOWN)
}

/// Checks that runs and sessions can be added to the group, which stays open until the change is committed.
///
/// # Errors
/// [`Error::Invalid`] if it is completed, deleted, or of another project.
pub async fn check_open<G: GroupRow>(tx: &Tx<'_>, project: ProjectId, id: Option<Id<G>>) -> Result<(), TxError> {
    let Some(id) = id else { return Ok(()) };
    let found = open::<G>(id).filter(G::COLUMNS.project.eq(project)).lock_shared().one(tx.db()).await?;
    if found.is_some() { Ok(()) } else { Err(Error::field(G::FIELD, G::UNKNOWN).into()) }
}

/// The group of a copy: that of the original, if it is open.
pub async fn if_open<G: GroupRow>(tx: &Tx<'_>, id: Option<Id<G>>) -> Result<Option<Id<G>>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    Ok(open::<G>(id).one(tx.db()).await?.map(|row| row.id()))
}

fn open<G: GroupRow>(id: Id<G>) -> Select<G::Entity> {
    search::completed::<G>(by_id::<G>(id), Some(false))
}

fn by_id<G: GroupRow>(id: Id<G>) -> Select<G::Entity> {
    G::Entity::find().filter(G::COLUMNS.id.eq(id)).filter(G::COLUMNS.deleted_at.is_null())
}

/// The group as the events of its runs and sessions contain it.
pub async fn reference<G: GroupRow>(
    db: &impl ConnectionTrait,
    project: &project::Model,
    id: Option<Id<G>>,
) -> Result<Value, DbErr> {
    let Some(id) = id else { return Ok(Value::Null) };
    let row = by_id::<G>(id).one(db).await?;
    Ok(row.map_or(Value::Null, |row| events::reference(project, &row)))
}

/// Removes the group from its runs and sessions, whose open pages follow. They emit no events: the group does.
pub async fn detach<G: GroupRow>(tx: &Tx<'_>, project: ProjectId, id: Id<G>) -> Result<(), DbErr> {
    let none = || Expr::value(None::<Uuid>);
    let runs = test_run::Entity::update_many()
        .col_expr(G::OF_RUN, none())
        .filter(G::OF_RUN.eq(id))
        .exec_with_returning(tx.db())
        .await?;
    runs.into_iter().for_each(|run| events::show_change(tx, project, run.id.into()));
    if let Some(of_session) = G::OF_SESSION {
        let sessions = test_session::Entity::update_many()
            .col_expr(of_session, none())
            .filter(of_session.eq(id))
            .exec_with_returning(tx.db())
            .await?;
        sessions.into_iter().for_each(|session| events::show_change(tx, project, session.id.into()));
    }
    Ok(())
}

/// The cases of the runs by the status of their latest result, and the results of the sessions.
pub async fn counts<G: GroupRow>(db: &impl ConnectionTrait, ids: &[Id<G>]) -> Result<HashMap<Id<G>, Counts>, DbErr>
where
    Id<G>: TryGetable,
{
    let mut counts: HashMap<Id<G>, Counts> = HashMap::new();
    if ids.is_empty() {
        return Ok(counts);
    }
    let mut rows = of_runs::<G>(db, ids).await?;
    if let Some(of_session) = G::OF_SESSION {
        rows.extend(of_sessions::<G>(db, of_session, ids).await?);
    }
    for (group, status, count) in rows {
        let sum = counts.entry(group).or_default().of_mut(status);
        *sum = sum.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }
    Ok(counts)
}

/// A group, a status, and how often it has it.
type CountRow<I> = (I, ResultStatus, i64);

async fn of_runs<G: GroupRow>(db: &impl ConnectionTrait, ids: &[Id<G>]) -> Result<Vec<CountRow<Id<G>>>, DbErr>
where
    Id<G>: TryGetable,
{
    run_case::Entity::find()
        .select_only()
        .column(G::OF_RUN)
        .column(run_case::Column::Status)
        .column_as(run_case::Column::CaseId.count(), "count")
        .join(JoinType::InnerJoin, run_case::Relation::Run.def())
        .filter(G::OF_RUN.is_in(ids.iter().copied()))
        .filter(test_run::Column::DeletedAt.is_null())
        .group_by(G::OF_RUN)
        .group_by(run_case::Column::Status)
        .into_tuple()
        .all(db)
        .await
}

async fn of_sessions<G: GroupRow>(
    db: &impl ConnectionTrait,
    of_session: test_session::Column,
    ids: &[Id<G>],
) -> Result<Vec<CountRow<Id<G>>>, DbErr>
where
    Id<G>: TryGetable,
{
    result::Entity::find()
        .select_only()
        .column(of_session)
        .column(result::Column::Status)
        .column_as(result::Column::Id.count(), "count")
        .join(JoinType::InnerJoin, result::Relation::Session.def())
        .filter(of_session.is_in(ids.iter().copied()))
        .filter(test_session::Column::DeletedAt.is_null())
        .group_by(of_session)
        .group_by(result::Column::Status)
        .into_tuple()
        .all(db)
        .await
}
