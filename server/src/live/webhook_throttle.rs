//! Limits how often a webhook's card is refreshed. Each delivery changes its card, and every open
//! browser reads a changed card from the database.

use std::collections::HashMap;
use std::time::Duration;

use app::model::id::{ProjectId, WebhookId};
use tokio::time::Instant;

/// The shortest time between two changes of one card.
pub(super) const WEBHOOK_CHANGE_INTERVAL: Duration = Duration::from_secs(1);
/// Webhooks that are remembered before those that are quiet again are forgotten.
const MAX_REMEMBERED: usize = 1024;

/// A webhook on the pages of one project.
type ThrottleKey = (ProjectId, WebhookId);

#[derive(Default)]
pub(super) struct WebhookThrottle {
    webhooks: HashMap<ThrottleKey, ThrottledWebhook>,
}

struct ThrottledWebhook {
    published_at: Instant,
    /// Whether a change will be published when the interval is over.
    is_scheduled: bool,
}

/// What to do with a change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ThrottleDecision {
    Publish,
    /// Publish at this time, so that the last change is never lost.
    PublishAt(Instant),
    /// One is scheduled already.
    Skip,
}

impl WebhookThrottle {
    pub fn decide(&mut self, webhook: ThrottleKey, now: Instant) -> ThrottleDecision {
        let due = self.webhooks.get_mut(&webhook).map(|known| (known.published_at + WEBHOOK_CHANGE_INTERVAL, known));
        match due {
            Some((_, known)) if known.is_scheduled => ThrottleDecision::Skip,
            Some((due, known)) if now < due => {
                known.is_scheduled = true;
                ThrottleDecision::PublishAt(due)
            }
            _ => {
                self.published(webhook, now);
                ThrottleDecision::Publish
            }
        }
    }

    pub fn published(&mut self, webhook: ThrottleKey, now: Instant) {
        if self.webhooks.len() >= MAX_REMEMBERED {
            self.webhooks.retain(|_, known| known.is_scheduled || now < known.published_at + WEBHOOK_CHANGE_INTERVAL);
        }
        self.webhooks.insert(webhook, ThrottledWebhook { published_at: now, is_scheduled: false });
    }
}
