//! Replays of a range of time, the deliveries that each of them made, and the index that finds the events of a
//! project.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("range_replays")
                    .col(uuid("id").primary_key())
                    // The owner of the webhook.
                    .col(uuid("project_id"))
                    .col(uuid("webhook_id"))
                    .col(text("source"))
                    .col(timestamp_with_time_zone("since"))
                    .col(timestamp_with_time_zone("until"))
                    // What was processed so far: the ID of a delivery or an event, depending on the source.
                    .col(uuid_null("processed_up_to"))
                    .col(integer("total"))
                    .col(integer("queued").default(0))
                    .col(integer("skipped").default(0))
                    .col(uuid_null("actor_id"))
                    .col(text("actor_name"))
                    .col(timestamp_with_time_zone("requested_at"))
                    .col(timestamp_with_time_zone_null("stopped_at"))
                    .col(text_null("stopped_by"))
                    .col(timestamp_with_time_zone_null("finished_at"))
                    .take(),
            )
            .await?;
        let mut open = Index::create();
        open.name("range_replays_open").table("range_replays").col("id").and_where(Expr::col("finished_at").is_null());
        manager.create_index(open.take()).await?;
        let mut of_webhook = Index::create();
        of_webhook.name("range_replays_by_webhook").table("range_replays").col("webhook_id").col("id");
        manager.create_index(of_webhook.take()).await?;
        manager.alter_table(Table::alter().table("deliveries").add_column(uuid_null("range_replay_id")).take()).await?;
        let mut deliveries = Index::create();
        deliveries.name("deliveries_range_replay").table("deliveries").col("range_replay_id").col("status");
        deliveries.and_where(Expr::col("range_replay_id").is_not_null());
        manager.create_index(deliveries.take()).await?;
        // With the type, so that events that a webhook doesn't subscribe to are skipped in the index.
        let mut events = Index::create();
        events.name("events_by_project").table("events").col("project_id").col("id").col("event_type");
        manager.create_index(events.take()).await
    }
}
