//! The cases of a run, in order, each with the status of its latest result.

pub mod table;

use std::collections::{HashMap, HashSet};

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::page::{Page, PageQuery};
use app::testware::case::{CaseId, Priority};
use app::testware::execution::{Counts, ResultStatus};
use app::testware::run::{MAX_CASES_PER_RUN, RunCase, RunId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::project;
use crate::events::FieldChange;
use crate::service::{TxError, cursor};
use crate::storage::{Tx, internal};
use crate::testware::case::table as test_case;
use crate::testware::key::key;

/// A case of a run and the status of its latest result.
type RunCaseRow = (CaseId, ResultStatus);

/// The cases of runs by the status of their latest result.
pub async fn counts<C: ConnectionTrait>(
    db: &C,
    runs: impl IntoIterator<Item = RunId>,
) -> Result<HashMap<RunId, Counts>, DbErr> {
    let rows = table::Entity::find()
        .select_only()
        .columns([table::Column::RunId, table::Column::Status])
        .column_as(table::Column::CaseId.count(), "count")
        .filter(table::Column::RunId.is_in(runs))
        .group_by(table::Column::RunId)
        .group_by(table::Column::Status)
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
    let mut select = table::Entity::find()
        .filter(table::Column::RunId.eq(run))
        .order_by_asc(table::Column::Position)
        .limit(query.limit() + 1);
    if let Some(after) = cursor::parse_id::<i32>(query.cursor.as_deref())? {
        select = select.filter(table::Column::Position.gt(after));
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
pub async fn rows(tx: &Tx<'_>, run: RunId) -> Result<Vec<RunCaseRow>, DbErr> {
    table::Entity::find()
        .select_only()
        .columns([table::Column::CaseId, table::Column::Status])
        .filter(table::Column::RunId.eq(run))
        .order_by_asc(table::Column::Position)
        .into_tuple()
        .all(tx.db())
        .await
}

/// Sets the cases of a run in this order. Existing cases keep their status. Returns the change, if
/// there is one.
///
/// # Errors
/// [`Error::Invalid`] for too many cases, for a case that is deleted or in another project, and for
/// the removal of a case with results.
pub async fn set(
    tx: &Tx<'_>,
    project: &project::Model,
    run: RunId,
    wanted: Vec<CaseId>,
) -> Result<Option<FieldChange>, TxError> {
    let wanted = without_duplicates(wanted)?;
    let before = rows(tx, run).await?;
    let cases_before: Vec<CaseId> = before.iter().map(|(case, _)| *case).collect();
    let Some(change) = FieldChange::between("cases", &cases_before, &wanted) else { return Ok(None) };
    let current: HashMap<CaseId, ResultStatus> = before.iter().copied().collect();
    let kept: HashSet<CaseId> = wanted.iter().copied().collect();
    let removed = before.iter().find(|(case, status)| *status != ResultStatus::Untested && !kept.contains(case));
    if let Some((case, _)) = removed {
        return Err(removal_error(tx, project, *case).await?);
    }
    let new: Vec<CaseId> = wanted.iter().copied().filter(|case| !current.contains_key(case)).collect();
    if active(tx, project, &new).await?.len() < new.len() {
        let message = "One of the cases is deleted or in another project.";
        return Err(Error::field("caseIds", message).into());
    }
    table::Entity::delete_many().filter(table::Column::RunId.eq(run)).exec(tx.db()).await?;
    let status = |case: &CaseId| current.get(case).copied().unwrap_or(ResultStatus::Untested);
    write(tx, run, wanted.iter().map(|case| (*case, status(case)))).await?;
    Ok(Some(change))
}

/// Copies the cases of a run that are not deleted to a new run, untested.
pub async fn copy(tx: &Tx<'_>, project: &project::Model, from: RunId, to: RunId) -> Result<(), DbErr> {
    let cases: Vec<CaseId> = rows(tx, from).await?.into_iter().map(|(case, _)| case).collect();
    let active: HashSet<CaseId> = active(tx, project, &cases).await?.into_iter().collect();
    let cases = cases.into_iter().filter(|case| active.contains(case));
    write(tx, to, cases.map(|case| (case, ResultStatus::Untested))).await
}

/// Sets the status of a case; false if it is not in the run.
pub async fn set_status(tx: &Tx<'_>, run: RunId, case: CaseId, status: ResultStatus) -> Result<bool, DbErr> {
    let latest = table::ActiveModel { status: Set(status), ..Default::default() };
    let updated = table::Entity::update_many()
        .set(latest)
        .filter(table::Column::RunId.eq(run))
        .filter(table::Column::CaseId.eq(case))
        .exec(tx.db())
        .await?;
    Ok(updated.rows_affected == 1)
}

fn without_duplicates(mut cases: Vec<CaseId>) -> Result<Vec<CaseId>> {
    let mut seen = HashSet::new();
    cases.retain(|case| seen.insert(*case));
    if cases.len() > MAX_CASES_PER_RUN {
        return Err(Error::field("caseIds", format!("Use at most {MAX_CASES_PER_RUN} cases.")));
    }
    Ok(cases)
}

async fn removal_error(tx: &Tx<'_>, project: &project::Model, case: CaseId) -> Result<TxError, DbErr> {
    let case = test_case::Entity::find_by_id(case).one(tx.db()).await?;
    let key = case.map_or_else(String::new, |case| key(project, Subject::Case, case.number));
    Ok(Error::field("caseIds", format!("{key} has results in this run and can't be removed.")).into())
}

/// Those of the cases that belong to the project and are not deleted.
async fn active(tx: &Tx<'_>, project: &project::Model, cases: &[CaseId]) -> Result<Vec<CaseId>, DbErr> {
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

async fn write(tx: &Tx<'_>, run: RunId, rows: impl Iterator<Item = RunCaseRow>) -> Result<(), DbErr> {
    let rows: Vec<_> = (0..)
        .zip(rows)
        .map(|(position, (case, status))| table::ActiveModel {
            run_id: Set(run),
            case_id: Set(case),
            position: Set(position),
            status: Set(status),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    table::Entity::insert_many(rows).exec_without_returning(tx.db()).await.map(drop)
}
