//! An index for the search of cases on SQLite.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A search reads every row. SQLite reads it from this index, without the long texts of a case.
        // PostgreSQL is faster without: it keeps long texts outside the table, and limits what an index may hold.
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            let index = "CREATE INDEX test_cases_search ON test_cases (project_id, id, state, search, number)
                WHERE deleted_at IS NULL";
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}
