//! Reviews of test cases with their reviewers, and the versions of test cases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json, json_null, string, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "reviews";
        let reviews = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("project_id"))
            .col(integer("number"))
            .col(uuid("author_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone_null("deleted_at"))
            .col(string("title"))
            .col(text("search"))
            .col(text("description"))
            .col(uuid("case_id"))
            .col(text("status"))
            .col(json("base"))
            .col(json("proposal"))
            .foreign_key(ForeignKey::create().from(name, "project_id").to("projects", "id"))
            .foreign_key(ForeignKey::create().from(name, "author_id").to("users", "id"))
            .foreign_key(ForeignKey::create().from(name, "case_id").to("test_cases", "id"))
            .take();
        manager.create_table(reviews).await?;
        let name = "review_reviewers";
        let reviewers = Table::create()
            .table(name)
            .col(uuid("review_id"))
            .col(uuid("user_id"))
            .col(text("decision"))
            .col(timestamp_with_time_zone_null("decided_at"))
            .col(timestamp_with_time_zone("added_at"))
            .primary_key(Index::create().col("review_id").col("user_id"))
            .foreign_key(ForeignKey::create().from(name, "review_id").to("reviews", "id"))
            .foreign_key(ForeignKey::create().from(name, "user_id").to("users", "id"))
            .take();
        manager.create_table(reviewers).await?;
        let name = "case_versions";
        let versions = Table::create()
            .table(name)
            .col(uuid("id").primary_key())
            .col(uuid("case_id"))
            .col(uuid("user_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(json("changed"))
            .col(json_null("before"))
            .col(json("after"))
            .foreign_key(ForeignKey::create().from(name, "case_id").to("test_cases", "id"))
            .foreign_key(ForeignKey::create().from(name, "user_id").to("users", "id"))
            .take();
        manager.create_table(versions).await?;
        let connection = manager.get_connection();
        for sql in [
            "CREATE INDEX reviews_list ON reviews (project_id, id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX reviews_number ON reviews (project_id, number)",
            "CREATE INDEX reviews_case ON reviews (case_id, id)",
            "CREATE INDEX review_reviewers_user ON review_reviewers (user_id, review_id)",
            "CREATE INDEX case_versions_case ON case_versions (case_id, id)",
        ] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
