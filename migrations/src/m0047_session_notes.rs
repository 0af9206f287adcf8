//! The timer of sessions, and their notes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [big_integer("timer_ms").default(0).take(), timestamp_with_time_zone_null("timer_started_at")];
        for column in columns {
            manager.alter_table(Table::alter().table("test_sessions").add_column(column).take()).await?;
        }
        let name = "session_notes";
        let table = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("session_id"))
            .col(text("text"))
            // The time on the timer of the session.
            .col(big_integer("timer_ms"))
            .col(uuid("author_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("updated_at"))
            .foreign_key(ForeignKey::create().from(name, "session_id").to("test_sessions", "id"))
            .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
            .take();
        manager.create_table(table).await?;
        let index = Index::create().name("session_notes_session").table(name).col("session_id").col("id").take();
        manager.create_index(index).await
    }
}
