//! Webhooks of both directions, and their secrets.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, boolean, integer, json, string, string_null, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("webhooks")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id"))
                    .col(text("direction"))
                    .col(text("kind"))
                    .col(string("name"))
                    // The endpoint, encrypted: some are credentials as a whole.
                    .col(binary_null("url"))
                    // What of the address may be shown.
                    .col(text("shown_url"))
                    .col(binary_null("token_hash"))
                    .col(string_null("token_hint"))
                    .col(json("events"))
                    .col(text("health"))
                    .col(integer("consecutive_failures").default(0))
                    .col(timestamp_with_time_zone_null("last_dispatched_at"))
                    .col(timestamp_with_time_zone_null("last_success_at"))
                    .col(timestamp_with_time_zone_null("last_failure_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .foreign_key(ForeignKey::create().from("webhooks", "project_id").to("projects", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("webhooks_token")
                    .table("webhooks")
                    .col("token_hash")
                    .unique()
                    .and_where(Expr::col("token_hash").is_not_null())
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("webhooks_project")
                    .table("webhooks")
                    .col("project_id")
                    .col("direction")
                    .col("id")
                    .and_where(Expr::col("deleted_at").is_null())
                    .take(),
            )
            .await?;
        // Deleted webhooks, whose deliveries can still be viewed.
        manager
            .create_index(
                Index::create()
                    .name("webhooks_deleted")
                    .table("webhooks")
                    .col("project_id")
                    .col("id")
                    .and_where(Expr::col("deleted_at").is_not_null())
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("webhooks_one_inbound")
                    .table("webhooks")
                    .col("project_id")
                    .unique()
                    .and_where(Expr::col("deleted_at").is_null().and(Expr::col("direction").eq("inbound")))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_secrets")
                    .col(uuid("id").primary_key())
                    .col(uuid("webhook_id"))
                    .col(binary("secret"))
                    .col(boolean("extended").default(false))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("retires_at"))
                    .foreign_key(ForeignKey::create().from("webhook_secrets", "webhook_id").to("webhooks", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("webhook_secrets_webhook")
                    .table("webhook_secrets")
                    .col("webhook_id")
                    .col("id")
                    .take(),
            )
            .await
    }
}
