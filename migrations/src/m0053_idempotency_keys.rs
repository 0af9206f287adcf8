//! Requests with an `Idempotency-Key`, and their responses.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, blob_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("idempotency_keys")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(blob("request"))
            .col(blob_null("response"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(ForeignKey::create().from("idempotency_keys", "user_id").to("users", "id"))
            .take();
        manager.create_table(table).await?;
        let index = "CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at)";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
