//! Imports of test cases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "imports";
        let table = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("project_id"))
            .col(text("format"))
            .col(text("file_name"))
            .col(text("status"))
            .col(integer("total"))
            .col(integer("suites"))
            .col(text_null("error"))
            .col(uuid("actor_id"))
            .col(text("actor_name"))
            .col(timestamp_with_time_zone("requested_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .take();
        manager.create_table(table).await?;
        let mut by_project = Index::create();
        by_project.name("imports_project").table(name).col("project_id").col("id");
        manager.create_index(by_project.take()).await?;
        let mut open = Index::create();
        open.name("imports_open").table(name).col("id").and_where(Expr::col("finished_at").is_null());
        manager.create_index(open.take()).await
    }
}
