//! Digests: which digest covers a delivery, the indexes of deliveries that wait for one, and when the next one of a
//! webhook may be sent.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{timestamp_with_time_zone_null, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let next_digest_at = timestamp_with_time_zone_null("next_digest_at");
        manager.alter_table(Table::alter().table("webhooks").add_column(next_digest_at).take()).await?;
        let digest = uuid_null("digest_delivery_id");
        manager.alter_table(Table::alter().table("deliveries").add_column(digest).take()).await?;
        let connection = manager.get_connection();
        for sql in [
            // What a digest covers.
            "CREATE INDEX deliveries_digest ON deliveries (digest_delivery_id, status)
             WHERE digest_delivery_id IS NOT NULL",
            // What waits for a digest, by endpoint.
            "CREATE INDEX deliveries_digest_queue ON deliveries (webhook_id, id)
             WHERE status = 'pending' AND next_attempt_at IS NULL AND digest_delivery_id IS NULL",
            // What digests cover that have not ended.
            "CREATE INDEX deliveries_digest_open ON deliveries (webhook_id, digest_delivery_id)
             WHERE status = 'pending' AND digest_delivery_id IS NOT NULL",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
