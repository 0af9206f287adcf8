//! Writes many rows directly: over the API, ten million would take an hour.

use anyhow::{Context, Result, ensure};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// A connection to the database of a server.
pub struct Rows {
    db: DatabaseConnection,
}

impl Rows {
    /// Connects to the database with this URL.
    pub async fn connect(url: String) -> Result<Self> {
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Ok(Self { db: Database::connect(options).await? })
    }

    /// Copies the only row that `template` selects `count` times. `changes` are the columns that differ and their SQL
    /// expressions, in which `n` is the number of the copy, from 1.
    pub async fn copy(&self, table: &str, template: &str, count: u32, changes: &[(&str, &str)]) -> Result<()> {
        let columns = self.columns(table).await?;
        for (column, _) in changes {
            ensure!(columns.iter().any(|known| known == column), "{table} has no column {column}");
        }
        let values: Vec<String> = columns
            .iter()
            .map(|column| match changes.iter().find(|(changed, _)| changed == column) {
                Some((_, expression)) => format!("({expression})"),
                None => format!("template.{column}"),
            })
            .collect();
        let numbers = match self.db.get_database_backend() {
            DbBackend::Postgres => format!("SELECT n FROM generate_series(1, {count}) AS n"),
            _ => format!(
                "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
                 SELECT n FROM numbers"
            ),
        };
        let (columns, values) = (columns.join(", "), values.join(", "));
        let insert = format!(
            "INSERT INTO {table} ({columns})
             SELECT {values} FROM (SELECT * FROM {table} WHERE {template} LIMIT 1) AS template, ({numbers}) AS numbers"
        );
        let written = self.db.execute_raw(self.statement(insert)).await.with_context(|| format!("rows of {table}"))?;
        ensure!(written.rows_affected() == u64::from(count), "{} rows of {table}", written.rows_affected());
        Ok(())
    }

    /// Updates what the query planner knows, as the database does by itself sooner or later.
    pub async fn analyze(&self) -> Result<()> {
        self.db.execute_unprepared("ANALYZE").await?;
        Ok(())
    }

    /// An expression for the ID of copy `n` (an expression) of a kind (a hexadecimal digit).
    pub fn id(&self, kind: &str, n: &str) -> String {
        match self.db.get_database_backend() {
            DbBackend::Postgres => format!("CAST('{}' || lpad(to_hex({n}), 12, '0') AS uuid)", prefix(kind)),
            _ => format!("unhex('{}' || printf('%012x', {n}))", prefix(kind).replace('-', "")),
        }
    }

    /// An expression for an ID.
    pub fn literal(&self, id: Uuid) -> String {
        match self.db.get_database_backend() {
            DbBackend::Postgres => format!("CAST('{id}' AS uuid)"),
            _ => format!("unhex('{}')", id.simple()),
        }
    }

    async fn columns(&self, table: &str) -> Result<Vec<String>> {
        let query = match self.db.get_database_backend() {
            DbBackend::Postgres => {
                format!("SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{table}'")
            }
            _ => format!("SELECT name FROM pragma_table_info('{table}')"),
        };
        let rows = self.db.query_all_raw(self.statement(query)).await?;
        let names: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("", "name")).collect();
        let names = names?;
        ensure!(!names.is_empty(), "there is no table {table}");
        Ok(names)
    }

    fn statement(&self, sql: String) -> Statement {
        Statement::from_string(self.db.get_database_backend(), sql)
    }
}

/// The ID of copy `n` of a kind, as [`Rows::id`] writes it.
pub fn copied_id(kind: &str, n: u32) -> Result<Uuid> {
    Ok(format!("{}{n:012x}", prefix(kind)).parse()?)
}

/// A UUIDv7 of an early time, without its last twelve digits.
fn prefix(kind: &str) -> String {
    format!("01800000-0000-7000-800{kind}-")
}
