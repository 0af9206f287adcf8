//! The cursors of lists, as opaque text. The cursor of a list in ID order is the last ID. A list in name
//! order needs name and ID, since names repeat.

use std::fmt::Display;
use std::str::FromStr;

use app::error::{Error, Result};
use app::model::page::{Page, PageQuery};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::service::text;
use crate::storage::internal;

/// The position of a row in a list ordered by name, then ID.
#[must_use]
pub fn by_name(name: &str, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), name.as_bytes()].concat())
}

/// Parses the result of [`by_name`].
///
/// # Errors
/// [`Error::Invalid`] for anything else.
pub fn parse_by_name(cursor: Option<&str>) -> Result<Option<(String, Uuid)>> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let (id, name) = bytes.split_at_checked(16).ok_or_else(refused)?;
    let id = Uuid::from_slice(id).map_err(|_| refused())?;
    let name = std::str::from_utf8(name).ok().filter(|name| text::storable(name).is_ok()).ok_or_else(refused)?;
    Ok(Some((name.to_owned(), id)))
}

/// Parses the cursor of a list ordered by ID.
///
/// # Errors
/// [`Error::Invalid`] for an invalid ID.
pub fn parse_id<T: FromStr>(cursor: Option<&str>) -> Result<Option<T>> {
    cursor.map(|cursor| cursor.parse().map_err(|_| refused())).transpose()
}

/// Orders a list by name, ignoring case, then by ID, and selects one row more than the page has.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub fn select_by_name<Q, C>(query: Q, (name, id): (C, C), page: &PageQuery) -> Result<Q>
where
    Q: QueryFilter + QueryOrder + QuerySelect,
    C: ColumnTrait,
{
    let lowered = || Func::lower(Expr::col(name.as_column_ref()));
    let ordered = query.order_by_asc(lowered()).order_by_asc(id).limit(page.limit() + 1);
    let Some((last_name, last_id)) = parse_by_name(page.cursor.as_deref())? else { return Ok(ordered) };
    let last_name = || Func::lower(Expr::val(last_name.clone()));
    let same_name = Expr::expr(lowered()).eq(last_name()).and(id.gt(last_id));
    Ok(ordered.filter(Expr::expr(lowered()).gt(last_name()).or(same_name)))
}

/// Reads a page of a list ordered by ID, newest first.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn newest_first<E, I>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    (column, id): (E::Column, impl Fn(&E::Model) -> I),
    page: &PageQuery,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    I: FromStr + Display + Into<sea_orm::Value>,
{
    let mut select = select.order_by_desc(column).limit(page.limit() + 1);
    if let Some(before) = parse_id::<I>(page.cursor.as_deref())? {
        select = select.filter(column.lt(before));
    }
    let rows = select.all(db).await.map_err(internal)?;
    Ok(Page::cut(rows, page.limit(), |row| id(row).to_string()))
}

/// [`newest_first`] for a list with the oldest first.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list.
pub async fn oldest_first<E, I>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    (column, id): (E::Column, impl Fn(&E::Model) -> I),
    page: &PageQuery,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    I: FromStr + Display + Into<sea_orm::Value>,
{
    let mut select = select.order_by_asc(column).limit(page.limit() + 1);
    if let Some(after) = parse_id::<I>(page.cursor.as_deref())? {
        select = select.filter(column.gt(after));
    }
    let rows = select.all(db).await.map_err(internal)?;
    Ok(Page::cut(rows, page.limit(), |row| id(row).to_string()))
}

fn refused() -> Error {
    Error::field("cursor", "Invalid cursor. Send the nextCursor of the previous page, or omit it for the first page.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_anything_else_is_refused() {
        let id = Uuid::from_u128(7);
        assert_eq!(parse_by_name(Some(&by_name("Ä b", id))), Ok(Some(("Ä b".into(), id))));
        assert_eq!(parse_by_name(None), Ok(None));
        for bad in ["", "?", "AAAA", &by_name("a\0", id)] {
            assert_eq!(parse_by_name(Some(bad)).map_err(|error| error.status()), Err(422), "{bad}");
        }
    }
}
