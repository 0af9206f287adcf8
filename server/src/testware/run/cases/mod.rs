//! The cases of a run, in order, each with the status of its latest result.

pub mod assignments;
pub mod table;

use std::collections::{HashMap, HashSet};

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::UserId;
use app::model::page::{Page, PageQuery};
use app::testware::case::{CaseId, CaseState, Priority};
use app::testware::execution::{Counts, ResultStatus};
use app::testware::item::CopiedCases;
use app::testware::run::{MAX_CASES_PER_RUN, RunCase, RunCaseQuery, RunId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::{Value, json};

use crate::entity::{project, result};
use crate::events::FieldChange;
use crate::service::people::names::user_names;
use crate::service::{TxError, cursor};
use crate::storage::{Tx, internal};
use crate::testware::case::table as test_case;
use crate::testware::key::key;
use crate::testware::result::fields::CheckedResult;

/// The field of a run with the IDs of its cases.
pub const FIELD: &str = "cases";
/// The number of added cases in an event.
const MAX_ADDED: usize = 50;

/// A case of a run, the status of its latest result, and whom it is assigned to.
type RunCaseRow = (CaseId, ResultStatus, Option<UserId>);

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
    query: RunCaseQuery,
) -> Result<Page<RunCase>> {
    let caller = query.caller.filter(|_| query.mine == Some(true));
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let mut select = table::Entity::find()
        .filter(table::Column::RunId.eq(run))
        .order_by_asc(table::Column::Position)
        .limit(page.limit() + 1);
    for assignee in caller.into_iter().chain(query.assignee) {
        select = select.filter(table::Column::AssigneeId.eq(assignee));
    }
    if let Some(status) = query.status {
        select = select.filter(table::Column::Status.eq(status));
    }
    if let Some(after) = cursor::parse_id::<i32>(page.cursor.as_deref())? {
        select = select.filter(table::Column::Position.gt(after));
    }
    let rows = select.all(db).await.map_err(internal)?;
    let page = Page::cut(rows, page.limit(), |row| row.position.to_string());
    let assignees = page.items.iter().filter_map(|row| row.assignee_id);
    let names = user_names(db, assignees).await.map_err(internal)?;
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
            assignee_id: row.assignee_id,
            assignee: row.assignee_id.and_then(|id| names.get(&id).cloned()),
        }
    }))
}

/// The cases that a change of [`FIELD`] adds, in their order; `None` if it adds none.
pub async fn added(tx: &Tx<'_>, project: &project::Model, change: &FieldChange) -> Result<Option<Value>, DbErr> {
    let before: HashSet<&Value> = change.from().as_array().into_iter().flatten().collect();
    let after = change.to().as_array().into_iter().flatten();
    let ids: Vec<CaseId> =
        after.filter(|id| !before.contains(id)).filter_map(|id| id.as_str()?.parse().ok()).take(MAX_ADDED).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let rows = test_case::Entity::find().filter(test_case::Column::Id.is_in(ids.iter().copied())).all(tx.db()).await?;
    let rows: HashMap<CaseId, test_case::Model> = rows.into_iter().map(|case| (case.id, case)).collect();
    let case = |id| {
        rows.get(id).map(|case| json!({"id": id, "key": key(project, Subject::Case, case.number), "title": case.title}))
    };
    Ok(Some(ids.iter().filter_map(case).collect()))
}

/// The cases of a run, in order.
pub async fn rows(tx: &Tx<'_>, run: RunId) -> Result<Vec<RunCaseRow>, DbErr> {
    table::Entity::find()
        .select_only()
        .columns([table::Column::CaseId, table::Column::Status, table::Column::AssigneeId])
        .filter(table::Column::RunId.eq(run))
        .order_by_asc(table::Column::Position)
        .into_tuple()
        .all(tx.db())
        .await
}

/// Sets the cases of a run in this order. Existing cases keep their status and assignee. Returns the change, if
/// there is one.
///
/// # Errors
/// [`Error::Invalid`] for too many cases, for a case that is archived, deleted or in another project, and for
/// the removal of a case with results.
pub async fn set(
    tx: &Tx<'_>,
    project: &project::Model,
    run: RunId,
    wanted: Vec<CaseId>,
) -> Result<Option<FieldChange>, TxError> {
    let wanted = without_duplicates(wanted)?;
    let before = rows(tx, run).await?;
    let cases_before: Vec<CaseId> = before.iter().map(|(case, ..)| *case).collect();
    let Some(change) = FieldChange::between(FIELD, &cases_before, &wanted) else { return Ok(None) };
    let current: HashMap<CaseId, RunCaseRow> = before.iter().map(|row| (row.0, *row)).collect();
    let kept: HashSet<CaseId> = wanted.iter().copied().collect();
    let removed = before.iter().find(|(case, status, _)| *status != ResultStatus::Untested && !kept.contains(case));
    if let Some((case, ..)) = removed {
        return Err(removal_error(tx, project, *case).await?);
    }
    let new: Vec<CaseId> = wanted.iter().copied().filter(|case| !current.contains_key(case)).collect();
    if active(tx, project, &new).await?.len() < new.len() {
        let message = "One of the cases is archived, deleted or in another project.";
        return Err(Error::field("caseIds", message).into());
    }
    table::Entity::delete_many().filter(table::Column::RunId.eq(run)).exec(tx.db()).await?;
    let row = |case: &CaseId| current.get(case).copied().unwrap_or((*case, ResultStatus::Untested, None));
    write(tx, run, wanted.iter().map(row)).await?;
    Ok(Some(change))
}

