//! Files that are attached to results: screenshots and logs. Who sees a result sees its attachments, and they
//! change as long as the result can. Deleting one only marks it; `operations::attachment_deletion` deletes the content.

pub mod chunks;
mod content_type;
pub mod file_name;
mod rest;
pub mod table;
pub mod upload;

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::id::ResultId;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::testware::attachment::{Attachment, AttachmentId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use table::{Column, Entity, Model};
use uuid::Uuid;

pub use rest::routes;

use super::execution::ExecutionRow;
use super::items;
use super::result::find;
use super::result::rows::ResultParent;
use super::row::Id;
use super::run::table::Model as RunRow;
use super::session::table::Model as SessionRow;
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::{TxError, cursor};
use crate::storage::{Tx, internal};

/// The run or session of an attachment, which is not deleted, and whose member the caller is.
pub struct Parent {
    pub project: project::Model,
    pub of: ResultParent,
}

/// The run or session of a result.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn parent(state: &AppState, actor: &Actor, result: ResultId) -> Result<Parent> {
    let of = find(state, result).await?.1;
    let project = match of {
        ResultParent::Run(run) => items::active::<RunRow>(state, actor, run).await?.1,
        ResultParent::Session(session) => items::active::<SessionRow>(state, actor, session).await?.1,
    };
    Ok(Parent { project, of })
}

/// An attachment that the caller may see.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(state: &AppState, actor: &Actor, id: AttachmentId) -> Result<(Attachment, Parent)> {
    let row = Entity::find_by_id(id).filter(Column::Complete.eq(true)).one(state.store.read()).await;
    let attachment = row.map_err(internal)?.and_then(view).ok_or(Error::NotFound)?;
    let parent = parent(state, actor, attachment.result_id).await?;
    Ok((attachment, parent))
}

/// A page of the attachments of a result, newest first.
pub async fn page(state: &AppState, actor: &Actor, result: ResultId, page: &PageQuery) -> Result<Page<Attachment>> {
    parent(state, actor, result).await?;
    let found = Entity::find().filter(Column::ResultId.eq(result)).filter(Column::Complete.eq(true));
    let page = cursor::newest_first(state.store.read(), found, (Column::Id, |row: &Model| row.id), page).await?;
    let items = page.items.into_iter().filter_map(view).collect();
    Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
}

/// The attachments of results, oldest first.
pub async fn of_results<C: ConnectionTrait>(
    db: &C,
    results: impl IntoIterator<Item = ResultId>,
) -> Result<HashMap<ResultId, Vec<Attachment>>, DbErr> {
    let select = Entity::find().filter(Column::ResultId.is_in(results)).filter(Column::Complete.eq(true));
    let mut found: HashMap<ResultId, Vec<Attachment>> = HashMap::new();
    for attachment in select.order_by_asc(Column::Id).all(db).await?.into_iter().filter_map(view) {
        found.entry(attachment.result_id).or_default().push(attachment);
    }
    Ok(found)
}

/// Deletes an attachment of a run or session that is not completed.
pub async fn delete<R: ExecutionRow>(
    state: &AppState,
    project: &project::Model,
    (parent, id): (Id<R>, AttachmentId),
) -> Result<()> {
    let (state_in_tx, project) = (state.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = items::lock_open::<R>(tx, &project, parent).await?;
            if mark_deleted(tx.db(), Column::Id.eq(id)).await? == 0 {
                return Err(Error::NotFound.into());
            }
            upload::show_change(&state_in_tx, tx, &project, &mut row).await?;
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}

/// Deletes the attachments of a result, together with it.
pub async fn delete_of_result(tx: &Tx<'_>, result: ResultId) -> Result<(), DbErr> {
    mark_deleted(tx.db(), Column::ResultId.eq(result)).await.map(drop)
}

/// Deletes the attachments of a run or session, together with it.
pub async fn delete_of_parent(tx: &Tx<'_>, parent: Uuid) -> Result<(), DbErr> {
    mark_deleted(tx.db(), Column::ParentId.eq(parent)).await.map(drop)
}

/// Removes an upload that was not completed.
async fn remove(state: &AppState, id: AttachmentId) -> Result<()> {
    let change = state.store.write(move |tx| Box::pin(async move { mark_deleted(tx.db(), Column::Id.eq(id)).await }));
    change.await.map(drop).map_err(internal)
}

async fn mark_deleted(db: &impl ConnectionTrait, which: sea_orm::sea_query::SimpleExpr) -> Result<u64, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::ResultId, Expr::value(None::<Uuid>))
        .filter(which)
        .filter(Column::ResultId.is_not_null());
    Ok(update.exec(db).await?.rows_affected)
}

/// `None` for a deleted one.
fn view(row: Model) -> Option<Attachment> {
    Some(Attachment {
        id: row.id,
        result_id: row.result_id?,
        name: row.name,
        content_type: row.content_type,
        size: u32::try_from(row.size).ok()?,
        created_at: row.created_at,
    })
}
