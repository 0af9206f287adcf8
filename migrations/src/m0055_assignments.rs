//! The users who are to test the cases of a run.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("run_cases").add_column(uuid_null("assignee_id")).take()).await?;
        let index = "CREATE INDEX run_cases_assignee ON run_cases (assignee_id, run_id) WHERE assignee_id IS NOT NULL";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
