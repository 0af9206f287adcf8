//! A database of one's own on a PostgreSQL.

use anyhow::{Context, Result};
use sea_orm::{ConnectionTrait, Database};

/// Makes a database, and tells its URL. It stays: the cluster is a test's.
pub async fn create(url: &str) -> Result<String> {
    let name = format!("bench_{}", std::process::id());
    let admin = Database::connect(url).await?;
    admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await?;
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    admin.close().await?;
    let (server, _) = url.rsplit_once('/').context("a URL that ends with a database")?;
    Ok(format!("{server}/{name}"))
}
