//! Events, their deliveries with every attempt, and the digests of what was received.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, boolean, integer, integer_null, json, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("events")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id"))
                    .col(text("event_type"))
                    // The envelope to the byte: what is signed is what is sent and shown.
                    .col(text("body"))
                    .col(timestamp_with_time_zone("occurred_at"))
                    .foreign_key(ForeignKey::create().from("events", "project_id").to("projects", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("deliveries")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id"))
                    .col(uuid("webhook_id"))
                    .col(text("direction"))
                    .col(text("event_type"))
                    .col(uuid_null("event_id"))
                    .col(text("status"))
                    .col(text_null("outcome"))
                    .col(integer_null("status_code"))
                    .col(text_null("error"))
                    .col(integer("attempts").default(0))
                    .col(integer_null("duration_ms"))
                    .col(boolean("test").default(false))
                    .col(uuid_null("replay_of"))
                    // The first of a chain of replays, which holds the chain together when a
                    // link was purged.
                    .col(uuid_null("replay_root"))
                    .col(binary_null("digest"))
                    .col(uuid_null("issue_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("next_attempt_at"))
                    .col(timestamp_with_time_zone_null("lease_until"))
                    .col(timestamp_with_time_zone_null("finished_at"))
                    .take(),
            )
            .await?;
        // The lists: all of a project, and filtered by each of the four. Times are a range of ids,
        // which carry them.
        for (name, columns) in [
            ("deliveries_list", &["project_id", "id"] as &[&str]),
            ("deliveries_by_status", &["project_id", "status", "id"]),
            ("deliveries_by_direction", &["project_id", "direction", "id"]),
            ("deliveries_by_webhook", &["project_id", "webhook_id", "id"]),
            ("deliveries_by_event", &["project_id", "event_type", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("deliveries");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        // The queue: what is due, endpoint by endpoint.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_queue")
                    .table("deliveries")
                    .col("webhook_id")
                    .col("next_attempt_at")
                    .col("id")
                    .and_where(Expr::col("next_attempt_at").is_not_null())
                    .take(),
            )
            .await?;
        // Tests, which are sent while the rest of the queue waits.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_tests")
                    .table("deliveries")
                    .col("webhook_id")
                    .col("next_attempt_at")
                    .col("id")
                    .and_where(Expr::col("test").and(Expr::col("next_attempt_at").is_not_null()))
                    .take(),
            )
            .await?;
        // What waits until its webhook is enabled again.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_held")
                    .table("deliveries")
                    .col("webhook_id")
                    .col("id")
                    .and_where(Expr::col("status").eq("held"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("deliveries_chain")
                    .table("deliveries")
                    .col("replay_root")
                    .col("id")
                    .and_where(Expr::col("replay_root").is_not_null())
                    .take(),
            )
            .await?;
        // Whether an event is still needed.
        manager
            .create_index(
                Index::create()
                    .name("deliveries_event")
                    .table("deliveries")
                    .col("event_id")
                    .and_where(Expr::col("event_id").is_not_null())
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("attempts")
                    .col(uuid("id").primary_key())
                    .col(uuid("delivery_id"))
                    .col(integer("number"))
                    .col(timestamp_with_time_zone("started_at"))
                    .col(integer("duration_ms"))
                    .col(integer_null("status_code"))
                    .col(text_null("error"))
                    .col(json("request_headers"))
                    .col(json("response_headers"))
                    .col(text_null("response_body"))
                    .col(boolean("response_truncated").default(false))
                    .foreign_key(
                        ForeignKey::create()
                            .from("attempts", "delivery_id")
                            .to("deliveries", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("attempts_delivery").table("attempts").col("delivery_id").col("number").take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("receipts")
                    .col(uuid("webhook_id"))
                    .col(binary("digest"))
                    .col(timestamp_with_time_zone("received_at"))
                    .primary_key(Index::create().col("webhook_id").col("digest"))
                    .take(),
            )
            .await?;
        manager.create_index(Index::create().name("receipts_age").table("receipts").col("received_at").take()).await
    }
}
