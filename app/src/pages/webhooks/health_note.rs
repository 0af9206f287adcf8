//! The notes of a webhook that is unhealthy, paused or has held deliveries: the stored reason and
//! the next step.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::confirm::held_count_text;
use super::health::failure_count;
use super::links::{deliveries_path, delivery_path};
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::relative_time::use_current_time;
use crate::model::webhook::{Direction, Health, LAST_ERROR, Webhook};
use crate::model::webhook_scope::ScopeKind;
use crate::time;

/// Shown if the change of health is older than stored reasons.
const UNKNOWN_REASON: &str = "The reason was not recorded.";

/// The notes of a webhook. `reenable` opens the confirmation; `None` for a member.
pub fn health_note(webhook: Signal<Webhook>, reenable: Option<Callback<()>>) -> AnyView {
    let note = Memo::new(move |_| webhook.with(note));
    let last_failure = Memo::new(move |_| webhook.with(last_failure));
    let works_again = Memo::new(move |_| webhook.with(works_again));
    let now = use_current_time();
    let paused_until = Memo::new(move |_| webhook.with(|webhook| webhook.paused_until));
    // The server omits a pause that has ended, but doesn't notify the page of its end.
    let paused = move || paused_until.get().filter(|until| *until > now.get());
    view! {
        {dynamic(move || note.get().map(|(class, symbol, text)| {
            let link = last_failure.get().map(|href| view! { <a class="button small" href=href>"View last failure"</a> });
            view! { <p class=class>{icon(symbol)}<span>{text}</span>{link}</p> }
        }))}
        {dynamic(move || works_again.get().then(|| works_again_note(webhook, reenable)))}
        {dynamic(move || paused().map(paused_note))}
    }
    .into_any()
}

fn note(webhook: &Webhook) -> Option<(&'static str, Icon, String)> {
    let reason = || webhook.health_change.as_ref().map_or(UNKNOWN_REASON, |change| change.reason.as_str());
    let held = match webhook.held_count {
        0 => String::new(),
        count => format!(" {}.", held_count_text(count)),
    };
    match (webhook.health, webhook.direction) {
        (Health::Disabled, _) => {
            let is_probed = webhook.held_count > 0 && webhook.active;
            let probe = webhook.next_probe_at.filter(|_| is_probed).map(time::exact);
            let probe = probe.map(|at| format!(" The oldest one is tried at {at}.")).unwrap_or_default();
            Some(("note bad", Icon::Off, format!("{} Nothing is sent.{held}{probe}", reason())))
        }
        (Health::Degraded, Direction::Outbound) => {
            let count = failure_count(webhook).map(|count| format!(" {count}.")).unwrap_or_default();
            // The count in the stored reason is of the moment of the change.
            let error = reason().split_once(LAST_ERROR).map_or_else(reason, |(_, error)| error);
            let text = format!("{error}{count} Deliveries are sent one at a time until one succeeds.");
            Some(("note warn", Icon::Warning, text))
        }
        (Health::Degraded, Direction::Inbound) => Some(("note warn", Icon::Warning, reason().to_owned())),
        // The note about its activity counts the held ones.
        (Health::Healthy, _) if webhook.held_count == 0 || !webhook.active || webhook.instance_paused => None,
        (Health::Healthy, _) => {
            let held = counted(webhook.held_count, "held delivery is", "held deliveries are");
            Some(("note", Icon::Clock, format!("{held} being sent in order.")))
        }
    }
}

/// A link to the delivery that changed the health, or to the failed ones.
fn last_failure(webhook: &Webhook) -> Option<String> {
    let failing = webhook.direction == Direction::Outbound && webhook.health != Health::Healthy;
    // With several projects, it may be a delivery of another one.
    let of_this_project = webhook.scope.kind == ScopeKind::Project;
    let cause = webhook.health_change.as_ref().and_then(|change| change.delivery_id).filter(|_| of_this_project);
    failing.then(|| match cause {
        Some(delivery) => delivery_path(webhook.project_id, delivery),
        None => deliveries_path(webhook.project_id, webhook.id),
    })
}

