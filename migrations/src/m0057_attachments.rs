//! Files that are attached to results, in chunks.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, boolean, integer, string, text, timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "attachments";
        let attachments = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("project_id"))
            .col(uuid_null("result_id"))
            .col(uuid("parent_id"))
            .col(text("name"))
            .col(string("content_type"))
            .col(big_integer("size"))
            .col(boolean("complete"))
            .col(uuid("author_id"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .foreign_key(ForeignKey::create().from(name, "result_id").to("results", "id"))
            .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
            .take();
        manager.create_table(attachments).await?;
        let name = "attachment_chunks";
        let chunks = Table::create()
            .table(name)
            .col(uuid("attachment_id"))
            .col(integer("position"))
            .col(binary("bytes"))
            .primary_key(Index::create().col("attachment_id").col("position"))
            .foreign_key(ForeignKey::create().from(name, "attachment_id").to("attachments", "id"))
            .take();
        manager.create_table(chunks).await?;
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX attachments_result ON attachments (result_id, id) WHERE result_id IS NOT NULL",
            "CREATE INDEX attachments_parent ON attachments (parent_id) WHERE result_id IS NOT NULL",
            "CREATE INDEX attachments_usage ON attachments (project_id, size) WHERE result_id IS NOT NULL",
            "CREATE INDEX attachments_deleted ON attachments (id) WHERE result_id IS NULL",
            "CREATE INDEX attachments_incomplete ON attachments (created_at) WHERE NOT complete",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
