//! Notifications of users, emails to send, settings of the instance, and the recovery of disabled webhooks.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary_null, integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("instance_settings")
                    .col(text("name").primary_key())
                    // JSON.
                    .col(text("value"))
                    // What must be encrypted.
                    .col(binary_null("secret"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("notifications")
                    .col(uuid("id").primary_key())
                    .col(uuid("user_id"))
                    .col(uuid("project_id"))
                    .col(text("event_type"))
                    .col(uuid("webhook_id"))
                    .col(text("webhook_name"))
                    .col(text("reason"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("read_at"))
                    .foreign_key(ForeignKey::create().from("notifications", "user_id").to("users", "id"))
                    .foreign_key(ForeignKey::create().from("notifications", "project_id").to("projects", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("notifications_user").table("notifications").col("user_id").col("id").take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("notifications_unread")
                    .table("notifications")
                    .col("user_id")
                    .col("id")
                    .and_where(Expr::col("read_at").is_null())
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("emails")
                    .col(uuid("id").primary_key())
                    .col(text("recipient"))
                    .col(text("subject"))
                    .col(text("text_body"))
                    .col(text("html_body"))
                    .col(integer("attempts").default(0))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("next_attempt_at"))
                    .take(),
            )
            .await?;
        manager.create_index(Index::create().name("emails_due").table("emails").col("next_attempt_at").take()).await?;
        for column in [
            timestamp_with_time_zone_null("exhausted_event_at"),
            integer("recovery_probes").default(0).take(),
            timestamp_with_time_zone_null("next_probe_at"),
        ] {
            manager.alter_table(Table::alter().table("webhooks").add_column(column).take()).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("webhooks_next_probe")
                    .table("webhooks")
                    .col("next_probe_at")
                    .and_where(Expr::col("next_probe_at").is_not_null())
                    .take(),
            )
            .await?;
        Ok(())
    }
}