/// Whether the endpoint has accepted a request since the webhook was disabled.
fn works_again(webhook: &Webhook) -> bool {
    let disabled_at = webhook.health_change.as_ref().map(|change| change.at);
    webhook.health == Health::Disabled && disabled_at.is_some() && webhook.last_success_at >= disabled_at
}

fn works_again_note(webhook: Signal<Webhook>, reenable: Option<Callback<()>>) -> AnyView {
    let button = reenable.map(|reenable| reenable_button(webhook, reenable));
    view! {
        <p class="note ok">
            {icon(Icon::Check)}
            <span>"The endpoint has accepted a request since then."</span>
            {button}
        </p>
    }
    .into_any()
}

/// The button to re-enable a webhook.
pub fn reenable_button(webhook: Signal<Webhook>, reenable: Callback<()>) -> AnyView {
    view! {
        <button
            type="button"
            class="button small"
            aria-label=dynamic_value(move || webhook.with(|webhook| format!("Re-enable webhook: {}", webhook.name)))
            on:click=move |_| reenable.run(())
        >
            "Re-enable webhook"
        </button>
    }
    .into_any()
}

fn paused_note(until: DateTime<Utc>) -> AnyView {
    let text = format!("Paused until {}: the endpoint asked to wait. Deliveries are queued.", time::exact(until));
    view! { <p class="note">{icon(Icon::Clock)}<span>{text}</span></p> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(more: serde_json::Value) -> Webhook {
        let mut json = serde_json::json!({
            "id": crate::model::id::WebhookId(uuid::Uuid::from_u128(1)),
            "projectId": crate::model::id::ProjectId(uuid::Uuid::from_u128(2)),
            "direction": "outbound", "kind": "generic", "name": "CI", "url": "https://ci.example.com", "events": [],
            "active": true, "whileInactive": "hold", "health": "disabled", "consecutiveFailures": 10, "disabledAfter": 10, "heldCount": 2, "queuedCount": 0, "createdAt": "2026-11-20T14:00:00Z",
            "healthChange": {"at": "2026-11-20T14:01:00Z", "reason": "10 consecutive deliveries failed.", "deliveryId": null, "attempt": null},
            "scope": {"kind": "project", "projects": [], "hiddenCount": 0, "orphaned": false, "canManage": true},
            "secrets": [], "customHeaders": [], "conditions": {"match": "all", "rules": []}, "bodyTemplate": null, "allowInsecure": false, "instancePaused": false,
        });
        for (key, value) in more.as_object().unwrap() {
            json[key] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    }

    fn text(more: serde_json::Value) -> String {
        note(&webhook(more)).map(|(_, _, text)| text).unwrap_or_default()
    }

    #[test]
    fn a_note_says_the_stored_reason_and_nothing_else() {
        let disabled = "10 consecutive deliveries failed. Nothing is sent. 2 held deliveries.";
        assert_eq!(text(serde_json::json!({})), disabled);
        assert_eq!(text(serde_json::json!({"consecutiveFailures": 0})), disabled, "whatever was counted since");
        let unknown = serde_json::json!({"healthChange": null, "heldCount": 0});
        assert_eq!(text(unknown), "The reason was not recorded. Nothing is sent.");
        assert_eq!(text(serde_json::json!({"health": "healthy", "heldCount": 0})), "");
    }

    #[test]
    fn a_degraded_webhook_shows_its_error_with_the_current_count() {
        let change = serde_json::json!({
            "at": "2026-11-20T14:01:00Z", "deliveryId": null, "attempt": null,
            "reason": "5 consecutive deliveries failed. The last error: The endpoint responded with 500.",
        });
        let degraded = serde_json::json!({"health": "degraded", "consecutiveFailures": 8, "healthChange": change});
        let shown = "The endpoint responded with 500. 8 of 10 consecutive failures. Deliveries are sent one at a time until one succeeds.";
        assert_eq!(text(degraded), shown);
    }

    #[test]
    fn a_success_after_disabling_offers_to_enable() {
        let succeeded = |at: &str| works_again(&webhook(serde_json::json!({"lastSuccessAt": at})));
        assert!(succeeded("2026-11-20T14:02:00Z"));
        assert!(!succeeded("2026-11-20T14:00:59Z"));
        assert!(!works_again(&webhook(serde_json::json!({}))));
    }
}
