//! CI jobs.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json, string, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "ci_jobs";
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
            .col(text("branch"))
            .col(text("commit"))
            .col(text_null("url"))
            .col(json("parameters"))
            .col(text("status"))
            .col(uuid_null("automation_run_id"))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("completed_at"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
            .foreign_key(ForeignKey::create().from(name, "automation_run_id").to("automation_runs", "id"))
            .take();
        manager.create_table(table).await?;
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX ci_jobs_list ON ci_jobs (project_id, id) WHERE deleted_at IS NULL",
            "CREATE INDEX ci_jobs_status ON ci_jobs (project_id, status, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX ci_jobs_number ON ci_jobs (project_id, number)",
            "CREATE INDEX ci_jobs_automation_run ON ci_jobs (automation_run_id) WHERE automation_run_id IS NOT NULL",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
