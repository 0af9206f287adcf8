//! Who tests the cases of a run. An assignment emits no event, as it changes neither the run nor its results.

use std::collections::{HashMap, HashSet};

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::catalog::Subject;
use app::model::id::{ProjectId, UserId};
use app::model::people::Actor;
use app::service::Assignments;
use app::testware::case::CaseId;
use app::testware::execution::ResultStatus;
use app::testware::run::assignment::{AssignCases, AssignedCase, AssignedCases, UNFINISHED};
use app::testware::run::{MAX_CASES_PER_RUN, RunId};
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, IntoCondition};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationTrait, Select,
};

use super::table;
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::{member, project, user};
use crate::service::{TxError, capped_count::capped_count};
use crate::storage::{Tx, internal};
use crate::testware::case::table as test_case;
use crate::testware::run::table as test_run;
use crate::testware::{events, items, key};

const CASE_IDS: &str = "caseIds";

#[async_trait]
impl Assignments for AppState {
    async fn assign_cases(&self, actor: &Actor, id: RunId, assign: AssignCases) -> Result<AssignedCases> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<test_run::Model>(self, actor, id).await?.1;
        let assignee = parsed(&assign.assignee_id)?;
        let cases = assign.case_ids.map(checked).transpose()?;
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = items::lock_open::<test_run::Model>(tx, &project, id).await?;
                check_assignee(tx, project.id, assignee).await?;
                let of_run = Condition::all().add(table::Column::RunId.eq(id));
                let wanted = match cases {
                    Some(cases) => {
                        check_cases(tx, id, &cases).await?;
                        of_run.add(table::Column::CaseId.is_in(cases))
                    }
                    None => of_run.add(table::Column::Status.is_in(UNFINISHED)),
                };
                let changed = assign_to(tx, assignee, wanted).await?;
                if changed > 0 {
                    items::show(tx, &project, &row);
                }
                Ok::<_, TxError>(changed)
            })
        });
        Ok(AssignedCases { changed: u32::try_from(change.await?).unwrap_or(u32::MAX) })
    }
}

/// `None` for an empty text.
fn parsed(assignee: &str) -> Result<Option<UserId>> {
    if assignee.is_empty() {
        return Ok(None);
    }
    assignee.parse().map(Some).map_err(|_| unknown_assignee())
}

fn unknown_assignee() -> Error {
    Error::field("assigneeId", "Choose an active member of this project.")
}

fn checked(mut cases: Vec<CaseId>) -> Result<Vec<CaseId>> {
    cases.sort_unstable();
    cases.dedup();
    match cases.len() {
        0 => Err(Error::field(CASE_IDS, "Choose at least one case, or leave the field out for all unfinished ones.")),
        count if count > MAX_CASES_PER_RUN => {
            Err(Error::field(CASE_IDS, format!("Use at most {MAX_CASES_PER_RUN} cases.")))
        }
        _ => Ok(cases),
    }
}

/// An assignee is a member whose account is active. The membership can't end until the change is committed.
async fn check_assignee(tx: &Tx<'_>, project: ProjectId, assignee: Option<UserId>) -> Result<(), TxError> {
    let Some(assignee) = assignee else { return Ok(()) };
    let is_member = member::Entity::find_by_id((project, assignee)).lock_shared().one(tx.db()).await?.is_some();
    let active = user::Entity::find_by_id(assignee).filter(user::Column::DeactivatedAt.is_null());
    if is_member && active.one(tx.db()).await?.is_some() {
        return Ok(());
    }
    Err(unknown_assignee().into())
}

async fn check_cases(tx: &Tx<'_>, run: RunId, cases: &[CaseId]) -> Result<(), TxError> {
    let found: Vec<CaseId> = super::of_run(run, cases.iter().copied())
        .select_only()
        .column(table::Column::CaseId)
        .into_tuple()
        .all(tx.db())
        .await?;
    let found: HashSet<CaseId> = found.into_iter().collect();
    if cases.iter().all(|case| found.contains(case)) {
        return Ok(());
    }
    Err(Error::field(CASE_IDS, "One of the cases is not in this run.").into())
}

