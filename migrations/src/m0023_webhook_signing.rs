//! How webhooks sign their requests, their custom headers, and whether insecure connections are allowed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary_null, boolean, json, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            json("signing").default("{}").take(),
            json("header_names").default("[]").take(),
            binary_null("header_values"),
            boolean("allow_insecure").default(false).take(),
        ] {
            manager.alter_table(Table::alter().table("webhooks").add_column(column).take()).await?;
        }
        let public_key = text_null("public_key");
        manager.alter_table(Table::alter().table("webhook_secrets").add_column(public_key).take()).await
    }
}
