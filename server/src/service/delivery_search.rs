//! Which rows a [`DeliveryQuery`] asks for. An id carries the time it was made, so that a range
//! of times is a range of ids, which every index of the table ends with.

use app::error::Result;
use app::model::delivery::DeliveryQuery;
use app::model::id::{DeliveryId, ProjectId};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{cursor, search};
use crate::entity::delivery::{Column, Entity};

/// By how much the time in an id may be ahead of the time in its row: a burst of ids within one
/// millisecond carries on in the next.
const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// The deliveries of `project` that `query` asks for, the newest first, with one more than the
/// page has.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a cursor of another list, or for a
/// filter that is refused.
pub fn select(project: ProjectId, query: &DeliveryQuery) -> Result<Select<Entity>> {
    let page = query.page();
    let mut select =
        Entity::find().filter(Column::ProjectId.eq(project)).order_by_desc(Column::Id).limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<DeliveryId>(page.cursor.as_deref())? {
        select = select.filter(Column::Id.lt(before));
    }
    if let Some(status) = query.status {
        select = select.filter(Column::Status.eq(status));
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
    if let Some(since) = query.since {
        select = select.filter(Column::Id.gte(first_of(since))).filter(Column::CreatedAt.gte(since));
    }
    if let Some(until) = query.until {
        let ahead = until.checked_add_signed(AHEAD).unwrap_or(until);
        select = select.filter(Column::Id.lt(first_of(ahead))).filter(Column::CreatedAt.lt(until));
    }
    Ok(select)
}

/// The least id that carries a time; times that no id can carry become the first or the last.
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
    fn the_least_id_of_a_time_parts_what_was_made_before_from_what_was_made_then() {
        let clock = Clock::mock("2026-01-05T10:00:00.123Z".parse().unwrap());
        let ids = Ids::new(clock.clone());
        let before: DeliveryId = ids.next();
        clock.advance(std::time::Duration::from_millis(1));
        let then: DeliveryId = ids.next();
        assert!(before < first_of(clock.now()) && first_of(clock.now()) <= then);
    }
}
