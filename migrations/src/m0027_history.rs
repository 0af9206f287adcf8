//! Deletions of history that run in the background, and what was erased of a delivery.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("history_purges")
                    .col(uuid("id").primary_key())
                    // Null for all projects.
                    .col(uuid_null("project_id"))
                    // Null for all webhooks.
                    .col(uuid_null("webhook_id"))
                    // The last delivery; null for all deliveries of a deleted webhook.
                    .col(uuid_null("up_to"))
                    .col(uuid_null("actor_id"))
                    .col(text("actor_name"))
                    .col(text("subject_name"))
                    .col(big_integer("deleted").default(0))
                    .col(timestamp_with_time_zone("requested_at"))
                    .col(timestamp_with_time_zone_null("finished_at"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("history_purges_open")
                    .table("history_purges")
                    .col("id")
                    .and_where(Expr::col("finished_at").is_null())
                    .take(),
            )
            .await?;
        for column in [timestamp_with_time_zone_null("erased_at"), text_null("erased_by")] {
            manager.alter_table(Table::alter().table("events").add_column(column).take()).await?;
        }
        for column in [timestamp_with_time_zone_null("response_erased_at"), text_null("response_erased_by")] {
            manager.alter_table(Table::alter().table("attempts").add_column(column).take()).await?;
        }
        Ok(())
    }
}
