//! Shared steps, and which test cases use them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(shared_steps()).await?;
        manager.create_table(uses()).await?;
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX shared_steps_list ON shared_steps (project_id, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX shared_steps_number ON shared_steps (project_id, number)",
            "CREATE INDEX case_shared_steps_case ON case_shared_steps (case_id)",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

fn shared_steps() -> TableCreateStatement {
    Table::create()
        .table("shared_steps")
        .col(uuid("id").primary_key())
        .col(uuid("project_id"))
        .col(integer("number"))
        .col(uuid("author_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .col(string("name"))
        .col(text("search"))
        .col(json("steps"))
        .foreign_key(ForeignKey::create().from("shared_steps", "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from("shared_steps", "author_id").to("users", "id"))
        .take()
}

fn uses() -> TableCreateStatement {
    Table::create()
        .table("case_shared_steps")
        .col(uuid("shared_step_id"))
        .col(uuid("case_id"))
        .primary_key(Index::create().col("shared_step_id").col("case_id"))
        .foreign_key(ForeignKey::create().from("case_shared_steps", "shared_step_id").to("shared_steps", "id"))
        .foreign_key(ForeignKey::create().from("case_shared_steps", "case_id").to("test_cases", "id"))
        .take()
}
