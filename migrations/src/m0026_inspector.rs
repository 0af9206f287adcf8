//! Inspector URLs and the requests that they get.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, binary_null, boolean, integer, json, text, text_null, timestamp_with_time_zone, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("inspector_urls")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id"))
                    .col(binary("token_hash").unique_key())
                    // Encrypted, so that the URL can be copied later.
                    .col(binary("token"))
                    .col(text("token_hint"))
                    // Encrypted.
                    .col(binary_null("signing_secret"))
                    .col(integer("status"))
                    .col(integer("delay_ms"))
                    .col(text("content_type"))
                    .col(text("body"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(ForeignKey::create().from("inspector_urls", "project_id").to("projects", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("inspector_urls_project")
                    .table("inspector_urls")
                    .col("project_id")
                    .col("id")
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("inspector_urls_expiry").table("inspector_urls").col("expires_at").take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("inspector_requests")
                    .col(uuid("id").primary_key())
                    .col(uuid("inspector_url_id"))
                    .col(timestamp_with_time_zone("received_at"))
                    .col(text("method"))
                    .col(text("path"))
                    .col(text("address"))
                    .col(text_null("event"))
                    .col(json("headers"))
                    .col(boolean("headers_truncated"))
                    .col(big_integer("body_bytes"))
                    .col(boolean("truncated"))
                    .col(text("signature"))
                    .col(text("signature_detail"))
                    .col(integer("status"))
                    .col(integer("duration_ms"))
                    // The last column, so that SQLite reads the others without it.
                    .col(binary("body"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("inspector_requests", "inspector_url_id")
                            .to("inspector_urls", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("inspector_requests_list")
                    .table("inspector_requests")
                    .col("inspector_url_id")
                    .col("id")
                    .take(),
            )
            .await
    }
}
