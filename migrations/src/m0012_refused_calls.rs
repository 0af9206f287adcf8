//! The latest refused call of each inbound webhook, and the tracker's own id of a delivery.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, text_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("refused_calls")
                    .col(uuid("webhook_id").primary_key())
                    .col(timestamp_with_time_zone("refused_at"))
                    .col(text("reason"))
                    .col(big_integer("count"))
                    .foreign_key(ForeignKey::create().from("refused_calls", "webhook_id").to("webhooks", "id"))
                    .take(),
            )
            .await?;
        manager
            .alter_table(Table::alter().table("deliveries").add_column(text_null("tracker_delivery_id")).take())
            .await
    }
}
