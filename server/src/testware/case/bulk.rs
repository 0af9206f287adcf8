//! Changes several test cases in one transaction, as single changes would: with their events and history. The events
//! are in the order of the IDs.

use std::collections::{HashMap, HashSet};

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::catalog::Subject;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::service::BulkCases;
use app::testware::case::bulk::{ChangedCases, DeleteCases, DeletedCases, MAX_BULK_CASES, UpdateCases};
use app::testware::case::{CaseId, UpdateCase};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::table::{Column, Entity, Model};
use crate::access::{require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::TxError;
use crate::service::issues::fields::labels_of;
use crate::storage::Tx;
use crate::testware::{items, key};

/// The number of IDs that an error names.
const MAX_NAMED_IDS: usize = 10;

#[async_trait]
impl BulkCases for AppState {
    async fn update_cases(&self, actor: &Actor, project: ProjectId, change: UpdateCases) -> Result<ChangedCases> {
        require_scope(actor, TokenScope::Write)?;
        let project = require_member(self, actor, project).await?.project;
        let ids = distinct(&change.ids)?;
        let add = labels_of(&change.add_labels).map_err(|problem| Error::field("addLabels", problem))?;
        let (state, by) = (self.clone(), actor.clone());
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let mut result = ChangedCases { changed: 0, unchanged: 0 };
                for case in lock_all(tx, project.id, &ids).await? {
                    let mut fields = UpdateCase {
                        suite_id: change.suite_id.clone(),
                        priority: change.priority,
                        state: change.state,
                        labels: labels(&project, &case, &change, &add)?,
                        custom_fields: change.custom_fields.clone(),
                        ..UpdateCase::default()
                    };
                    match items::change_row(&state, tx, &project, &case, &mut fields, &by).await? {
                        Some(_) => result.changed += 1,
                        None => result.unchanged += 1,
                    }
                }
                Ok::<_, TxError>(result)
            })
        });
        Ok(write.await?)
    }

    async fn delete_cases(&self, actor: &Actor, project: ProjectId, delete: DeleteCases) -> Result<DeletedCases> {
        require_scope(actor, TokenScope::Write)?;
        let project = require_member(self, actor, project).await?.project;
        let ids = distinct(&delete.ids)?;
        let (state, by) = (self.clone(), actor.clone());
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let mut result = DeletedCases { deleted: 0 };
                for case in lock_all(tx, project.id, &ids).await? {
                    items::delete_row(&state, tx, &project, &case, &by).await?;
                    result.deleted += 1;
                }
                Ok::<_, TxError>(result)
            })
        });
        Ok(write.await?)
    }
}

/// The IDs without repeated ones, in their order.
fn distinct(ids: &[CaseId]) -> Result<Vec<CaseId>> {
    if ids.is_empty() || ids.len() > MAX_BULK_CASES {
        return Err(Error::field("ids", format!("Select 1 to {MAX_BULK_CASES} test cases.")));
    }
    let mut seen = HashSet::new();
    Ok(ids.iter().copied().filter(|id| seen.insert(*id)).collect())
}

/// Locks the cases, and returns them in the order of the IDs.
async fn lock_all(tx: &Tx<'_>, project: ProjectId, ids: &[CaseId]) -> Result<Vec<Model>, TxError> {
    // Two bulk changes lock their cases in the same order.
    let select = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).order_by_asc(Column::Id);
    let rows = select.lock_exclusive().all(tx.db()).await?;
    let is_here = |row: &Model| row.project_id == project && row.deleted_at.is_none();
    let mut rows: HashMap<_, _> = rows.into_iter().filter(is_here).map(|row| (row.id, row)).collect();
    let unknown: Vec<_> = ids.iter().filter(|id| !rows.contains_key(id)).map(CaseId::to_string).collect();
    if !unknown.is_empty() {
        let named = unknown.iter().take(MAX_NAMED_IDS).map(String::as_str).collect::<Vec<_>>().join(", ");
        let rest = unknown.len().saturating_sub(MAX_NAMED_IDS);
        let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        return Err(
            Error::field("ids", format!("This project has no test case {named}{more}. Nothing was changed.")).into()
        );
    }
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// The labels that a case gets; `None` if they stay.
fn labels(project: &project::Model, case: &Model, change: &UpdateCases, add: &[String]) -> Result<Option<Vec<String>>> {
    if change.labels.is_none() && add.is_empty() && change.remove_labels.is_empty() {
        return Ok(None);
    }
    let mut labels = change.labels.clone().unwrap_or_else(|| case.labels.0.clone());
    labels.retain(|label| !change.remove_labels.iter().any(|removed| removed.trim() == label.trim()));
    labels.extend(add.iter().cloned());
    let checked = labels_of(&labels).map_err(|problem| {
        let field = if change.labels.is_some() { "labels" } else { "addLabels" };
        let key = key::key(project, Subject::Case, case.number);
        Error::field(field, format!("{key}: {problem}"))
    });
    checked.map(Some)
}
