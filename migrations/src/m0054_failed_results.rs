//! The latest failed results of a project, which its dashboard shows.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE INDEX results_failed ON results (project_id, id) WHERE status = 'failed'";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
