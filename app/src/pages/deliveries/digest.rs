//! The part of a delivery in a digest, in its drawer.

use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::number::{counted, grouped};
use crate::components::relative_time::RelativeTime;
use crate::model::delivery::{Delivery, DeliveryPage, DeliveryStatus};
use crate::model::digest::DigestPart;
use crate::pages::webhooks::links::{shared_webhook_path, webhooks_path};

/// What a digest covers, or which digest covers the delivery, or when that is sent.
pub fn digest_fact(detail: &DeliveryPage) -> Option<AnyView> {
    let (delivery, part) = (&detail.delivery, detail.digest_part.as_ref()?);
    let value = match (delivery.digest_delivery_id, part.covered, part.due_at) {
        (Some(digest), ..) => {
            let text = match (part.delivered_by, delivery.status) {
                (Some(_), _) => "Delivered with a replay of its digest",
                (None, DeliveryStatus::Delivered) => "Delivered with a digest",
                (None, _) => "Part of a digest",
            };
            let digest = part.delivered_by.unwrap_or(digest);
            // The digest of several projects is listed in one of them. A deleted project has no pages.
            match part.project_id.filter(|project| *project == delivery.project_id && !delivery.orphaned) {
                Some(project) => {
                    let href = format!("/projects/{project}/settings/webhooks?tab=deliveries&delivery={digest}");
                    view! { <a class="link" href=href>{text}</a> }.into_any()
                }
                None => text.into_any(),
            }
        }
        (None, Some(covered), _) => {
            let text = format!("Sums up {}", counted(covered, "delivery", "deliveries"));
            view! { {text}{covered_link(delivery, part, covered)} }.into_any()
        }
        (None, None, Some(time)) => view! { "Next digest "<RelativeTime time due=true/> }.into_any(),
        (None, None, None) => return None,
    };
    Some(view! { <dt>"Digest"</dt><dd>{value}</dd> }.into_any())
}

/// The link to what a digest covers, unless its content is hidden or deleted. Those of several projects are listed on
/// the page of the webhook.
fn covered_link(delivery: &Delivery, part: &DigestPart, covered: u32) -> Option<AnyView> {
    let projects = part.project_count.filter(|_| covered > 0)?;
    let text = match covered {
        1 => "Show the event".to_owned(),
        _ => format!("Show the {} events", grouped(covered)),
    };
    let href = match (projects, delivery.webhook_deleted, delivery.orphaned) {
        (1, _, false) => format!("{}?tab=deliveries&digest={}", webhooks_path(delivery.project_id), delivery.id),
        // A deleted webhook, or project, has no pages.
        (_, true, _) => return None,
        _ => format!("{}?digest={}", shared_webhook_path(delivery.webhook_id), delivery.id),
    };
    Some(view! { " "<a class="link" href=href>{text}</a> }.into_any())
}

/// Why the content of a digest isn't shown.
pub fn digest_notes(detail: &DeliveryPage) -> Option<AnyView> {
    // An erased message has a note of its own.
    let hidden = detail.payload_erased.is_none() && detail.digest_part.as_ref().is_some_and(|part| part.hidden);
    let text = "The message is hidden: it covers events of projects that you don't have access to.";
    hidden.then(|| view! { <p class="note">{icon(Icon::Info)}<span>{text}</span></p> }.into_any())
}
