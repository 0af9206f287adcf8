//! Indexes of deliveries: what a webhook failed to deliver, for replays by time range, and digests that have something to
//! pass on to what they cover.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX deliveries_failed ON deliveries (webhook_id, id)
             WHERE status IN ('failed', 'discarded') AND (status = 'failed' OR attempts > 0)",
            "CREATE INDEX deliveries_digest_marked ON deliveries (webhook_id, id)
             WHERE event_type = 'webhook.digest' AND digest_delivery_id IS NOT NULL",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
