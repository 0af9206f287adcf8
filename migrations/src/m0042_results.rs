//! Aborted runs, and results that can be changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let aborted = boolean("aborted").default(false).take();
        manager.alter_table(Table::alter().table("test_runs").add_column(aborted).take()).await?;
        let updated_at = timestamp_with_time_zone_null("updated_at");
        manager.alter_table(Table::alter().table("results").add_column(updated_at).take()).await
    }
}
