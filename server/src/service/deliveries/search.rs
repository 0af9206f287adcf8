//! Selects deliveries for a [`DeliveryQuery`]. IDs contain their creation time, so a range of times
//! is a range of IDs, and every index of the table ends with the ID.

use app::error::Result;
use app::model::delivery::{DeliveryCount, DeliveryQuery, MAX_COUNTED_DELIVERIES};
use app::model::id::{DeliveryId, EventId, ProjectId};
use app::model::page::Page;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::entity::delivery::{Column, Entity, Model};
use crate::entity::delivery_status::has_status;
use crate::service::capped_count::capped_count;
use crate::service::cursor;
use crate::service::search;
use crate::storage::internal;

/// The maximum number of deliveries that a search reads.
pub const MAX_SCANNED: u64 = 100_000;
/// How far the time in an ID may be ahead of the row's time: a burst of IDs within one millisecond
/// continues in the next one.
const MAX_ID_LEAD: TimeDelta = TimeDelta::minutes(1);

/// A position in the list, as a cursor contains it.
enum Position {
    /// Deliveries older than this one.
    Older(DeliveryId),
    /// Deliveries newer than this one.
    Newer(DeliveryId),
}

impl Position {
    /// The prefix of the cursor of a previous page.
    const NEWER_PREFIX: &str = "newer_";

    fn parse(cursor: Option<&str>) -> Result<Option<Self>> {
        let newer = cursor.and_then(|cursor| cursor.strip_prefix(Self::NEWER_PREFIX));
        let id = cursor::parse_id(newer.or(cursor))?;
        Ok(id.map(if newer.is_some() { Self::Newer } else { Self::Older }))
    }
}

/// A page of the project's deliveries that match `query`, newest first.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a cursor of another list or an invalid
/// filter.
pub async fn page(db: &impl ConnectionTrait, project: ProjectId, query: &DeliveryQuery) -> Result<Page<Model>> {
    let limit = query.page().limit();
    let found = bounded(db, project, query).await?;
    let newest = || found.clone().order_by_desc(Column::Id).limit(limit + 1);
    let position = Position::parse(query.cursor.as_deref())?;
    let newer = |row: &Model| format!("{}{}", Position::NEWER_PREFIX, row.id);
    let older = |row: &Model| row.id.to_string();
    if let Some(Position::Newer(id)) = position {
        let select = found.clone().filter(Column::Id.gt(id)).order_by_asc(Column::Id).limit(limit + 1);
        let rows = select.all(db).await.map_err(internal)?;
        let page = Page::cut(rows, limit, newer);
        // With fewer rows than a page has, it is the first page, which is then shown in full.
        if let Some(previous) = page.next_cursor {
            let items: Vec<_> = page.items.into_iter().rev().collect();
            let next_cursor = items.last().map(older);
            return Ok(Page { items, next_cursor, previous_cursor: Some(previous) });
        }
    }
    let select = match position {
        Some(Position::Older(id)) => newest().filter(Column::Id.lt(id)),
        Some(Position::Newer(_)) | None => newest(),
    };
    let mut page = Page::cut(select.all(db).await.map_err(internal)?, limit, older);
    if let Some(Position::Older(_)) = position {
        page.previous_cursor = page.items.first().map(newer);
    }
    Ok(page)
}

/// The number of the project's deliveries that match the filters of `query`.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for an invalid filter.
pub async fn count(db: &impl ConnectionTrait, project: ProjectId, query: &DeliveryQuery) -> Result<DeliveryCount> {
    // The page doesn't matter, but an invalid cursor is refused as in the list.
    Position::parse(query.cursor.as_deref())?;
    let found = bounded(db, project, query).await?.select_only().column(Column::Id);
    let count = capped_count(db, found, MAX_COUNTED_DELIVERIES + 1).await?;
    Ok(DeliveryCount { count: count.min(MAX_COUNTED_DELIVERIES), capped: count > MAX_COUNTED_DELIVERIES })
}

/// The deliveries that match the filters of `query`, newest first, one more than the page has.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a cursor of another list or an invalid
/// filter.
pub fn select(project: ProjectId, query: &DeliveryQuery) -> Result<Select<Entity>> {
    let page = query.page();
    let select = filtered(project, query)?.order_by_desc(Column::Id).limit(page.limit() + 1);
    Ok(match cursor::parse_id::<DeliveryId>(page.cursor.as_deref())? {
        Some(before) => select.filter(Column::Id.lt(before)),
        None => select,
    })
}

/// A delivery with all its replays, and theirs.
#[must_use]
pub fn select_chain(root: DeliveryId) -> Select<Entity> {
    Entity::find().filter(Column::ReplayRoot.eq(root))
}