/// Copies cases of a run that are not archived or deleted to a new run, untested and without assignees.
///
/// # Errors
/// [`Error::Conflict`] if only failed ones are wanted and there are none.
pub async fn copy(
    tx: &Tx<'_>,
    project: &project::Model,
    from: RunId,
    to: RunId,
    wanted: CopiedCases,
) -> Result<(), TxError> {
    let is_wanted = |status| wanted == CopiedCases::All || status == ResultStatus::Failed;
    let cases = rows(tx, from).await?.into_iter().filter(|(_, status, _)| is_wanted(*status));
    let cases: Vec<CaseId> = cases.map(|(case, ..)| case).collect();
    let active: HashSet<CaseId> = active(tx, project, &cases).await?.into_iter().collect();
    if wanted == CopiedCases::Failed && active.is_empty() {
        return Err(Error::conflict("No case of this run failed, so there is nothing to test again.").into());
    }
    let cases = cases.into_iter().filter(|case| active.contains(case));
    Ok(write(tx, to, cases.map(|case| (case, ResultStatus::Untested, None))).await?)
}

/// Sets the status of each case to that of its last result. Returns the position of the first result whose case is not
/// in the run.
pub async fn set_statuses(tx: &Tx<'_>, run: RunId, results: &[CheckedResult]) -> Result<Option<usize>, DbErr> {
    let last: HashMap<CaseId, ResultStatus> =
        results.iter().filter_map(|result| Some((result.case?, result.status))).collect();
    let known: HashSet<CaseId> = of_run(run, last.keys().copied())
        .select_only()
        .column(table::Column::CaseId)
        .into_tuple()
        .all(tx.db())
        .await?
        .into_iter()
        .collect();
    let unknown = results.iter().position(|result| result.case.is_none_or(|case| !known.contains(&case)));
    if unknown.is_some() {
        return Ok(unknown);
    }
    for &status in ResultStatus::ALL {
        let cases: Vec<CaseId> = last.iter().filter(|(_, last)| **last == status).map(|(case, _)| *case).collect();
        if !cases.is_empty() {
            set_status(tx, run, cases, status).await?;
        }
    }
    Ok(None)
}

/// Sets the status of a case to that of its latest result, after a result changed or was deleted.
pub async fn refresh_status(tx: &Tx<'_>, run: RunId, case: CaseId) -> Result<(), DbErr> {
    let latest = result::Entity::find()
        .filter(result::Column::RunId.eq(run))
        .filter(result::Column::CaseId.eq(case))
        .order_by_desc(result::Column::Id)
        .one(tx.db())
        .await?;
    set_status(tx, run, vec![case], latest.map_or(ResultStatus::Untested, |latest| latest.status)).await
}

fn of_run(run: RunId, cases: impl IntoIterator<Item = CaseId>) -> Select<table::Entity> {
    table::Entity::find().filter(table::Column::RunId.eq(run)).filter(table::Column::CaseId.is_in(cases))
}

async fn set_status(tx: &Tx<'_>, run: RunId, cases: Vec<CaseId>, status: ResultStatus) -> Result<(), DbErr> {
    table::Entity::update_many()
        .set(table::ActiveModel { status: Set(status), ..Default::default() })
        .filter(table::Column::RunId.eq(run))
        .filter(table::Column::CaseId.is_in(cases))
        .exec(tx.db())
        .await
        .map(drop)
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

/// Those of the cases that belong to the project and are neither archived nor deleted.
async fn active(tx: &Tx<'_>, project: &project::Model, cases: &[CaseId]) -> Result<Vec<CaseId>, DbErr> {
    test_case::Entity::find()
        .select_only()
        .column(test_case::Column::Id)
        .filter(test_case::Column::Id.is_in(cases.iter().copied()))
        .filter(test_case::Column::ProjectId.eq(project.id))
        .filter(test_case::Column::DeletedAt.is_null())
        .filter(test_case::Column::State.eq(CaseState::Active))
        .into_tuple()
        .all(tx.db())
        .await
}

async fn write(tx: &Tx<'_>, run: RunId, rows: impl Iterator<Item = RunCaseRow>) -> Result<(), DbErr> {
    let rows: Vec<_> = (0..)
        .zip(rows)
        .map(|(position, (case, status, assignee))| table::ActiveModel {
            run_id: Set(run),
            case_id: Set(case),
            position: Set(position),
            status: Set(status),
            assignee_id: Set(assignee),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    table::Entity::insert_many(rows).exec_without_returning(tx.db()).await.map(drop)
}
