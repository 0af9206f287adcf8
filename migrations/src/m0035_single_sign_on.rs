//! The identities of users at the provider for single sign-on, and which memberships its claim gives.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, text, text_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("user_identities")
                    .col(text("issuer"))
                    .col(text("subject"))
                    .col(uuid("user_id"))
                    // As the provider said it at the latest sign-in.
                    .col(text_null("email"))
                    .col(timestamp_with_time_zone("linked_at"))
                    .col(timestamp_with_time_zone("last_sign_in_at"))
                    .primary_key(Index::create().col("issuer").col("subject"))
                    .foreign_key(ForeignKey::create().from("user_identities", "user_id").to("users", "id"))
                    .take(),
            )
            .await?;
        // One identity of each provider.
        manager
            .create_index(
                Index::create()
                    .name("user_identities_user")
                    .table("user_identities")
                    .col("user_id")
                    .col("issuer")
                    .unique()
                    .take(),
            )
            .await?;
        let members = Table::alter().table("members").add_column(boolean("by_claim").default(false)).take();
        manager.alter_table(members).await
    }
}
