//! The index of the list of cases has what a search needs, on SQLite.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A search reads every row. SQLite reads what it needs from this index, without the long texts of a case. With
        // an index beside the one of the list, its planner would choose that. PostgreSQL is faster without: it keeps
        // long texts outside the table, and limits what an index may hold.
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            let index = "CREATE INDEX test_cases_list ON test_cases (project_id, id, state, search, number)
                WHERE deleted_at IS NULL";
            for statement in ["DROP INDEX test_cases_list", index] {
                manager.get_connection().execute_unprepared(statement).await?;
            }
        }
        Ok(())
    }
}
