//! Counts rows up to a limit, so that the cost doesn't grow with the table.

use app::error::Result;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, QueryTrait, Select};

use crate::storage::internal;

/// The number of rows, at most `limit`. Select only the columns that the count needs.
///
/// # Errors
/// When the database fails.
pub async fn capped_count<E: EntityTrait>(db: &impl ConnectionTrait, rows: Select<E>, limit: u32) -> Result<u32> {
    let limited = rows.limit(u64::from(limit)).into_query();
    let count = Query::select().expr_as(Expr::cust("COUNT(*)"), "found").from_subquery(limited, "limited").to_owned();
    let row = db.query_one(&count).await.map_err(internal)?;
    let found: i64 = row.map_or(Ok(0), |row| row.try_get("", "found")).map_err(internal)?;
    Ok(u32::try_from(found).unwrap_or(limit))
}
