//! The scope, the subscriptions and the policy of webhooks. Subscriptions were a JSON list before,
//! and each webhook sent the events of its own project.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json, text, uuid};
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [text("scope").default("project").take(), json("policy").default("{}").take()] {
            manager.alter_table(Table::alter().table("webhooks").add_column(column).take()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("webhook_subscriptions")
                    .col(uuid("webhook_id"))
                    // An event, `subject.*` or `*`.
                    .col(text("event_type"))
                    .primary_key(Index::create().col("webhook_id").col("event_type"))
                    .foreign_key(ForeignKey::create().from("webhook_subscriptions", "webhook_id").to("webhooks", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_projects")
                    .col(uuid("project_id"))
                    .col(uuid("webhook_id"))
                    .primary_key(Index::create().col("project_id").col("webhook_id"))
                    .foreign_key(ForeignKey::create().from("webhook_projects", "webhook_id").to("webhooks", "id"))
                    .foreign_key(ForeignKey::create().from("webhook_projects", "project_id").to("projects", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("webhook_projects_webhook").table("webhook_projects").col("webhook_id").take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("webhooks_all_projects")
                    .table("webhooks")
                    .col("id")
                    .and_where(Expr::col("scope").eq("all").and(Expr::col("deleted_at").is_null()))
                    .take(),
            )
            .await?;
        let entries = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "json_array_elements_text(webhooks.events) AS entry(value)",
            _ => "json_each(webhooks.events) AS entry",
        };
        let db = manager.get_connection();
        db.execute_unprepared(&format!(
            "INSERT INTO webhook_subscriptions (webhook_id, event_type) \
             SELECT DISTINCT webhooks.id, entry.value FROM webhooks CROSS JOIN {entries}"
        ))
        .await?;
        db.execute_unprepared(
            "INSERT INTO webhook_projects (project_id, webhook_id) \
             SELECT project_id, id FROM webhooks WHERE direction = 'outbound'",
        )
        .await?;
        manager.alter_table(Table::alter().table("webhooks").drop_column("events").take()).await
    }
}
