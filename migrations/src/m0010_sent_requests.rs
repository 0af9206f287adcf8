//! What each attempt sent: where it went, and its body where that is not the event itself.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The address with its credentials covered. Null for attempts that were made before.
        for column in [text_null("destination"), text_null("request_body")] {
            manager.alter_table(Table::alter().table("attempts").add_column(column).take()).await?;
        }
        Ok(())
    }
}
