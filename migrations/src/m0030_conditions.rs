//! Outbound webhooks have conditions and a template of the body. An index finds the latest events of a project, on
//! which conditions are tried.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json, json_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [json("conditions").default("{}").take(), json_null("body_template")] {
            manager.alter_table(Table::alter().table("webhooks").add_column(column).take()).await?;
        }
        let index = Index::create().name("events_latest").table("events").col("project_id").col("occurred_at").take();
        manager.create_index(index).await
    }
}
