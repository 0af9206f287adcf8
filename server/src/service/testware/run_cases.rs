//! The cases of a run: which they are, in which order, and what each came to.

use std::collections::{HashMap, HashSet};

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::{CaseId, RunId};
use app::model::page::{Page, PageQuery};
use app::model::test_case::Priority;
use app::model::test_run::{CASES_MAX, RunCase};
use app::model::testware::{Counts, ResultStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::key::key;
use crate::entity::{project, run_case, test_case};
use crate::service::{ChangeError, cursor};
use crate::storage::{Tx, internal};

/// What a case came to, in the order of the run.
type Slot = (CaseId, ResultStatus);

/// The cases of runs by the status of their latest result.
///
/// # Errors
/// The database's own.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    runs: impl IntoIterator<Item = RunId>,
) -> Result<HashMap<RunId, Counts>, DbErr> {
    let rows = run_case::Entity::find()
        .select_only()
        .columns([run_case::Column::RunId, run_case::Column::Status])
        .column_as(run_case::Column::CaseId.count(), "count")
        .filter(run_case::Column::RunId.is_in(runs))
        .group_by(run_case::Column::RunId)
        .group_by(run_case::Column::Status)
        .into_tuple::<(RunId, ResultStatus, i64)>()
        .all(db)
        .await?;
    let mut counts: HashMap<RunId, Counts> = HashMap::new();
    for (run, status, count) in rows {
        *counts.entry(run).or_default().of_mut(status) = u32::try_from(count).unwrap_or(u32::MAX);
    }
    Ok(counts)
}

/// A page of the cases of a run, in order.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    project: &project::Model,
    run: RunId,
    query: PageQuery,
) -> Result<Page<RunCase>> {
    let mut select = run_case::Entity::find()
        .filter(run_case::Column::RunId.eq(run))
        .order_by_asc(run_case::Column::Position)
        .limit(query.limit() + 1);
    if let Some(after) = cursor::parse_id::<i32>(query.cursor.as_deref())? {
        select = select.filter(run_case::Column::Position.gt(after));
    }
    let rows = select.all(db).await.map_err(internal)?;
    let page = Page::cut(rows, query.limit(), |row| row.position.to_string());
    let cases = test_case::Entity::find()
        .filter(test_case::Column::Id.is_in(page.items.iter().map(|row| row.case_id)))
        .all(db)
        .await
        .map_err(internal)?;
    let cases: HashMap<CaseId, test_case::Model> = cases.into_iter().map(|case| (case.id, case)).collect();
    Ok(page.map(|row| {
        let case = cases.get(&row.case_id);
        RunCase {
            case_id: row.case_id,
            key: case.map_or_else(String::new, |case| key(project, Subject::Case, case.number)),
            title: case.map_or_else(String::new, |case| case.title.clone()),
            priority: case.map_or(Priority::Medium, |case| case.priority),
            status: row.status,
        }
    }))
}

/// The cases of a run, in order.
///
/// # Errors
/// The database's own.
pub async fn slots(tx: &Tx<'_>, run: RunId) -> Result<Vec<Slot>, DbErr> {
    run_case::Entity::find()
        .select_only()
        .columns([run_case::Column::CaseId, run_case::Column::Status])
        .filter(run_case::Column::RunId.eq(run))
        .order_by_asc(run_case::Column::Position)
        .into_tuple()
        .all(tx.db())
        .await
}

