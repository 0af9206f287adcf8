//! The state of test cases, and the automated tests that test them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json, text, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let state = text("state").default("active").take();
        manager.alter_table(Table::alter().table("test_cases").add_column(state).take()).await?;
        let links = json("automation_links").default("[]").take();
        manager.alter_table(Table::alter().table("test_cases").add_column(links).take()).await?;
        let name = "case_automation_links";
        let table = Table::create()
            .table(name)
            .col(uuid("project_id"))
            .col(text("link"))
            .col(uuid("case_id"))
            .primary_key(Index::create().col("project_id").col("link"))
            .foreign_key(ForeignKey::create().from(name, "case_id").to("test_cases", "id"))
            .take();
        manager.create_table(table).await?;
        manager
            .create_index(Index::create().name("case_automation_links_case").table(name).col("case_id").take())
            .await?;
        let archived = "CREATE INDEX test_cases_archived ON test_cases (project_id, id)
            WHERE state = 'archived' AND deleted_at IS NULL";
        manager.get_connection().execute_unprepared(archived).await?;
        Ok(())
    }
}
