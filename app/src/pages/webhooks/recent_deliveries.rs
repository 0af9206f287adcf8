//! The latest deliveries of the webhooks on the page, for their sparklines. They are read once with
//! the page, and again for a webhook when one of its deliveries changes.

use leptos::prelude::*;

use crate::api;
use crate::live::{Coalescer, LiveMessage, Refetcher, use_live};
use crate::model::id::{ProjectId, WebhookId};
use crate::model::live::ChangeKind;
use crate::model::overview::{RecentDeliveries, RecentDelivery};

/// The deliveries of each webhook, oldest first. A page has few webhooks: a map would bring much more code.
pub type RecentByWebhook = Vec<(WebhookId, Vec<RecentDelivery>)>;

/// The deliveries of one webhook.
pub fn recent_of(recent: &RecentByWebhook, id: WebhookId) -> &[RecentDelivery] {
    recent.iter().find(|(webhook, _)| *webhook == id).map_or(&[], |(_, deliveries)| deliveries)
}

/// A burst of deliveries in this time causes one request.
const REFRESH_PAUSE_MS: u32 = 1_000;

/// By the webhook.
pub fn by_webhook(all: Vec<RecentDeliveries>) -> RecentByWebhook {
    all.into_iter().map(|one| (one.webhook_id, one.deliveries)).collect()
}

/// Keeps `recent` up to date. `all` contains the webhooks on the page.
pub fn follow_recent(
    project: ProjectId,
    recent: RwSignal<RecentByWebhook>,
    all: impl Fn() -> Vec<WebhookId> + Copy + Send + Sync + 'static,
) {
    let waiting = StoredValue::new(Vec::<WebhookId>::new());
    let refetcher = Refetcher::new(move || {
        Box::pin(async move {
            let ids = waiting.try_update_value(std::mem::take).unwrap_or_default();
            if ids.is_empty() {
                return;
            }
            // If the request fails, the sparklines stay as they were.
            if let Ok(fresh) = api::overview::read_recent_deliveries(project, ids).await {
                let _ = recent.try_update(|recent| {
                    for one in fresh {
                        recent.retain(|(webhook, _)| *webhook != one.webhook_id);
                        recent.push((one.webhook_id, one.deliveries));
                    }
                });
            }
            gloo_timers::future::TimeoutFuture::new(REFRESH_PAUSE_MS).await;
        })
    });
    let read = move |ids: Vec<WebhookId>| {
        let _ = waiting.try_update_value(|waiting| {
            for id in ids {
                if !waiting.contains(&id) {
                    waiting.push(id);
                }
            }
        });
        refetcher.now();
    };
    let changed = Coalescer::new(read);
    use_live(move |message| match message {
        LiveMessage::Changed(ChangeKind::DeliveryChanged { webhook_id, .. }) if all().contains(&webhook_id) => {
            changed.add(webhook_id);
        }
        LiveMessage::Changed(_) => {}
        LiveMessage::Missed => read(all()),
    });
}
