//! Where milestones come from: what their pages say about it, and which of them can't be changed here.

pub mod table;

use app::error::Error;
use app::model::id::ProjectId;
use app::testware::milestone::{Milestone, MilestoneId, MilestoneSource, SourceState};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use table::{Column, Entity, Model};

use crate::entity::integration;
use crate::service::TxError;
use crate::storage::Tx;

/// Adds the sources of milestones to their views.
pub async fn complete_views<C: ConnectionTrait>(
    db: &C,
    project: ProjectId,
    views: &mut [Milestone],
) -> Result<(), DbErr> {
    let ids = views.iter().map(|milestone| milestone.id);
    let sources = Entity::find().filter(Column::MilestoneId.is_in(ids)).all(db).await?;
    if sources.is_empty() {
        return Ok(());
    }
    let integration = integration_of(db, project).await?;
    for source in sources {
        let state = state(&source, integration.as_ref());
        if let Some(view) = views.iter_mut().find(|view| Some(view.id) == source.milestone_id) {
            view.source = Some(MilestoneSource { provider: source.provider, url: source.url, state });
        }
    }
    Ok(())
}

/// Requires that a milestone can be changed here.
///
/// # Errors
/// [`Error::Conflict`] if it is kept in sync with a tracker.
pub async fn require_editable(tx: &Tx<'_>, project: ProjectId, id: MilestoneId) -> Result<(), TxError> {
    let Some(source) = Entity::find().filter(Column::MilestoneId.eq(id)).one(tx.db()).await? else { return Ok(()) };
    let integration = integration_of(tx.db(), project).await?;
    if state(&source, integration.as_ref()) != SourceState::Synced {
        return Ok(());
    }
    let tracker = source.provider.label();
    let detail = format!(
        "This milestone is kept in sync with {tracker}. Change it in {tracker}, or turn off the sync of milestones \
         under Issue integration."
    );
    Err(Error::conflict(detail).into())
}

async fn integration_of(db: &impl ConnectionTrait, project: ProjectId) -> Result<Option<integration::Model>, DbErr> {
    integration::Entity::find().filter(integration::Column::ProjectId.eq(project)).one(db).await
}

fn state(source: &Model, integration: Option<&integration::Model>) -> SourceState {
    if source.deleted_at.is_some() {
        return SourceState::Deleted;
    }
    let is_on = integration.is_some_and(|row| row.sync_milestones && row.provider == source.provider);
    if is_on { SourceState::Synced } else { SourceState::Off }
}