/// Gives a run these cases in this order; those that it has keep their status. Returns whether
/// that changed anything.
///
/// # Errors
/// [`Error::Invalid`] for too many, for one that is not of the project or was deleted, and for a
/// case with results that would leave the run.
pub async fn set(tx: &Tx<'_>, project: &project::Model, run: RunId, wanted: Vec<CaseId>) -> Result<bool, ChangeError> {
    let wanted = once_each(wanted)?;
    let before = slots(tx, run).await?;
    if before.iter().map(|(case, _)| case).eq(wanted.iter()) {
        return Ok(false);
    }
    let held: HashMap<CaseId, ResultStatus> = before.iter().copied().collect();
    let kept: HashSet<CaseId> = wanted.iter().copied().collect();
    let leaving = before.iter().find(|(case, status)| *status != ResultStatus::Untested && !kept.contains(case));
    if let Some((case, _)) = leaving {
        return Err(refuse_leaving(tx, project, *case).await?);
    }
    let new: Vec<CaseId> = wanted.iter().copied().filter(|case| !held.contains_key(case)).collect();
    if living(tx, project, &new).await?.len() < new.len() {
        let message = "One of the cases is not of this project, or was deleted.";
        return Err(Error::field("caseIds", message).into());
    }
    run_case::Entity::delete_many().filter(run_case::Column::RunId.eq(run)).exec(tx.db()).await?;
    let status = |case: &CaseId| held.get(case).copied().unwrap_or(ResultStatus::Untested);
    write(tx, run, wanted.iter().map(|case| (*case, status(case)))).await?;
    Ok(true)
}

/// Gives a new run the cases of another one that were not deleted since, untested.
///
/// # Errors
/// The database's own.
pub async fn copy(tx: &Tx<'_>, project: &project::Model, from: RunId, to: RunId) -> Result<(), DbErr> {
    let cases: Vec<CaseId> = slots(tx, from).await?.into_iter().map(|(case, _)| case).collect();
    let living: HashSet<CaseId> = living(tx, project, &cases).await?.into_iter().collect();
    let cases = cases.into_iter().filter(|case| living.contains(case));
    write(tx, to, cases.map(|case| (case, ResultStatus::Untested))).await
}

/// Notes what a case came to; false when it is not in the run.
///
/// # Errors
/// The database's own.
pub async fn note(tx: &Tx<'_>, run: RunId, case: CaseId, status: ResultStatus) -> Result<bool, DbErr> {
    let latest = run_case::ActiveModel { status: Set(status), ..Default::default() };
    let noted = run_case::Entity::update_many()
        .set(latest)
        .filter(run_case::Column::RunId.eq(run))
        .filter(run_case::Column::CaseId.eq(case))
        .exec(tx.db())
        .await?;
    Ok(noted.rows_affected == 1)
}

fn once_each(mut cases: Vec<CaseId>) -> Result<Vec<CaseId>> {
    let mut seen = HashSet::new();
    cases.retain(|case| seen.insert(*case));
    if cases.len() > CASES_MAX {
        return Err(Error::field("caseIds", "A run holds at most 500 cases."));
    }
    Ok(cases)
}

async fn refuse_leaving(tx: &Tx<'_>, project: &project::Model, case: CaseId) -> Result<ChangeError, DbErr> {
    let case = test_case::Entity::find_by_id(case).one(tx.db()).await?;
    let key = case.map_or_else(String::new, |case| key(project, Subject::Case, case.number));
    Ok(Error::field("caseIds", format!("{key} has results in this run and stays in it.")).into())
}

/// Which of the cases are of the project and not deleted.
async fn living(tx: &Tx<'_>, project: &project::Model, cases: &[CaseId]) -> Result<Vec<CaseId>, DbErr> {
    test_case::Entity::find()
        .select_only()
        .column(test_case::Column::Id)
        .filter(test_case::Column::Id.is_in(cases.iter().copied()))
        .filter(test_case::Column::ProjectId.eq(project.id))
        .filter(test_case::Column::DeletedAt.is_null())
        .into_tuple()
        .all(tx.db())
        .await
}

async fn write(tx: &Tx<'_>, run: RunId, slots: impl Iterator<Item = Slot>) -> Result<(), DbErr> {
    let rows: Vec<_> = (0..)
        .zip(slots)
        .map(|(position, (case, status))| run_case::ActiveModel {
            run_id: Set(run),
            case_id: Set(case),
            position: Set(position),
            status: Set(status),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    run_case::Entity::insert_many(rows).exec_without_returning(tx.db()).await.map(drop)
}
