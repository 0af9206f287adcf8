//! Accounts that can be deactivated, links that reset a password, and sessions that a user can
//! tell apart and end. Existing sessions are deleted, so all users sign in again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter().table("users").add_column(timestamp_with_time_zone_null("deactivated_at")).take(),
            )
            .await?;
        manager.drop_table(Table::drop().table("sessions").take()).await?;
        manager
            .create_table(
                Table::create()
                    .table("sessions")
                    .col(string("id").primary_key())
                    // What the person and other nodes know it by.
                    .col(uuid("public_id").unique_key())
                    .col(uuid("user_id"))
                    .col(text("data"))
                    .col(text("device"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("last_seen_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("sessions", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("sessions_user").table("sessions").col("user_id").col("public_id").take(),
            )
            .await?;
        manager
            .create_index(Index::create().name("sessions_expiry").table("sessions").col("expires_at").take())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("password_resets")
                    // One link for each person.
                    .col(uuid("user_id").primary_key())
                    .col(binary("token_hash").unique_key())
                    // Null for the command line.
                    .col(uuid_null("created_by"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .from("password_resets", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await?;
        manager.create_index(Index::create().name("invites_inviter").table("invites").col("invited_by").take()).await
    }
}
