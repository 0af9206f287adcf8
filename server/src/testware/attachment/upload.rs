//! Receives an attachment. A row reserves its place among the limits, each chunk is a transaction of its own, and the
//! last one makes it visible. So no writer waits for a slow sender, and memory has one chunk at a time.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::id::{ProjectId, ResultId};
use app::model::people::Actor;
use app::testware::attachment::{Attachment, AttachmentId, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, MAX_PROJECT_BYTES};
use axum::body::{Body, Bytes};
use futures::StreamExt;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};

use super::table::{Column, Entity, Model};
use super::{Parent, chunks, content_type, file_name, parent, view};
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::{Tx, internal};
use crate::testware::execution::ExecutionRow;
use crate::testware::items;
use crate::testware::result::rows::ResultParent;
use crate::testware::row::Id;
use crate::testware::run::table::Model as RunRow;
use crate::testware::session::table::Model as SessionRow;

/// Why a file was not attached.
#[derive(Debug)]
pub enum UploadError {
    /// The service refused it.
    Refused(Error),
    /// It is larger than [`MAX_ATTACHMENT_BYTES`].
    TooLarge,
    /// The sender ended before all of it was received.
    Incomplete,
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<DbErr> for UploadError {
    fn from(error: DbErr) -> Self {
        Self::Refused(internal(error))
    }
}

/// Attaches a file to a result of a run or session that is not completed. `declared` is its size if the request says it.
///
/// # Errors
/// See [`UploadError`]; [`Error::Conflict`] for a limit that is reached.
pub async fn attach(
    state: &AppState,
    actor: &Actor,
    result: ResultId,
    (name, declared): (Option<String>, Option<u64>),
    body: Body,
) -> std::result::Result<Attachment, UploadError> {
    require_scope(actor, TokenScope::Write)?;
    let Parent { project, of, .. } = parent(state, actor, result).await?;
    if declared.is_some_and(|size| size > MAX_ATTACHMENT_BYTES as u64) {
        return Err(UploadError::TooLarge);
    }
    let name = file_name::clean(&name.unwrap_or_default());
    let name = name.ok_or_else(|| Error::field("name", "Use at most 200 characters."))?;
    let size = i64::try_from(declared.unwrap_or(MAX_ATTACHMENT_BYTES as u64)).unwrap_or(i64::MAX);
    let row = Model {
        id: state.ids.next(),
        project_id: project.id,
        result_id: Some(result),
        parent_id: of.uuid(),
        name,
        content_type: String::new(),
        size,
        complete: false,
        author_id: actor.id,
        created_at: state.clock.now(),
    };
    let id = row.id;
    match of {
        ResultParent::Run(run) => reserve::<RunRow>(state, &project, run, row.clone()).await?,
        ResultParent::Session(session) => reserve::<SessionRow>(state, &project, session, row.clone()).await?,
    }
    let received = async {
        let (size, content_type) = receive(state, id, body).await?;
        let row = Model { size, content_type: content_type.to_owned(), complete: true, ..row };
        match of {
            ResultParent::Run(run) => complete::<RunRow>(state, &project, run, row).await,
            ResultParent::Session(session) => complete::<SessionRow>(state, &project, session, row).await,
        }
    };
    match received.await {
        Ok(row) => view(row).ok_or(UploadError::Refused(Error::Internal)),
        Err(error) => {
            // Otherwise it would count for an hour.
            super::remove(state, id).await?;
            Err(error)
        }
    }
}

/// Inserts the row of an upload, unless a limit is reached. Uploads that begin at the same moment in different runs may
/// exceed the limit of the project by their size.
async fn reserve<R: ExecutionRow>(state: &AppState, project: &project::Model, parent: Id<R>, row: Model) -> Result<()> {
    let project = project.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            items::lock_open::<R>(tx, &project, parent).await?;
            let of_result = Entity::find().filter(Column::ResultId.eq(row.result_id));
            if of_result.count(tx.db()).await? >= MAX_ATTACHMENTS {
                let detail = format!("A result has at most {MAX_ATTACHMENTS} attachments. Delete one first.");
                return Err(Error::conflict(detail).into());
            }
            if used_bytes(tx.db(), row.project_id).await?.saturating_add(row.size) > MAX_PROJECT_BYTES.cast_signed() {
                let detail = "The attachments of this project have reached 2 GiB in total. Delete some, or results \
                              and test runs that are no longer needed.";
                return Err(Error::conflict(detail).into());
            }
            Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}

/// The size of all attachments of a project.
async fn used_bytes(db: &impl ConnectionTrait, project: ProjectId) -> std::result::Result<i64, DbErr> {
    let sum: Option<Option<i64>> = Entity::find()
        .select_only()
        // PostgreSQL sums to a decimal number.
        .column_as(Expr::col(Column::Size).sum().cast_as("bigint"), "used")
        .filter(Column::ProjectId.eq(project))
        .filter(Column::ResultId.is_not_null())
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.flatten().unwrap_or_default())
}

/// Stores the content. Returns its size and its type.
async fn receive(
    state: &AppState,
    id: AttachmentId,
    body: Body,
) -> std::result::Result<(i64, &'static str), UploadError> {
    let mut body = body.into_data_stream();
    let mut chunk = Vec::new();
    let (mut size, mut position, mut content_type) = (0_usize, 0, None);
    while let Some(bytes) = body.next().await {
        let mut bytes: Bytes = bytes.map_err(|_| UploadError::Incomplete)?;
        size = size.saturating_add(bytes.len());
        if size > MAX_ATTACHMENT_BYTES {
            return Err(UploadError::TooLarge);
        }
        while !bytes.is_empty() {
            let fits = bytes.len().min(chunks::CHUNK_BYTES - chunk.len());
            chunk.extend_from_slice(&bytes.split_to(fits));
            if chunk.len() == chunks::CHUNK_BYTES {
                content_type.get_or_insert_with(|| content_type::detect(&chunk));
                chunks::write(state, id, position, std::mem::take(&mut chunk)).await?;
                position += 1;
            }
        }
    }
    if size == 0 {
        return Err(Error::invalid("The file is empty. Attach another one.").into());
    }
    let content_type = content_type.unwrap_or_else(|| content_type::detect(&chunk));
    if !chunk.is_empty() {
        chunks::write(state, id, position, chunk).await?;
    }
    Ok((i64::try_from(size).unwrap_or(i64::MAX), content_type))
}

/// Makes an attachment visible, unless its result was deleted or its run or session was completed meanwhile.
async fn complete<R: ExecutionRow>(
    state: &AppState,
    project: &project::Model,
    parent: Id<R>,
    row: Model,
) -> std::result::Result<Model, UploadError> {
    let (state_in_tx, project) = (state.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut of = items::lock_open::<R>(tx, &project, parent).await?;
            let kept = Entity::find_by_id(row.id).filter(Column::ResultId.is_not_null()).count(tx.db()).await?;
            if kept == 0 {
                return Err(Error::NotFound.into());
            }
            row.clone().into_active_model().reset_all().update(tx.db()).await?;
            show_change(&state_in_tx, tx, &project, &mut of).await?;
            Ok::<_, TxError>(row)
        })
    });
    Ok(change.await.map_err(Error::from)?)
}

/// The run or session has changed.
pub(super) async fn show_change<R: ExecutionRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &mut R,
) -> std::result::Result<(), TxError> {
    items::save(state, tx, row).await?;
    items::show(tx, project, row);
    Ok(())
}
