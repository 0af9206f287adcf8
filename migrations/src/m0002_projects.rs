//! Projects with their members, invitations and tracker integration.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, string, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("projects")
                    .col(uuid("id").primary_key())
                    .col(string("key"))
                    .col(string("name"))
                    .col(uuid("owner_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .foreign_key(ForeignKey::create().from("projects", "owner_id").to("users", "id"))
                    .take(),
            )
            .await?;
        // A deleted project gives its key free.
        manager
            .create_index(
                Index::create()
                    .name("projects_key")
                    .table("projects")
                    .col("key")
                    .unique()
                    .and_where(Expr::col("deleted_at").is_null())
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("members")
                    .col(uuid("project_id"))
                    .col(uuid("user_id"))
                    .col(text("role"))
                    .col(timestamp_with_time_zone("joined_at"))
                    .primary_key(Index::create().col("project_id").col("user_id"))
                    .foreign_key(ForeignKey::create().from("members", "project_id").to("projects", "id"))
                    .foreign_key(ForeignKey::create().from("members", "user_id").to("users", "id"))
                    .take(),
            )
            .await?;
        manager.create_index(Index::create().name("members_user").table("members").col("user_id").take()).await?;
        manager
            .create_table(
                Table::create()
                    .table("invites")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id"))
                    .col(string("email"))
                    .col(text("role"))
                    .col(binary("token_hash").unique_key())
                    .col(uuid("invited_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(ForeignKey::create().from("invites", "project_id").to("projects", "id"))
                    .foreign_key(ForeignKey::create().from("invites", "invited_by").to("users", "id"))
                    .take(),
            )
            .await?;
        manager
            .create_index(Index::create().name("invites_project").table("invites").col("project_id").col("id").take())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("integrations")
                    .col(uuid("id").primary_key())
                    .col(uuid("project_id").unique_key())
                    .col(text("provider"))
                    .col(text("base_url"))
                    .col(text("repository"))
                    .col(binary_null("credentials"))
                    .col(text_null("sync_error"))
                    .col(timestamp_with_time_zone_null("synced_at"))
                    .col(timestamp_with_time_zone_null("paused_until"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(ForeignKey::create().from("integrations", "project_id").to("projects", "id"))
                    .take(),
            )
            .await
    }
}
