//! The subscriptions of a webhook, and changes of the complete list or of single entries. A change
//! of single entries is applied to the stored list, so that concurrent changes are all kept.

use std::collections::HashMap;

use app::error::{Checks, Result};
use app::model::catalog::subscription::{self, Subscription};
use app::model::id::WebhookId;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::entity::webhook_subscription::{ActiveModel, Column, Entity};
use crate::storage::Tx;

/// A change of subscriptions.
pub(crate) enum SubscriptionChange {
    /// Replaces the list.
    Replace(Vec<Subscription>),
    /// Adds and removes entries.
    Patch { added: Vec<Subscription>, removed: Vec<Subscription> },
}

impl SubscriptionChange {
    /// The change in a request.
    ///
    /// # Errors
    /// [`Error::Invalid`](app::error::Error::Invalid) for a contradictory change.
    pub(crate) fn from_request(
        whole: Option<Vec<Subscription>>,
        added: Vec<Subscription>,
        removed: Vec<Subscription>,
    ) -> Result<Self> {
        let mut checks = Checks::default();
        let partly = !added.is_empty() || !removed.is_empty();
        let either = whole.is_none() || !partly;
        checks.require(either, "events", "Send either events or addEvents and removeEvents.");
        let overlaps = |removed: &Subscription| added.iter().any(|new| removed.covers(*new) || new.covers(*removed));
        checks.require(!removed.iter().any(overlaps), "removeEvents", "An event can't be both added and removed.");
        checks.finish()?;
        Ok(whole.map_or(Self::Patch { added, removed }, Self::Replace))
    }

    /// The list after the change, in normal form.
    pub(crate) fn apply(self, stored: &[Subscription]) -> Vec<Subscription> {
        match self {
            Self::Replace(whole) => subscription::normalized(whole),
            Self::Patch { added, removed } => subscription::changed(stored.to_vec(), &added, &removed),
        }
    }
}

/// The subscriptions of several webhooks, each list in normal form.
pub(crate) async fn load<C: ConnectionTrait>(
    db: &C,
    webhooks: &[WebhookId],
) -> Result<HashMap<WebhookId, Vec<Subscription>>, DbErr> {
    let rows = Entity::find().filter(Column::WebhookId.is_in(webhooks.iter().copied())).all(db).await?;
    let mut lists: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        match row.event_type.parse() {
            Ok(entry) => lists.entry(row.webhook_id).or_default().push(entry),
            Err(error) => tracing::warn!(webhook = %row.webhook_id, %error, "unknown subscription ignored"),
        }
    }
    Ok(lists.into_iter().map(|(id, list)| (id, subscription::normalized(list))).collect())
}

/// Replaces the stored list.
pub(crate) async fn store(
    tx: &Tx<'_>,
    webhook: WebhookId,
    before: &[Subscription],
    after: &[Subscription],
) -> Result<(), DbErr> {
    let names = |list: &[Subscription], other: &[Subscription]| -> Vec<String> {
        list.iter().filter(|entry| !other.contains(entry)).map(Subscription::to_string).collect()
    };
    let (removed, added) = (names(before, after), names(after, before));
    if !removed.is_empty() {
        let rows = Entity::delete_many().filter(Column::WebhookId.eq(webhook)).filter(Column::EventType.is_in(removed));
        rows.exec(tx.db()).await?;
    }
    if !added.is_empty() {
        let rows = added.into_iter().map(|name| ActiveModel { webhook_id: Set(webhook), event_type: Set(name) });
        Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}
