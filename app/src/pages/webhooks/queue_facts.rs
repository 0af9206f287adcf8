//! The queue of a webhook that sends in order, at a limited rate, or digests.

use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::number::counted;
use crate::model::digest::interval_text;
use crate::model::webhook::Webhook;

/// The rate limit, the order, the digest and the queue, if they differ from the default.
pub fn queue_facts(webhook: Signal<Webhook>) -> AnyView {
    let text = Memo::new(move |_| webhook.with(queue_text));
    let facts = move || {
        text.get().map(|text| view! { <dl class="more-facts"><div><dt>"Queue "</dt><dd>{text}</dd></div></dl> })
    };
    dynamic(facts).into_any()
}

/// `12 deliveries, at most 10 per second, in order for each subject`.
fn queue_text(webhook: &Webhook) -> Option<String> {
    let policy = webhook.policy.as_ref().filter(|policy| policy.has_shown_queue() || policy.digest_minutes > 0)?;
    let rate = policy.rate_text().map(|rate| format!("at most {rate}"));
    let order = policy.ordered.then(|| "in order for each subject".to_owned());
    let digest =
        (policy.digest_minutes > 0).then(|| format!("a digest every {}", interval_text(policy.digest_minutes)));
    let parts: Vec<_> = [Some(queued(webhook)), digest, rate, order].into_iter().flatten().collect();
    Some(parts.join(", "))
}

/// `12 deliveries`.
fn queued(webhook: &Webhook) -> String {
    counted(webhook.queued_count, "delivery", "deliveries")
}

/// A fact with the length of the queue, e.g. `10 per second, 12 queued`.
pub fn with_queue(fact: &str, webhook: &Webhook) -> String {
    format!("{fact}, {} queued", crate::components::number::grouped(webhook.queued_count))
}