/// The deliveries that match the filters of `query`. A filter without an index reads row by row. It covers
/// only the newest [`MAX_SCANNED`] deliveries that match the other filters.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for an invalid filter.
pub async fn bounded(db: &impl ConnectionTrait, project: ProjectId, query: &DeliveryQuery) -> Result<Select<Entity>> {
    let found = filtered(project, query)?;
    let Some(indexed) = scanned(query) else { return Ok(found) };
    let first = select_first_scanned(project, &indexed)?.into_tuple::<DeliveryId>().one(db).await.map_err(internal)?;
    Ok(match first {
        Some(first) => found.filter(Column::Id.gt(first)),
        None => found,
    })
}

/// Selects the newest delivery that a filter without an index doesn't cover.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for an invalid filter.
pub fn select_first_scanned(project: ProjectId, indexed: &DeliveryQuery) -> Result<Select<Entity>> {
    let select = filtered(project, indexed)?.select_only().column(Column::Id);
    Ok(select.order_by_desc(Column::Id).offset(MAX_SCANNED).limit(1))
}

/// The filters with an index; `None` if the others don't need a limit.
fn scanned(query: &DeliveryQuery) -> Option<DeliveryQuery> {
    let is_words = query.search.as_deref().is_some_and(|search| !matches!(Search::parse(search), Search::Id(_)));
    let is_scanned = is_words || query.status_code.is_some();
    is_scanned.then(|| DeliveryQuery { search: None, status_code: None, ..query.clone() })
}

/// What a search looks for.
enum Search {
    /// One delivery, or the deliveries of one event.
    Id(Condition),
    /// Words of the subject.
    Words,
}

impl Search {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        match (text.parse::<EventId>(), text.parse::<DeliveryId>()) {
            (Ok(event), _) => Self::Id(Condition::all().add(Column::EventId.eq(event))),
            (_, Ok(delivery)) => Self::Id(Condition::all().add(Column::Id.eq(delivery))),
            _ => Self::Words,
        }
    }
}

/// The conditions of a search. Older rows have no folded subject.
fn searched(mut select: Select<Entity>, text: &str) -> Result<Select<Entity>> {
    let words = search::words(Some(text))?;
    if let Search::Id(condition) = Search::parse(text) {
        return Ok(select.filter(condition));
    }
    let folded = || {
        let lower = Expr::from(Func::lower(Expr::col(Column::Subject)));
        Expr::from(Func::coalesce([Expr::col(Column::SubjectSearch), lower]))
    };
    for word in words {
        select = select.filter(word.is_in(folded()));
    }
    Ok(select)
}

fn filtered(project: ProjectId, query: &DeliveryQuery) -> Result<Select<Entity>> {
    let mut select = Entity::find().filter(Column::ProjectId.eq(project));
    if let Some(text) = &query.search {
        select = searched(select, text)?;
    }
    if let Some(status) = query.status {
        select = select.filter(has_status(status));
    }
    if let Some(code) = query.status_code {
        select = select.filter(Column::StatusCode.eq(i32::from(code)));
    }
    if let Some(direction) = query.direction {
        select = select.filter(Column::Direction.eq(direction));
    }
    if let Some(webhook) = query.webhook_id {
        select = select.filter(Column::WebhookId.eq(webhook));
    }
    if let Some(event) = search::exact("event", query.event.as_deref())? {
        select = select.filter(Column::EventType.eq(event));
    }
    if let Some(digest) = query.digest {
        // A digest that is retried refers to itself.
        select = select.filter(Column::DigestDeliveryId.eq(digest)).filter(Column::Id.ne(digest));
    }
    if let Some(since) = query.since {
        select = select.filter(Column::Id.gte(first_of(since))).filter(Column::CreatedAt.gte(since));
    }
    if let Some(until) = query.until {
        let ahead = until.checked_add_signed(MAX_ID_LEAD).unwrap_or(until);
        select = select.filter(Column::Id.lt(first_of(ahead))).filter(Column::CreatedAt.lt(until));
    }
    Ok(select)
}

/// The IDs of a range of times: the first, and the first after it. The range of IDs is a little longer, because
/// an ID may be ahead of its row's time.
#[must_use]
pub fn id_range(since: DateTime<Utc>, until: DateTime<Utc>) -> (Uuid, Uuid) {
    let ahead = until.checked_add_signed(MAX_ID_LEAD).unwrap_or(until);
    (first_of(since).0, first_of(ahead).0)
}

/// The smallest ID of a time. Times outside of the possible range become the first or last ID.
fn first_of(time: DateTime<Utc>) -> DeliveryId {
    const LAST: u64 = (1 << 48) - 1;
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or_default().min(LAST);
    DeliveryId(Uuid::from_u128(u128::from(millis) << 80))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::ids::Ids;

    #[test]
    fn the_first_id_of_a_time_separates_older_ids() {
        let clock = Clock::mock("2026-01-05T10:00:00.123Z".parse().unwrap());
        let ids = Ids::new(clock.clone());
        let before: DeliveryId = ids.next();
        clock.advance(std::time::Duration::from_millis(1));
        let then: DeliveryId = ids.next();
        assert!(before < first_of(clock.now()) && first_of(clock.now()) <= then);
    }
}
