//! Migrates the schema. Several nodes may start on the same database at once: a PostgreSQL lock lets one
//! of them migrate while the others wait. SQLite has one process.

use std::sync::Arc;

use sea_orm::sqlx::Executor;
use sea_orm::sqlx::postgres::PgAdvisoryLock;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, RuntimeErr, sqlx};
use sea_orm_migration::MigratorTrait;

use super::Database;
use super::optimize;

/// The lock is specific to one database.
const LOCK: &str = "testbell migrations";

/// Applies the migrations that the database doesn't have yet.
///
/// # Errors
/// When a migration fails.
pub async fn migrate(database: &Database) -> Result<(), DbErr> {
    let connection = database.write.for_migrations().unwrap_or(&database.read);
    match connection.get_database_backend() {
        DbBackend::Postgres => migrate_with_lock(connection).await,
        _ => {
            migrations::Migrator::up(connection, None).await?;
            optimize::run(connection).await
        }
    }
}

async fn migrate_with_lock(connection: &DatabaseConnection) -> Result<(), DbErr> {
    // The lock belongs to a connection of its own, and ends with it if this process does.
    let mut holder = connection.get_postgres_connection_pool().acquire().await.map_err(failed)?;
    // Another node's migration may take long.
    holder.execute("SET lock_timeout = 0").await.map_err(failed)?;
    let lock = PgAdvisoryLock::new(LOCK);
    let held = lock.acquire(holder).await.map_err(failed)?;
    let done = migrations::Migrator::up(connection, None).await;
    let mut holder = held.release_now().await.map_err(failed)?;
    holder.execute("RESET lock_timeout").await.map_err(failed)?;
    done
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)))
}
