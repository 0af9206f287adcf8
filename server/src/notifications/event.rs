//! The data of events about webhooks. The schema is in the catalog.

use app::model::catalog::{PAYLOAD_VERSION, Verb};
use app::model::item_id::ItemId;
use app::model::webhook::Direction;
use serde_json::{Value, json};

use super::WebhookNews;
use crate::app_state::AppState;
use crate::entity::delivery;

/// The data of an event.
pub fn data(state: &AppState, news: &WebhookNews<'_>, delivery: Option<&delivery::Model>) -> Value {
    let webhook = news.webhook;
    let url = match webhook.direction {
        // It is stored as a path.
        Direction::Inbound => state.config.link(&webhook.display_url),
        Direction::Outbound => webhook.display_url.clone(),
    };
    let mut data = json!({
        "id": webhook.id,
        "name": webhook.name,
        "kind": webhook.kind,
        "url": url,
        "health": news.health,
        "previousHealth": webhook.health,
        "reason": news.reason,
        "consecutiveFailures": news.failures,
        "link": state.config.link(&ItemId::from(webhook.id).path(webhook.project_id)),
        "version": PAYLOAD_VERSION,
    });
    if matches!(news.event.verb(), Verb::Degraded | Verb::Disabled | Verb::DeliveryExhausted) {
        data["delivery"] = delivery.map_or(Value::Null, |delivery| {
            json!({
                "id": delivery.id,
                "event": delivery.event_type,
                "subject": delivery.subject,
                "attempts": delivery.attempts,
                "error": delivery.error,
            })
        });
    }
    data
}
