//! Custom fields of test cases, and their values.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(custom_fields()).await?;
        manager.create_table(values()).await?;
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX custom_fields_list ON custom_fields (project_id, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX custom_fields_number ON custom_fields (project_id, number)",
            "CREATE INDEX case_field_values_field ON case_field_values (field_id)",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

fn custom_fields() -> TableCreateStatement {
    Table::create()
        .table("custom_fields")
        .col(uuid("id").primary_key())
        .col(uuid("project_id"))
        .col(integer("number"))
        .col(uuid("author_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .col(string("name"))
        .col(text("search"))
        .col(string("kind"))
        .col(json("options"))
        .foreign_key(ForeignKey::create().from("custom_fields", "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from("custom_fields", "author_id").to("users", "id"))
        .take()
}

fn values() -> TableCreateStatement {
    Table::create()
        .table("case_field_values")
        .col(uuid("case_id"))
        .col(uuid("field_id"))
        .col(text("value"))
        .primary_key(Index::create().col("case_id").col("field_id"))
        .foreign_key(ForeignKey::create().from("case_field_values", "case_id").to("test_cases", "id"))
        .foreign_key(ForeignKey::create().from("case_field_values", "field_id").to("custom_fields", "id"))
        .take()
}
