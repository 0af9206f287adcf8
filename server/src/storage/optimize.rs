//! Refreshes the statistics by which SQLite plans queries. PostgreSQL does so by itself.

use sea_orm::{ConnectionTrait, DbErr};

/// Analyzes the tables that have no statistics, or have grown or shrunk tenfold since. The limit keeps
/// that to some milliseconds for each, however large it is.
const OPTIMIZE: &str = "PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";

/// Runs it on the writing connection.
pub async fn run(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    connection.execute_unprepared(OPTIMIZE).await.map(drop)
}
