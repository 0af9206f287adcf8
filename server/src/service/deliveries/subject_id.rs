//! The subject of a delivery, if its page can be opened. The interface links to it.

use app::error::Result;
use app::model::catalog::EventType;
use app::model::id::{IssueId, ProjectId};
use app::model::item_id::ItemId;
use app::with_subject;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;

use crate::app_state::AppState;
use crate::entity::{delivery, issue};
use crate::storage::internal;
use crate::testware;

/// The part of an envelope that names its subject.
#[derive(Deserialize)]
struct SubjectEnvelope {
    data: SubjectData,
}

#[derive(Deserialize)]
struct SubjectData {
    id: ItemId,
}

/// The ID of the case, run, session or issue that a delivery is about; `None` if it was deleted or
/// isn't known.
///
/// # Errors
/// Errors of the database.
pub async fn subject_id(state: &AppState, row: &delivery::Model, envelope: Option<&str>) -> Result<Option<ItemId>> {
    let id = match row.issue_id {
        Some(id) => Some(id.into()),
        // A test has an event type of its own, and no subject. What is in a custom event is not from Testbell.
        None if row.event_type.parse::<EventType>().map_or(true, EventType::is_custom) => None,
        None => envelope.and_then(|text| serde_json::from_str::<SubjectEnvelope>(text).ok()).map(|event| event.data.id),
    };
    match id {
        Some(id) if is_active(state, row.project_id, id).await? => Ok(Some(id)),
        _ => Ok(None),
    }
}

async fn is_active(state: &AppState, project: ProjectId, id: ItemId) -> Result<bool> {
    let active = with_subject!(id.subject(), T => {
        testware::active_item::<T>(project, id).count(state.store.read()).await
    }, else {
        let issue = issue::Entity::find_by_id(IssueId(id.uuid())).filter(issue::Column::ProjectId.eq(project));
        issue.filter(issue::Column::DeletedAt.is_null()).count(state.store.read()).await
    });
    Ok(active.map_err(internal)? > 0)
}
