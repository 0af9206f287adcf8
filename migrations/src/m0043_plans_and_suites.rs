//! Test plans with the runs that belong to them, and suites with their test cases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let plans = named_items("test_plans").col(timestamp_with_time_zone_null("completed_at")).take();
        manager.create_table(plans).await?;
        manager.create_table(named_items("suites").col(uuid_null("parent_id")).take()).await?;
        for (table, column) in [("test_runs", "plan_id"), ("test_cases", "suite_id")] {
            manager.alter_table(Table::alter().table(table).add_column(uuid_null(column)).take()).await?;
        }
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX test_plans_list ON test_plans (project_id, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX test_plans_number ON test_plans (project_id, number)",
            "CREATE INDEX test_runs_plan ON test_runs (plan_id) WHERE plan_id IS NOT NULL",
            "CREATE INDEX suites_list ON suites (project_id, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX suites_number ON suites (project_id, number)",
            "CREATE INDEX suites_parent ON suites (parent_id) WHERE parent_id IS NOT NULL",
            "CREATE INDEX test_cases_suite ON test_cases (suite_id, id) WHERE suite_id IS NOT NULL",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// The columns of items with a name and a description.
fn named_items(name: &'static str) -> TableCreateStatement {
    Table::create()
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
        .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
        .take()
}
