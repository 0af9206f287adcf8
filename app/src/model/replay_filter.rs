//! Selects the deliveries to replay: those that match a filter, or all of a project.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::delivery::{DeliveryQuery, DeliveryStatus};
use super::id::{DeliveryId, WebhookId};
use super::webhook::Direction;
use crate::error::{Error, Result};

/// Replays the deliveries that match a filter. An empty filter is refused, so that a forgotten
/// field doesn't replay everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ReplayFilter {
    /// Only those that a search of the list finds.
    pub search: Option<String>,
    /// Only with this status.
    pub status: Option<DeliveryStatus>,
    /// Only with this status code of the latest response.
    pub status_code: Option<u16>,
    /// Only those in this direction.
    pub direction: Option<Direction>,
    /// Only those of this webhook.
    pub webhook_id: Option<WebhookId>,
    /// Only of this event.
    pub event: Option<String>,
    /// Only those that this digest covers; for callers who can read the events of all its projects.
    pub digest: Option<DeliveryId>,
    /// Only queued or received at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Only queued or received before this time.
    pub until: Option<DateTime<Utc>>,
    /// Replays every delivery of the project; can't be combined with a filter.
    pub all: bool,
}

impl ReplayFilter {
    /// Everything that a list with this query shows, on all its pages.
    #[must_use]
    pub fn listed_by(query: DeliveryQuery) -> Self {
        let DeliveryQuery { search, status, status_code, direction, webhook_id, event, digest, since, until, .. } =
            query;
        let filter =
            Self { search, status, status_code, direction, webhook_id, event, digest, since, until, all: false };
        Self { all: filter.is_empty(), ..filter }
    }

    /// The query for the deliveries.
    ///
    /// # Errors
    /// [`Error::Invalid`] for neither a filter nor `all`, and for both.
    pub fn into_query(self) -> Result<DeliveryQuery> {
        match (self.is_empty(), self.all) {
            (true, false) => return Err(Error::field("all", "Send a filter, or all: true to replay every delivery.")),
            (false, true) => return Err(Error::field("all", "Send either a filter or all: true.")),
            _ => {}
        }
        let Self { search, status, status_code, direction, webhook_id, event, digest, since, until, .. } = self;
        Ok(DeliveryQuery {
            search,
            status,
            status_code,
            direction,
            webhook_id,
            event,
            digest,
            since,
            until,
            ..DeliveryQuery::default()
        })
    }

    fn is_empty(&self) -> bool {
        *self == Self { all: self.all, ..Self::default() }
    }
}
