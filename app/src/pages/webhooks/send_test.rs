//! Send test: the button's request, and what became of the test, followed until it is settled.

use leptos::prelude::*;

use crate::api::deliveries::read_delivery;
use crate::api::webhooks::test_webhook;
use crate::components::badge::Tone;
use crate::components::icon::{Icon, icon};
use crate::components::task::Task;
use crate::live::{Heard, use_live};
use crate::model::delivery::{Delivery, DeliveryStatus, InboundOutcome};
use crate::model::id::{DeliveryId, WebhookId};
use crate::model::live::What;
use crate::pages::deliveries::status_line;
use crate::time;

/// The test of one webhook.
#[derive(Clone, Copy)]
pub struct SendTest {
    id: WebhookId,
    task: Task,
    sent: RwSignal<Option<Delivery>>,
}

impl SendTest {
    /// Made where its result is shown.
    pub fn new(id: WebhookId) -> Self {
        let this = Self { id, task: Task::new(), sent: RwSignal::new(None) };
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
        use_live(move |heard| {
            let concerned = match heard {
                Heard::Changed(What::DeliveryChanged { delivery_id, .. }) => {
                    shown().filter(|&shown| shown == delivery_id)
                }
                Heard::Missed => shown(),
                Heard::Changed(_) => None,
            };
            if let Some(id) = concerned {
                leptos::task::spawn_local(read(id));
            }
        });
        // It may have been settled before its id was known here.
        Effect::new(move |before: Option<Option<DeliveryId>>| {
            let now = this.sent.with(|sent| sent.as_ref().map(|sent| sent.id));
            if let Some(id) = now.filter(|_| before != Some(now)) {
                leptos::task::spawn_local(read(id));
            }
            now
        });
        this
    }

    /// Sends one.
    pub fn send(self) {
        self.task.start(async move {
            let sent = test_webhook(self.id).await?;
            let _ = self.sent.try_set(Some(sent));
            Ok(())
        });
    }

    /// Whether one is being sent.
    pub fn pending(self) -> Signal<bool> {
        self.task.pending()
    }

    /// What became of it.
    pub fn result(self) -> AnyView {
        let note = move |tone: Tone, text: String, delivery: Option<DeliveryId>| {
            let (class, sign) = match tone {
                Tone::Ok => ("note ok", Icon::Check),
                Tone::Bad | Tone::Warn => ("note bad", Icon::Warning),
                Tone::Idle => ("note idle", Icon::Clock),
            };
            let link = delivery.map(|id| {
                let href = format!("?tab=deliveries&delivery={id}");
                view! { <a class="link" href=href>"Show the delivery"</a> }
            });
            view! { <p class=class>{icon(sign)}<span>{text}" "{link}</span></p> }
        };
        let text = move || {
            if let Some(error) = self.task.error().get() {
                return Some(note(Tone::Bad, format!("The test was not sent: {error}"), None));
            }
            let (tone, text, id) = self.sent.with(|sent| {
                let sent = sent.as_ref()?;
                let (tone, text) = said(sent);
                Some((tone, text, sent.id))
            })?;
            Some(note(tone, text, Some(id)))
        };
        view! { <div role="status" aria-label="Result of the test">{text}</div> }.into_any()
    }
}

/// What became of a test, in words.
fn said(test: &Delivery) -> (Tone, String) {
    let code = test.status_code.map(status_line);
    let took = test.duration_ms.map(|ms| format!(" in {}", time::duration(ms))).unwrap_or_default();
    let answer = format!("{}{took}", code.clone().unwrap_or_default());
    let error = test.error.clone().or(code).unwrap_or_else(|| "it got no answer".to_owned());
    match (test.status, test.outcome) {
        (DeliveryStatus::Delivered, Some(InboundOutcome::Duplicate)) => {
            (Tone::Ok, format!("Test accepted: {answer}. It was recognised as the same test as before."))
        }
        (DeliveryStatus::Delivered, Some(_)) => (Tone::Ok, format!("Test accepted: {answer}. No issue was touched.")),
        (DeliveryStatus::Delivered, None) => (Tone::Ok, format!("Test delivered: {answer}.")),
        (DeliveryStatus::Failed, _) => (Tone::Bad, format!("The test failed: {error}")),
        (DeliveryStatus::Pending, _) if test.attempts > 0 => {
            (Tone::Bad, format!("The test failed{took}, and is tried again: {error}"))
        }
        (DeliveryStatus::Held, _) => (Tone::Idle, "The test waits until the webhook is enabled again.".to_owned()),
        (DeliveryStatus::Discarded, _) => (Tone::Idle, "The test was discarded.".to_owned()),
        (DeliveryStatus::Pending, _) => (Tone::Idle, "The test is on its way…".to_owned()),
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
            "attempts": 1, "maxAttempts": 8, "durationMs": 12, "test": true, "replayOf": null,
            "createdAt": "2026-11-20T14:01:07Z", "nextAttemptAt": null, "finishedAt": null,
        });
        for (key, value) in more.as_object().unwrap() {
            json[key] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_test_is_told_with_its_answer_and_its_time() {
        let delivered = test("delivered", serde_json::json!({"statusCode": 200}));
        assert_eq!(said(&delivered), (Tone::Ok, "Test delivered: 200 OK in 12 ms.".to_owned()));
        let failed = test("pending", serde_json::json!({"statusCode": 503, "error": "The endpoint answered 503."}));
        let words = "The test failed in 12 ms, and is tried again: The endpoint answered 503.";
        assert_eq!(said(&failed), (Tone::Bad, words.to_owned()));
    }

    #[test]
    fn a_test_that_waits_for_its_turn_is_no_failure() {
        assert_eq!(said(&test("pending", serde_json::json!({"attempts": 0}))).0, Tone::Idle);
        assert_eq!(said(&test("held", serde_json::json!({"attempts": 0}))).0, Tone::Idle);
    }

    #[test]
    fn the_second_test_of_an_inbound_webhook_meets_deduplication() {
        let again = serde_json::json!({"direction": "inbound", "outcome": "duplicate", "statusCode": 200});
        assert!(said(&test("delivered", again)).1.contains("same test as before"));
    }
}
