//! A webhook can send in order for each subject, and at a limited rate. Deliveries in order have the subject as their
//! key; those of older rows have none.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text_null, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let next_send_at = timestamp_with_time_zone_null("next_send_at");
        manager.alter_table(Table::alter().table("webhooks").add_column(next_send_at).take()).await?;
        let ordering_key = text_null("ordering_key");
        manager.alter_table(Table::alter().table("deliveries").add_column(ordering_key).take()).await?;
        manager
            .create_index(
                Index::create()
                    .name("deliveries_order")
                    .table("deliveries")
                    .col("webhook_id")
                    .col("ordering_key")
                    .col("id")
                    .and_where(Expr::col("ordering_key").is_not_null().and(Expr::col("finished_at").is_null()))
                    .take(),
            )
            .await
    }
}
