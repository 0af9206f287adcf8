//! Issues, with what is needed to read them from their tracker again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json, string_null, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("issues")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id"))
                    .col(text_null("provider"))
                    .col(string_null("external_id"))
                    .col(string_null("key"))
                    .col(text_null("url"))
                    .col(text("title"))
                    // Folded, for the search; before the long texts, as it is read in passing.
                    .col(text("search"))
                    .col(text("description"))
                    .col(text("status"))
                    .col(text("status_kind"))
                    .col(text_null("priority"))
                    .col(text_null("issue_type"))
                    .col(json("labels"))
                    .col(text_null("assignee"))
                    .col(uuid("author_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(timestamp_with_time_zone_null("tracker_updated_at"))
                    .col(timestamp_with_time_zone_null("synced_at"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .col(text_null("deletion"))
                    .col(timestamp_with_time_zone_null("sync_due_at"))
                    .col(timestamp_with_time_zone_null("sync_lease_until"))
                    .col(integer("sync_attempts").default(0))
                    .col(text_null("sync_error"))
                    .foreign_key(ForeignKey::create().from("issues", "project_id").to("projects", "id"))
                    .foreign_key(ForeignKey::create().from("issues", "author_id").to("users", "id"))
                    .take(),
            )
            .await?;
        // One row for each issue of the tracker, including deleted ones, so that an event can't
        // import an issue twice or restore a deleted one.
        manager
            .create_index(
                Index::create()
                    .name("issues_external")
                    .table("issues")
                    .col("project_id")
                    .col("provider")
                    .col("external_id")
                    .unique()
                    .and_where(Expr::col("external_id").is_not_null())
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("issues_list")
                    .table("issues")
                    .col("project_id")
                    .col("id")
                    .and_where(Expr::col("deleted_at").is_null())
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("issues_sync")
                    .table("issues")
                    .col("sync_due_at")
                    .and_where(Expr::col("sync_due_at").is_not_null())
                    .take(),
            )
            .await
    }
}
