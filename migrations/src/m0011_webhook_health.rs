//! Why and since when a webhook has the health it has, the streak its failures are counted in, and
//! its pauses.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, integer_null, text_null, timestamp_with_time_zone_null, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let webhooks = [
            // Null for a change that was made before reasons were stored.
            text_null("health_reason"),
            timestamp_with_time_zone_null("health_changed_at"),
            uuid_null("health_delivery_id"),
            integer_null("health_attempt"),
            big_integer("failure_streak").default(0).take(),
            timestamp_with_time_zone_null("streak_started_at"),
            timestamp_with_time_zone_null("failing_since"),
            integer("degraded_pauses").default(0).take(),
            timestamp_with_time_zone_null("degraded_pause_until"),
            timestamp_with_time_zone_null("paused_until"),
            big_integer("total_pause_ms").default(0).take(),
        ];
        let deliveries = [
            // The streak in which it was counted as a failure last.
            big_integer_null("counted_streak"),
            // Attempts that were answered by a request to wait.
            integer("paused_attempts").default(0).take(),
        ];
        for (table, columns) in [("webhooks", webhooks.to_vec()), ("deliveries", deliveries.to_vec())] {
            for column in columns {
                manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
            }
        }
        Ok(())
    }
}
