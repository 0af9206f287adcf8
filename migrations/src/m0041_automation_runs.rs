//! Automation runs and their results.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, string, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        runs(manager).await?;
        results(manager).await
    }
}

async fn runs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let name = "automation_runs";
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
        .col(text_null("url"))
        .col(text("format"))
        .col(integer("passed"))
        .col(integer("failed"))
        .col(integer("skipped"))
        .col(big_integer("duration_ms"))
        .col(integer("created_cases"))
        .col(timestamp_with_time_zone_null("completed_at"))
        .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
        .take();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for sql in [
        "CREATE INDEX automation_runs_list ON automation_runs (project_id, id) WHERE deleted_at IS NULL",
        "CREATE UNIQUE INDEX automation_runs_number ON automation_runs (project_id, number)",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}

async fn results(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let name = "automation_results";
    let table = Table::create()
        .table(name)
        .col(uuid("id").primary_key())
        .col(uuid("run_id"))
        .col(uuid_null("case_id"))
        .col(text("link"))
        .col(text("name"))
        .col(text("status"))
        .col(big_integer_null("duration_ms"))
        .col(text("message"))
        .foreign_key(ForeignKey::create().from(name, "run_id").to("automation_runs", "id"))
        .take();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for sql in [
        "CREATE INDEX automation_results_run ON automation_results (run_id, id)",
        "CREATE INDEX automation_results_status ON automation_results (run_id, status, id)",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}
