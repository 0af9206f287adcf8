//! Comments on issues and testware.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "comments";
        let table = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("project_id"))
            .col(text("subject"))
            .col(uuid("item"))
            .col(text("text"))
            .col(uuid("author_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("updated_at"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
            .take();
        manager.create_table(table).await?;
        for (index, column) in [("comments_item", "item"), ("comments_project", "project_id")] {
            manager.create_index(Index::create().name(index).table(name).col(column).col("id").take()).await?;
        }
        Ok(())
    }
}
