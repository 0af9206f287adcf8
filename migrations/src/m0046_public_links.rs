//! Public links of test runs.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::binary_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The token is encrypted, so that members can copy the link later.
        for column in ["public_token", "public_token_hash"] {
            manager.alter_table(Table::alter().table("test_runs").add_column(binary_null(column)).take()).await?;
        }
        let sql = "CREATE UNIQUE INDEX test_runs_public_token ON test_runs (public_token_hash) \
            WHERE public_token_hash IS NOT NULL";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}
