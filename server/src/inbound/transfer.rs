//! Transferred issues. In the tracker, an issue ends under one id and begins under another. Here it
//! stays one issue, whichever of the two events arrives first, and whether the new id was known
//! before.

use app::model::provider::Provider;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, DbErr, IntoActiveModel};

use super::upsert_issue::{hide_issue, insert_issue, lock_issue};
use crate::app_state::AppState;
use crate::entity::issue::HiddenReason;
use crate::entity::{issue, project};
use crate::providers::TrackerIssue;
use crate::storage::Tx;

/// Gives the row of `old_id` the new id. `known` is the row of the new id; it is locked before the
/// old one, so that two transfers lock in the same order. The old id keeps a hidden row, so that
/// late events about it change nothing.
///
/// Returns the row of the new id, and whether it has just received that id.
pub async fn apply_transfer(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    provider: Provider,
    known: Option<issue::Model>,
    issue: &TrackerIssue,
    old_id: &str,
) -> Result<(Option<issue::Model>, bool), DbErr> {
    let old = lock_issue(tx, project.id, provider, old_id).await?;
    let (row, moved) = match (known, old) {
        (None, Some(old)) => (Some(set_external_id(tx, old, Some(&issue.external_id)).await?), true),
        // The new id was imported before the transfer was known. The older row stays, because people
        // know it and link to it.
        (Some(new), Some(old)) if new.deleted_at.is_none() && old.deleted_at.is_none() => {
            let new = set_external_id(tx, new, None).await?;
            let old = set_external_id(tx, old, Some(&issue.external_id)).await?;
            let new = set_external_id(tx, new, Some(old_id)).await?;
            hide_issue(state, tx, project, new, HiddenReason::Moved).await?;
            (Some(old), true)
        }
        (Some(new), Some(old)) if old.deleted_at.is_none() => {
            hide_issue(state, tx, project, old, new.hidden_reason.unwrap_or(HiddenReason::Moved)).await?;
            (Some(new), false)
        }
        (known, _) => (known, false),
    };
    insert_issue(state, tx, project, provider, issue, old_id, Some(HiddenReason::Moved)).await?;
    Ok((row, moved))
}

async fn set_external_id(tx: &Tx<'_>, row: issue::Model, external_id: Option<&str>) -> Result<issue::Model, DbErr> {
    let mut change = row.into_active_model();
    change.external_id = Set(external_id.map(str::to_owned));
    change.update(tx.db()).await
}
