//! What comments are about: an issue or an item of testware.

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::{IssueId, ProjectId};
use app::model::item_id::ItemId;
use app::with_subject;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::entity::{issue, project};
use crate::storage::internal;
use crate::testware;

/// The item as the event of a mention contains it.
///
/// # Errors
/// [`Error::NotFound`] if it is deleted, of another project, or nothing that has comments.
pub async fn reference(db: &impl ConnectionTrait, project: &project::Model, id: ItemId) -> Result<Value> {
    let [key, title] = with_subject!(id.subject(), T => {
        let row = testware::active_item::<T>(project.id, id).one(db).await.map_err(internal)?.ok_or(Error::NotFound)?;
        testware::key_and_title(project, &row)
    }, else match id.subject() {
        Subject::Issue => issue_names(db, project.id, IssueId(id.uuid())).await?,
        _ => return Err(Error::NotFound),
    });
    Ok(json!({"type": id.subject(), "id": id, "key": key, "title": title}))
}

async fn issue_names(db: &impl ConnectionTrait, project: ProjectId, id: IssueId) -> Result<[Value; 2]> {
    let issue = issue::Entity::find_by_id(id)
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::DeletedAt.is_null())
        .one(db)
        .await
        .map_err(internal)?
        .ok_or(Error::NotFound)?;
    Ok([json!(issue.key), json!(issue.title)])
}
