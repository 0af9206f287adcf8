//! Webhooks can be inactive, and count the results of their attempts by hour. Subjects of deliveries
//! can be searched: older rows have no folded subject, and none is computed for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, integer, text, text_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [boolean("active").default(true).take(), text("while_inactive").default("hold").take()] {
            manager.alter_table(Table::alter().table("webhooks").add_column(column).take()).await?;
        }
        manager.alter_table(Table::alter().table("deliveries").add_column(text_null("subject_search")).take()).await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_stats")
                    .col(uuid("webhook_id"))
                    // Hours since 1970.
                    .col(integer("hour"))
                    // A range of durations, or a kind of failure.
                    .col(integer("bucket"))
                    .col(big_integer("count"))
                    .primary_key(Index::create().col("webhook_id").col("hour").col("bucket"))
                    .foreign_key(ForeignKey::create().from("webhook_stats", "webhook_id").to("webhooks", "id"))
                    .take(),
            )
            .await?;
        manager.create_index(Index::create().name("webhook_stats_hour").table("webhook_stats").col("hour").take()).await
    }
}
