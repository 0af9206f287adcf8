//! Deletes the content of deleted attachments, of those of deleted projects, and of uploads that were never completed.

use app::testware::attachment::AttachmentId;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::entity::project;
use crate::storage::Tx;
use crate::testware::attachment::chunks::table as chunk;
use crate::testware::attachment::table::{Column, Entity};

/// Attachments that are deleted in one transaction, each of up to 10 MiB.
pub const BATCH_ATTACHMENTS: u64 = 3;

/// Deletes a batch. Uploads from before `begun_before` are taken for abandoned.
pub async fn delete_batch(tx: &Tx<'_>, begun_before: DateTime<Utc>) -> Result<u64, DbErr> {
    let of_deleted_project = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::DeletedAt.is_not_null())
        .into_query();
    let mut ids = Vec::new();
    let kept = || Entity::find().filter(Column::ResultId.is_not_null());
    for which in [
        Entity::find().filter(Column::ResultId.is_null()),
        // Literal, so that the index of incomplete ones is used.
        kept().filter(Expr::cust("NOT complete")).filter(Column::CreatedAt.lt(begun_before)),
        kept().filter(Column::Complete.eq(true)).filter(Column::ProjectId.in_subquery(of_deleted_project)),
    ] {
        let missing = BATCH_ATTACHMENTS.saturating_sub(ids.len() as u64);
        if missing > 0 {
            ids.extend(some_of(tx, which, missing).await?);
        }
    }
    let chunks = chunk::Entity::delete_many().filter(chunk::Column::AttachmentId.is_in(ids.iter().copied()));
    chunks.exec(tx.db()).await?;
    Ok(Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx.db()).await?.rows_affected)
}

async fn some_of(tx: &Tx<'_>, which: Select<Entity>, limit: u64) -> Result<Vec<AttachmentId>, DbErr> {
    which.select_only().column(Column::Id).limit(limit).into_tuple().all(tx.db()).await
}
