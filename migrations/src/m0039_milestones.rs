//! Milestones, and the runs and sessions that belong to them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    date_null, integer, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "milestones";
        let table = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("project_id"))
            .col(integer("number"))
            .col(uuid("author_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone_null("deleted_at"))
            .col(string("name"))
            .col(text("search"))
            .col(text("description"))
            .col(date_null("due_on"))
            .col(timestamp_with_time_zone_null("completed_at"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
            .take();
        manager.create_table(table).await?;
        for table in ["test_runs", "test_sessions"] {
            let milestone = uuid_null("milestone_id");
            manager.alter_table(Table::alter().table(table).add_column(milestone).take()).await?;
        }
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX milestones_list ON milestones (project_id, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX milestones_number ON milestones (project_id, number)",
            "CREATE INDEX test_runs_milestone ON test_runs (milestone_id) WHERE milestone_id IS NOT NULL",
            "CREATE INDEX test_sessions_milestone ON test_sessions (milestone_id) WHERE milestone_id IS NOT NULL",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
