//! Which test cases use which shared steps. The steps of a case have the reference; this table finds the cases.

use std::collections::{BTreeSet, HashMap};

use app::error::Error;
use app::model::catalog::Subject;
use app::model::id::ProjectId;
use app::testware::case::{CaseId, Step};
use app::testware::shared_step::SharedStepId;
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Query, SelectStatement};

use super::table as shared_step;
use crate::entity::item_key::key;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;
use crate::testware::case::steps::MAX_STEPS;
use crate::testware::case::table as test_case;
use crate::testware::events;

/// The number of rows in one statement.
const BATCH_ROWS: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_shared_steps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shared_step_id: SharedStepId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Those that the steps refer to, each once.
pub fn used(steps: &[Step]) -> BTreeSet<SharedStepId> {
    steps.iter().filter_map(|step| step.shared_step_id).collect()
}

/// Stores which shared steps a case uses. Those that it didn't use before are checked, and stay until the change is
/// committed.
///
/// # Errors
/// [`Error::Invalid`] if one of them was deleted or belongs to another project.
pub async fn set(tx: &Tx<'_>, project: ProjectId, case: CaseId, steps: &[Step]) -> Result<(), TxError> {
    let before = Entity::find().filter(Column::CaseId.eq(case)).all(tx.db()).await?;
    let before: BTreeSet<_> = before.into_iter().map(|row| row.shared_step_id).collect();
    let used = used(steps);
    check(tx, project, used.difference(&before).copied().collect()).await?;
    let count = expanded(tx.db(), steps).await?.len();
    if count > MAX_STEPS.max(steps.len()) {
        let message = format!("Use at most {MAX_STEPS} steps. With those of the shared steps, there are {count}.");
        return Err(Error::field("steps", message).into());
    }
    Entity::delete_many().filter(Column::CaseId.eq(case)).exec(tx.db()).await?;
    Ok(insert(tx, used.into_iter().map(|shared| (shared, case))).await?)
}

/// Checks that shared steps can be used in a project, and keeps them until the change is committed.
///
/// # Errors
/// [`Error::Invalid`] if one of them was deleted or belongs to another project.
pub async fn check(tx: &Tx<'_>, project: ProjectId, added: Vec<SharedStepId>) -> Result<(), TxError> {
    if added.is_empty() {
        return Ok(());
    }
    let found = shared_step::Entity::find()
        .filter(shared_step::Column::ProjectId.eq(project))
        .filter(shared_step::Column::DeletedAt.is_null())
        .filter(shared_step::Column::Id.is_in(added.iter().copied()))
        .lock_shared()
        .all(tx.db())
        .await?;
    if found.len() < added.len() {
        return Err(Error::field("steps", "Choose shared steps of this project.").into());
    }
    Ok(())
}

/// Stores that cases use shared steps.
pub async fn insert(tx: &Tx<'_>, uses: impl Iterator<Item = (SharedStepId, CaseId)>) -> Result<(), DbErr> {
    let rows: Vec<_> =
        uses.map(|(shared, case)| ActiveModel { shared_step_id: Set(shared), case_id: Set(case) }).collect();
    for batch in rows.chunks(BATCH_ROWS) {
        Entity::insert_many(batch.to_vec()).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// The steps of a case, with those of shared steps in their place.
pub async fn expanded(db: &impl ConnectionTrait, steps: &[Step]) -> Result<Vec<Step>, DbErr> {
    let used = used(steps);
    let mut shared = HashMap::new();
    if !used.is_empty() {
        let rows = shared_step::Entity::find().filter(shared_step::Column::Id.is_in(used)).all(db).await?;
        shared.extend(rows.into_iter().map(|row| (row.id, row.steps.0)));
    }
    Ok(steps.iter().flat_map(|step| replaced(step, &shared)).collect())
}

fn replaced(step: &Step, shared: &HashMap<SharedStepId, Vec<Step>>) -> Vec<Step> {
    match step.shared_step_id {
        Some(id) => shared.get(&id).cloned().unwrap_or_default(),
        None => vec![step.clone()],
    }
}

/// The steps of a case, with the names of shared steps, for a record of what the case was.
pub async fn described(
    db: &impl ConnectionTrait,
    project: &project::Model,
    steps: &[Step],
) -> Result<Vec<Step>, DbErr> {
    let used = used(steps);
    if used.is_empty() {
        return Ok(steps.to_vec());
    }
    let rows = shared_step::Entity::find().filter(shared_step::Column::Id.is_in(used)).all(db).await?;
    let text = |id| {
        let row = rows.iter().find(|row| row.id == id)?;
        Some(format!("Shared step {} {}", key(project, Subject::SharedStep, row.number), row.name))
    };
    let describe = |step: &Step| match step.shared_step_id.and_then(text) {
        Some(action) => Step { action, ..Step::default() },
        None => step.clone(),
    };
    Ok(steps.iter().map(describe).collect())
}

/// Selects the IDs of the cases that use a shared step.
pub fn cases_with(shared: SharedStepId) -> SelectStatement {
    Query::select().column(Column::CaseId).from(Entity).and_where(Column::SharedStepId.eq(shared)).take()
}

/// Notifies the pages of the cases that use a shared step.
pub async fn show_cases(tx: &Tx<'_>, project: ProjectId, shared: SharedStepId) -> Result<(), DbErr> {
    let cases = Entity::find().filter(Column::SharedStepId.eq(shared)).all(tx.db()).await?;
    events::show_changes(tx, project, cases.into_iter().map(|row| row.case_id.into()));
    Ok(())
}

/// Replaces a shared step by its steps in all cases that use it. They emit no events: the shared step does.
pub async fn replace_by_steps(tx: &Tx<'_>, shared: &shared_step::Model) -> Result<(), DbErr> {
    show_cases(tx, shared.project_id, shared.id).await?;
    let steps = HashMap::from([(shared.id, shared.steps.0.clone())]);
    let cases = test_case::Entity::find()
        .filter(test_case::Column::Id.in_subquery(cases_with(shared.id)))
        .lock_exclusive()
        .all(tx.db())
        .await?;
    for mut case in cases {
        let replace = |step: &Step| match step.shared_step_id {
            Some(id) if id == shared.id => replaced(step, &steps),
            _ => vec![step.clone()],
        };
        case.steps.0 = case.steps.0.iter().flat_map(replace).collect();
        test_case::Entity::update(case.written()).exec_without_returning(tx.db()).await?;
    }
    Entity::delete_many().filter(Column::SharedStepId.eq(shared.id)).exec(tx.db()).await?;
    Ok(())
}
