//! The repository or project of an issue in its tracker, and whether only issues of the integration's
//! own repository are imported.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, text_null};
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter().table("integrations").add_column(boolean("only_from_repository").default(false)).take(),
            )
            .await?;
        manager.alter_table(Table::alter().table("issues").add_column(text_null("origin")).take()).await?;
        // For GitHub (`owner/name#1`) and Jira (`WEB-1`), the key contains it. For Azure DevOps, the next
        // event or sync sets it.
        for (provider, separator) in [("github", '#'), ("jira", '-')] {
            let before_separator = match manager.get_database_backend() {
                DatabaseBackend::Postgres => format!("split_part(key, '{separator}', 1)"),
                _ => format!("substr(key, 1, instr(key, '{separator}') - 1)"),
            };
            let fill = format!(
                "UPDATE issues SET origin = lower({before_separator}) \
                 WHERE provider = '{provider}' AND key LIKE '%{separator}%'"
            );
            manager.get_connection().execute_unprepared(&fill).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("issues_origin")
                    .table("issues")
                    .col("project_id")
                    .col("provider")
                    .col("origin")
                    .and_where(Expr::col("deleted_at").is_null().and(Expr::col("origin").is_not_null()))
                    .take(),
            )
            .await
    }
}
