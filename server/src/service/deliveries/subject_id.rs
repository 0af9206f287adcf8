//! The subject of a delivery, if its page can be opened. The interface links to it.

use app::error::Result;
use app::model::catalog::{EventType, Subject};
use app::model::id::{CaseId, IssueId, ProjectId, RunId, SessionId};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Value};
use serde::Deserialize;

use crate::app_state::AppState;
use crate::entity::{delivery, issue, test_case, test_run, test_session};
use crate::storage::internal;

/// The part of an envelope that names its subject.
#[derive(Deserialize)]
struct SubjectEnvelope {
    data: SubjectData,
}

#[derive(Deserialize)]
struct SubjectData {
    id: String,
}

/// The ID of the case, run, session or issue that a delivery is about; `None` if it was deleted or
/// isn't known.
///
/// # Errors
/// Errors of the database.
pub async fn subject_id(state: &AppState, row: &delivery::Model, envelope: Option<&str>) -> Result<Option<String>> {
    let id = match row.issue_id {
        Some(id) => Some(id.to_string()),
        // A test has an event type of its own, and no subject.
        None if row.event_type.parse::<EventType>().is_err() => None,
        None => envelope.and_then(|text| serde_json::from_str::<SubjectEnvelope>(text).ok()).map(|event| event.data.id),
    };
    let Some(id) = id else { return Ok(None) };
    Ok(is_active(state, row.project_id, &id).await?.then_some(id))
}

async fn is_active(state: &AppState, project: ProjectId, id: &str) -> Result<bool> {
    let Some(subject) = Subject::of_id(id) else { return Ok(false) };
    macro_rules! found {
        ($table:ident, $id:ty) => {
            match id.parse::<$id>() {
                Ok(id) => {
                    let columns = [$table::Column::Id, $table::Column::ProjectId, $table::Column::DeletedAt];
                    exists::<$table::Entity>(state, columns, id.into(), project).await
                }
                Err(_) => Ok(false),
            }
        };
    }
    match subject {
        Subject::Case => found!(test_case, CaseId),
        Subject::Issue => found!(issue, IssueId),
        Subject::TestRun => found!(test_run, RunId),
        Subject::Session => found!(test_session, SessionId),
    }
}

async fn exists<E: EntityTrait<Model: Send + Sync>>(
    state: &AppState,
    [id_column, project_column, deleted_at]: [E::Column; 3],
    id: Value,
    project: ProjectId,
) -> Result<bool> {
    let active = E::find().filter(id_column.eq(id)).filter(project_column.eq(project)).filter(deleted_at.is_null());
    Ok(active.count(state.store.read()).await.map_err(internal)? > 0)
}
