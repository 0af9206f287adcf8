//! The sync queue is read per project, so that a long queue of one project slows no other.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("issues_sync").table("issues").to_owned()).await?;
        manager
            .create_index(
                Index::create()
                    .name("issues_sync")
                    .table("issues")
                    .col("project_id")
                    .col("sync_due_at")
                    .and_where(Expr::col("sync_due_at").is_not_null())
                    .take(),
            )
            .await
    }
}
