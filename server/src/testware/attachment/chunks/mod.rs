//! The content of attachments, in rows of a bounded size. It is in the database, so that a backup of the database has
//! everything, and so that all nodes have it.

pub mod table;

use std::io;

use app::testware::attachment::AttachmentId;
use axum::body::Bytes;
use futures::stream::{self, Stream};
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait};
use table::{ActiveModel, Entity};

use crate::app_state::AppState;
use crate::storage::report_outage;

/// The size of every chunk but the last one.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// Writes a chunk in a transaction of its own.
pub async fn write(state: &AppState, id: AttachmentId, position: i32, bytes: Vec<u8>) -> Result<(), DbErr> {
    let change = state.store.write(move |tx| {
        let row = ActiveModel { attachment_id: Set(id), position: Set(position), bytes: Set(bytes) };
        Box::pin(async move { Entity::insert(row).exec_without_returning(tx.db()).await })
    });
    change.await.map(drop)
}

/// The content of an attachment of this size, one chunk after the other. It fails if the attachment is deleted
/// meanwhile.
pub fn read(state: AppState, id: AttachmentId, size: u64) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((state, 0, size), move |(state, position, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let chunk = Entity::find_by_id((id, position)).one(state.store.read()).await.map_err(|error| {
            report_outage(&error, "failed to read an attachment");
            io::Error::other(error)
        })?;
        let bytes = Bytes::from(chunk.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?.bytes);
        let left = left.saturating_sub(bytes.len() as u64);
        Ok(Some((bytes, (state, position + 1, left))))
    })
}
