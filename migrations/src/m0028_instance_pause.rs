//! The pause of all outbound webhooks. Its setting exists from the start, so that it can be locked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let paused = boolean("instance_paused").default(false).take();
        manager.alter_table(Table::alter().table("webhooks").add_column(paused).take()).await?;
        manager
            .create_index(
                Index::create()
                    .name("webhooks_instance_paused")
                    .table("webhooks")
                    .col("id")
                    .and_where(Expr::col("instance_paused").and(Expr::col("deleted_at").is_null()))
                    .take(),
            )
            .await?;
        let setting = "INSERT INTO instance_settings (name, value, updated_at) \
            VALUES ('webhook_pause', 'null', CURRENT_TIMESTAMP)";
        manager.get_connection().execute_unprepared(setting).await.map(drop)
    }
}
