//! Test cases, runs and sessions, with their results and the issues linked to them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, integer_null, json, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sequences(manager).await?;
        cases(manager).await?;
        runs(manager).await?;
        sessions(manager).await?;
        results(manager).await
    }
}

/// The numbers in keys, counted for each project and subject.
async fn sequences(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("sequences")
                .col(uuid("project_id"))
                .col(text("subject"))
                .col(integer("last"))
                .primary_key(Index::create().col("project_id").col("subject"))
                .take(),
        )
        .await
}

async fn cases(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = described("test_cases")
        .col(text("title"))
        .col(text("search"))
        .col(text("preconditions"))
        .col(json("steps"))
        .col(text("priority"))
        .col(json("labels"))
        .take();
    manager.create_table(table).await?;
    living(manager, "test_cases").await
}

async fn runs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = described("test_runs")
        .col(string("name"))
        .col(text("search"))
        .col(text("description"))
        .col(text("state"))
        .col(timestamp_with_time_zone_null("completed_at"))
        .take();
    manager.create_table(table).await?;
    living(manager, "test_runs").await?;
    manager
        .create_table(
            Table::create()
                .table("run_cases")
                .col(uuid("run_id"))
                .col(uuid("case_id"))
                .col(integer("position"))
                // Of the latest result.
                .col(text("status"))
                .primary_key(Index::create().col("run_id").col("case_id"))
                .foreign_key(ForeignKey::create().from("run_cases", "run_id").to("test_runs", "id"))
                .foreign_key(ForeignKey::create().from("run_cases", "case_id").to("test_cases", "id"))
                .take(),
        )
        .await?;
    index(manager, "run_cases_order", "run_cases", &["run_id", "position"]).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = described("test_sessions")
        .col(string("name"))
        .col(text("search"))
        .col(text("charter"))
        .col(integer_null("time_box_minutes"))
        .col(text("state"))
        .col(timestamp_with_time_zone_null("completed_at"))
        .take();
    manager.create_table(table).await?;
    living(manager, "test_sessions").await
}

async fn results(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("results")
                .col(uuid("id").primary_key())
                .col(uuid("project_id"))
                // Of a run's case, or of a session.
                .col(uuid_null("run_id"))
                .col(uuid_null("case_id"))
                .col(uuid_null("session_id"))
                .col(text("status"))
                .col(text("comment"))
                .col(integer_null("elapsed_seconds"))
                .col(uuid("author_id"))
                .col(timestamp_with_time_zone("created_at"))
                .foreign_key(ForeignKey::create().from("results", "run_id").to("test_runs", "id"))
                .foreign_key(ForeignKey::create().from("results", "case_id").to("test_cases", "id"))
                .foreign_key(ForeignKey::create().from("results", "session_id").to("test_sessions", "id"))
                .foreign_key(ForeignKey::create().from("results", "author_id").to("users", "id"))
                .take(),
        )
        .await?;
    index(manager, "results_run", "results", &["run_id", "id"]).await?;
    index(manager, "results_session", "results", &["session_id", "id"]).await?;
    manager
        .create_table(
            Table::create()
                .table("result_issues")
                .col(uuid("result_id"))
                .col(uuid("issue_id"))
                .primary_key(Index::create().col("result_id").col("issue_id"))
                .foreign_key(ForeignKey::create().from("result_issues", "result_id").to("results", "id"))
                .foreign_key(ForeignKey::create().from("result_issues", "issue_id").to("issues", "id"))
                .take(),
        )
        .await?;
    index(manager, "result_issues_issue", "result_issues", &["issue_id", "result_id"]).await
}

/// A table with what cases, runs and sessions have in common.
fn described(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("id").primary_key())
        .col(uuid("project_id"))
        .col(integer("number"))
        .col(uuid("author_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
        .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
        .take()
}

/// The index of the lists, which show what is not deleted, and the one that keeps numbers apart.
async fn living(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    manager
        .create_index(
            Index::create()
                .name(format!("{table}_list"))
                .table(table)
                .col("project_id")
                .col("id")
                .and_where(Expr::col("deleted_at").is_null())
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name(format!("{table}_number"))
                .table(table)
                .col("project_id")
                .col("number")
                .unique()
                .take(),
        )
        .await
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}
