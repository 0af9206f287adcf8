//! Send test: the request of the button, and the result, followed until it is final.

use leptos::prelude::*;

use super::links::delivery_path;
use crate::api::deliveries::read_delivery;
use crate::api::webhooks::test_webhook;
use crate::components::async_action::AsyncAction;
use crate::components::badge::Tone;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::live::{LiveMessage, use_live};
use crate::model::catalog::EventType;
use crate::model::delivery::{Delivery, DeliveryStatus, InboundOutcome};
use crate::model::id::{DeliveryId, ProjectId, WebhookId};
use crate::model::live::ChangeKind;
use crate::model::webhook::Webhook;
use crate::pages::deliveries::status_line;
use crate::time;

/// The test of one webhook.
#[derive(Clone, Copy)]
pub struct SendTest {
    id: WebhookId,
    project: ProjectId,
    action: AsyncAction,
    sent: RwSignal<Option<Delivery>>,
}

impl SendTest {
    /// Created in the component that shows its result.
    pub fn new(webhook: Signal<Webhook>) -> Self {
        let (id, project) = webhook.with_untracked(|webhook| (webhook.id, webhook.project_id));
        let this = Self { id, project, action: AsyncAction::new(), sent: RwSignal::new(None) };
        let read = move |id: DeliveryId| async move {
            if let Ok(detail) = read_delivery(id).await {
                let _ = this.sent.try_update(|sent| {
                    // Another test may have been sent in the meantime.
                    if sent.as_ref().is_some_and(|sent| sent.id == id) {
                        *sent = Some(detail.delivery);
                    }
                });
            }
        };
        let shown = move || this.sent.with_untracked(|sent| sent.as_ref().map(|sent| sent.id));
        use_live(move |message| {
            let concerned = match message {
                LiveMessage::Changed(ChangeKind::DeliveryChanged { delivery_id, .. }) => {
                    shown().filter(|&shown| shown == delivery_id)
                }
                LiveMessage::Missed => shown(),
                LiveMessage::Changed(_) => None,
            };
            if let Some(id) = concerned {
                leptos::task::spawn_local(read(id));
            }
        });
        // It may have finished before its ID was known here.
        Effect::new(move |before: Option<Option<DeliveryId>>| {
            let now = this.sent.with(|sent| sent.as_ref().map(|sent| sent.id));
            if let Some(id) = now.filter(|_| before != Some(now)) {
                leptos::task::spawn_local(read(id));
            }
            now
        });
        this
    }

    /// Sends the test event, or the sample of an event.
    pub fn send(self, event: Option<EventType>) {
        self.action.start(async move {
            let sent = test_webhook(self.id, event).await?;
            let _ = self.sent.try_set(Some(sent));
            Ok(())
        });
    }

    /// Whether a test is being sent.
    pub fn pending(self) -> Signal<bool> {
        self.action.pending()
    }

    /// The result. `offer` is shown with a successful test.
    pub fn result(self, offer: impl Fn() -> Option<AnyView> + Copy + Send + 'static) -> AnyView {
        let note = move |tone: Tone, text: String, delivery: Option<DeliveryId>| {
            let (class, symbol) = match tone {
                Tone::Ok => ("note ok", Icon::Check),
                Tone::Bad | Tone::Warn => ("note bad", Icon::Warning),
                Tone::Idle => ("note", Icon::Clock),
            };
            let link = delivery.map(|id| {
                let href = delivery_path(self.project, id);
                view! { <a class="button small" href=href>"View delivery"</a> }
            });
            let offer = (tone == Tone::Ok).then_some(offer);
            view! { <p class=class>{icon(symbol)}<span>{text}</span>{link}{offer}</p> }
        };
        let text = move || {
            if let Some(error) = self.action.error().get() {
                return Some(note(Tone::Bad, format!("Test not sent: {error}"), None));
            }
            let (tone, text, id) = self.sent.with(|sent| {
                let sent = sent.as_ref()?;
                let (tone, text) = result_text(sent);
                Some((tone, text, sent.id))
            })?;
            Some(note(tone, text, Some(id)))
        };
        view! { <div role="status" aria-label="Result of the test">{dynamic(text)}</div> }.into_any()
    }
}

/// The result of a test as text.
fn result_text(test: &Delivery) -> (Tone, String) {
    let code = test.status_code.map(status_line);
    let took = test.duration_ms.map(|ms| format!(" in {}", time::duration(ms))).unwrap_or_default();
    let answer = format!("{}{took}", code.clone().unwrap_or_default());
    let error = test.error.clone().or(code).unwrap_or_else(|| "no response".to_owned());
    match (test.status, test.outcome) {
        (DeliveryStatus::Delivered, Some(InboundOutcome::Duplicate)) => {
            (Tone::Ok, format!("Test accepted: {answer}. Recognized as the same test as before."))
        }
        (DeliveryStatus::Delivered, Some(_)) => (Tone::Ok, format!("Test accepted: {answer}. No issue was changed.")),
        (DeliveryStatus::Delivered, None) => (Tone::Ok, format!("Test delivered: {answer}.")),
        (DeliveryStatus::Exhausted | DeliveryStatus::Refused, _) => (Tone::Bad, format!("Test failed: {error}")),
        (DeliveryStatus::Failed, _) => (Tone::Bad, format!("Test failed{took}, retrying: {error}")),
        (DeliveryStatus::Held, _) => (Tone::Idle, "Test held until the webhook is re-enabled.".to_owned()),
        (DeliveryStatus::Cancelled, _) => (Tone::Idle, "Test cancelled.".to_owned()),
        (DeliveryStatus::Pending, _) => (Tone::Idle, "Sending test…".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(status: &str, more: serde_json::Value) -> Delivery {
        let mut json = serde_json::json!({
            "id": DeliveryId(uuid::Uuid::from_u128(1)), "projectId": crate::model::id::ProjectId(uuid::Uuid::from_u128(2)),
            "webhookId": WebhookId(uuid::Uuid::from_u128(3)), "webhookName": "CI", "webhookDeleted": false, "direction": "outbound",
            "event": "webhook.test", "eventId": null, "status": status, "outcome": null, "statusCode": null, "error": null,
            "attemptCount": 1, "maxAttempts": 8, "durationMs": 12, "test": true, "replayOf": null, "collected": false,
            "createdAt": "2026-11-20T14:01:07Z", "nextAttemptAt": null, "finishedAt": null,
        });
        for (key, value) in more.as_object().unwrap() {
            json[key] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_result_has_the_response_and_the_duration() {
        let delivered = test("delivered", serde_json::json!({"statusCode": 200}));
        assert_eq!(result_text(&delivered), (Tone::Ok, "Test delivered: 200 OK in 12 ms.".to_owned()));
        let failed = test("failed", serde_json::json!({"statusCode": 503, "error": "The endpoint answered 503."}));
        let words = "Test failed in 12 ms, retrying: The endpoint answered 503.";
        assert_eq!(result_text(&failed), (Tone::Bad, words.to_owned()));
    }

    #[test]
    fn a_queued_or_held_test_is_no_failure() {
        assert_eq!(result_text(&test("pending", serde_json::json!({"attemptCount": 0}))).0, Tone::Idle);
        assert_eq!(result_text(&test("held", serde_json::json!({"attemptCount": 0}))).0, Tone::Idle);
    }

    #[test]
    fn the_second_inbound_test_is_a_duplicate() {
        let again = serde_json::json!({"direction": "inbound", "outcome": "duplicate", "statusCode": 200});
        assert!(result_text(&test("delivered", again)).1.contains("same test as before"));
    }
}
