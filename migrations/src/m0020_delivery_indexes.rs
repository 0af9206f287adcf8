//! Drops the index by direction: half of a project's deliveries have either one, so that reading the
//! list by its own index is as fast, and each delivery is stored with less work.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("deliveries_by_direction").table("deliveries").to_owned()).await
    }
}
