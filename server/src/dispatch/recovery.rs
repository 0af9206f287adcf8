//! When a disabled webhook is probed, if its policy says so: its oldest held delivery is sent. If that
//! succeeds, the webhook is enabled; otherwise the delivery stays held. Pure, except for the query.

use std::time::Duration;

use app::model::id::WebhookId;
use app::model::policy::RECOVERY_PROBES;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::webhook;

/// The delay until a due probe is tried again that found no held delivery to send.
pub const EMPTY_PROBE_DELAY: Duration = Duration::from_secs(60);

/// When the next probe is due after `made` probes; `None` if there are no more.
#[must_use]
pub fn next_probe(made: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let delay = usize::try_from(made).ok().and_then(|made| RECOVERY_PROBES.get(made))?;
    Some(now + *delay)
}

/// Up to `limit` webhooks with a due probe.
///
/// # Errors
/// Those of the database.
pub async fn due_probes(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u32) -> Result<Vec<WebhookId>, DbErr> {
    webhook::Entity::find()
        .select_only()
        .column(webhook::Column::Id)
        .filter(webhook::Column::NextProbeAt.lte(now))
        .filter(webhook::Column::NextProbeAt.is_not_null())
        // An inactive webhook is probed after its activation, a paused one after the pause.
        .filter(webhook::Column::Active.eq(true))
        .filter(webhook::Column::InstancePaused.eq(false))
        .filter(webhook::Column::DeletedAt.is_null())
        .order_by_asc(webhook::Column::NextProbeAt)
        .limit(u64::from(limit))
        .into_tuple()
        .all(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disabled_webhook_is_probed_four_times() {
        let now = DateTime::UNIX_EPOCH;
        let minutes = |made| next_probe(made, now).map(|at| (at - now).num_minutes());
        assert_eq!((0..5).map(minutes).collect::<Vec<_>>(), [Some(5), Some(15), Some(60), Some(360), None]);
    }
}
