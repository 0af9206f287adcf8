//! What API tokens may do, and in which project. Existing tokens keep all rights of their owner.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let scope = text("scope").default("admin").take();
        manager.alter_table(Table::alter().table("api_tokens").add_column(scope).take()).await?;
        // Projects keep their rows, so that no foreign key is needed, which SQLite can't add.
        manager.alter_table(Table::alter().table("api_tokens").add_column(uuid_null("project_id")).take()).await?;
        manager
            .create_index(Index::create().name("api_tokens_project").table("api_tokens").col("project_id").take())
            .await
    }
}
