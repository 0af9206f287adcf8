//! The audit log.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null, timestamp_with_time_zone, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("audit")
                    .col(uuid("id").primary_key())
                    // Null for what belongs to the instance or to a person.
                    .col(uuid_null("project_id"))
                    // Null for Testbell itself.
                    .col(uuid_null("actor_id"))
                    .col(text_null("actor_name"))
                    .col(text("action"))
                    .col(text("subject"))
                    .col(text("subject_name"))
                    .col(text_null("detail"))
                    .col(timestamp_with_time_zone("at"))
                    .take(),
            )
            .await?;
        manager.create_index(Index::create().name("audit_list").table("audit").col("project_id").col("id").take()).await
    }
}
