//! Milestones that are kept in sync with those of the tracker.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [boolean("sync_milestones").default(false).take(), text_null("tracker_project_id")] {
            manager.alter_table(Table::alter().table("integrations").add_column(column).take()).await?;
        }
        let name = "milestone_sources";
        let sources = Table::create()
            .table(name)
            .col(uuid("project_id"))
            .col(text("provider"))
            .col(text("external_id"))
            .col(uuid_null("milestone_id"))
            .col(text_null("url"))
            .col(timestamp_with_time_zone_null("tracker_updated_at"))
            .col(timestamp_with_time_zone("synced_at"))
            .col(timestamp_with_time_zone_null("deleted_at"))
            .primary_key(Index::create().col("project_id").col("provider").col("external_id"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .foreign_key(ForeignKey::create().from(name, "milestone_id").to("milestones", "id"))
            .take();
        manager.create_table(sources).await?;
        let index = "CREATE UNIQUE INDEX milestone_sources_milestone ON milestone_sources (milestone_id)";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
