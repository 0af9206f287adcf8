//! Which webhooks get an event, by project and subscription, so that an event costs the same however many webhooks
//! there are. The latest notification of each kind about a webhook, so that one that fails again and again notifies
//! nobody each time. Users can turn emails about webhooks off. A replay may have counted only
//! the beginning of its range. The latest events of a project are found by the index of
//! its events by ID, whose order is that of the time.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, integer, text, timestamp_with_time_zone, uuid};
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("webhook_routes")
                    // All zeros for all projects.
                    .col(uuid("project_id"))
                    // An event, `subject.*` or `*`.
                    .col(text("event_type"))
                    .col(uuid("webhook_id"))
                    .primary_key(Index::create().col("project_id").col("event_type").col("webhook_id"))
                    .foreign_key(ForeignKey::create().from("webhook_routes", "webhook_id").to("webhooks", "id"))
                    .take(),
            )
            .await?;
        let mut of_webhook = Index::create();
        of_webhook.name("webhook_routes_webhook").table("webhook_routes").col("webhook_id");
        manager.create_index(of_webhook.take()).await?;
        let all_projects = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "'00000000-0000-0000-0000-000000000000'::uuid",
            _ => "X'00000000000000000000000000000000'",
        };
        let db = manager.get_connection();
        db.execute_unprepared(&format!(
            "INSERT INTO webhook_routes (project_id, event_type, webhook_id)
             SELECT webhook_projects.project_id, webhook_subscriptions.event_type, webhooks.id FROM webhooks
             JOIN webhook_subscriptions ON webhook_subscriptions.webhook_id = webhooks.id
             JOIN webhook_projects ON webhook_projects.webhook_id = webhooks.id
             WHERE webhooks.deleted_at IS NULL AND webhooks.scope <> 'all'
             UNION ALL
             SELECT {all_projects}, webhook_subscriptions.event_type, webhooks.id FROM webhooks
             JOIN webhook_subscriptions ON webhook_subscriptions.webhook_id = webhooks.id
             WHERE webhooks.deleted_at IS NULL AND webhooks.scope = 'all'"
        ))
        .await?;
        manager.drop_index(Index::drop().name("events_latest").table("events").to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_notices")
                    .col(uuid("webhook_id"))
                    .col(text("event_type"))
                    // The time of the latest notification.
                    .col(timestamp_with_time_zone("notified_at"))
                    // How many were left out since.
                    .col(integer("left_out").default(0))
                    .primary_key(Index::create().col("webhook_id").col("event_type"))
                    .foreign_key(ForeignKey::create().from("webhook_notices", "webhook_id").to("webhooks", "id"))
                    .take(),
            )
            .await?;
        let total_at_least = boolean("total_at_least").default(false).take();
        manager.alter_table(Table::alter().table("range_replays").add_column(total_at_least).take()).await?;
        let webhook_emails = boolean("webhook_emails").default(true).take();
        manager.alter_table(Table::alter().table("users").add_column(webhook_emails).take()).await
    }
}