/// Assigns what matches, and returns how many assignments changed.
async fn assign_to(tx: &Tx<'_>, assignee: Option<UserId>, wanted: Condition) -> Result<u64, DbErr> {
    let column = table::Column::AssigneeId;
    let differs = match assignee {
        Some(assignee) => Condition::any().add(column.is_null()).add(column.ne(assignee)),
        None => column.is_not_null().into_condition(),
    };
    let changed = table::Entity::update_many().col_expr(column, Expr::value(assignee));
    Ok(changed.filter(wanted).filter(differs).exec(tx.db()).await?.rows_affected)
}

/// Ends the assignments of a former member in the open runs of a project, so that others see which cases need somebody.
/// Completed runs keep them, as they were.
pub async fn clear_assignments(tx: &Tx<'_>, project: ProjectId, user: UserId) -> Result<(), DbErr> {
    let open = test_run::Entity::find()
        .select_only()
        .column(test_run::Column::Id)
        .filter(test_run::Column::ProjectId.eq(project))
        .filter(test_run::Column::CompletedAt.is_null());
    let assigned = Condition::all()
        .add(table::Column::AssigneeId.eq(user))
        .add(table::Column::RunId.in_subquery(open.into_query()));
    let runs: Vec<RunId> = table::Entity::find()
        .select_only()
        .column(table::Column::RunId)
        .distinct()
        .filter(assigned.clone())
        .into_tuple()
        .all(tx.db())
        .await?;
    assign_to(tx, None, assigned).await?;
    runs.into_iter().for_each(|run| events::show_change(tx, project, run.into()));
    Ok(())
}

/// The cases of open runs that a user has not finished: the first ones, newest run first, and how many there are. Counts
/// at most `max_count`.
///
/// # Errors
/// When the database fails.
pub async fn assigned_to(
    state: &AppState,
    project: &project::Model,
    user: UserId,
    (limit, max_count): (u32, u32),
) -> Result<(Vec<AssignedCase>, u32)> {
    let db = state.store.read();
    let unfinished = unfinished(project.id, user);
    let count = unfinished.clone().select_only().column(table::Column::CaseId);
    let count = capped_count(db, count, max_count).await?;
    if count == 0 {
        return Ok((Vec::new(), 0));
    }
    let rows: Vec<(RunId, CaseId, ResultStatus)> = unfinished
        .select_only()
        .columns([table::Column::RunId, table::Column::CaseId, table::Column::Status])
        .order_by_desc(table::Column::RunId)
        .order_by_asc(table::Column::Position)
        .limit(u64::from(limit))
        .into_tuple()
        .all(db)
        .await
        .map_err(internal)?;
    let runs = test_run::Column::Id.is_in(rows.iter().map(|row| row.0));
    let runs = test_run::Entity::find().filter(runs).all(db).await.map_err(internal)?;
    let runs: HashMap<RunId, test_run::Model> = runs.into_iter().map(|run| (run.id, run)).collect();
    let cases = test_case::Column::Id.is_in(rows.iter().map(|row| row.1));
    let cases = test_case::Entity::find().filter(cases).all(db).await.map_err(internal)?;
    let cases: HashMap<CaseId, test_case::Model> = cases.into_iter().map(|case| (case.id, case)).collect();
    let view = |(run, case, status)| {
        let (run, case) = (runs.get(&run)?, cases.get(&case)?);
        Some(AssignedCase {
            case_id: case.id,
            key: key::key(project, Subject::Case, case.number),
            title: case.title.clone(),
            status,
            run_id: run.id,
            run_key: key::key(project, Subject::TestRun, run.number),
            run_name: run.name.clone(),
        })
    };
    Ok((rows.into_iter().filter_map(view).collect(), count))
}

fn unfinished(project: ProjectId, user: UserId) -> Select<table::Entity> {
    table::Entity::find()
        .join(JoinType::InnerJoin, table::Relation::Run.def())
        .filter(table::Column::AssigneeId.eq(user))
        .filter(table::Column::Status.is_in(UNFINISHED))
        .filter(test_run::Column::ProjectId.eq(project))
        .filter(test_run::Column::CompletedAt.is_null())
        .filter(test_run::Column::DeletedAt.is_null())
}
