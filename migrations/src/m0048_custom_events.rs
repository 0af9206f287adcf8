//! Registered custom events.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "custom_events";
        let table = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("project_id"))
            .col(text("event_type"))
            .col(text("description"))
            .col(text_null("schema"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .take();
        manager.create_table(table).await?;
        let mut by_type = Index::create();
        by_type.name("custom_events_type").table(name).col("project_id").col("event_type").unique();
        manager.create_index(by_type).await?;
        let mut by_project = Index::create();
        by_project.name("custom_events_project").table(name).col("project_id").col("id");
        manager.create_index(by_project).await
    }
}
