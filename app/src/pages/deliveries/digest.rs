//! The part of a delivery in a digest, in its drawer.

use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::relative_time::RelativeTime;
use crate::model::delivery::{DeliveryPage, DeliveryStatus};

/// What a digest covers, or which digest covers the delivery, or when that is sent.
pub fn digest_fact(detail: &DeliveryPage) -> Option<AnyView> {
    let (delivery, part) = (&detail.delivery, detail.digest_part.as_ref()?);
    let value = match (delivery.digest_delivery_id, part.covered, part.due_at) {
        (Some(digest), ..) => {
            let delivered = delivery.status == DeliveryStatus::Delivered;
            let text = if delivered { "Delivered with a digest" } else { "Part of a digest" };
            // The digest of several projects is listed in one of them. A deleted project has no pages.
            match part.project_id.filter(|project| *project == delivery.project_id && !delivery.orphaned) {
                Some(project) => {
                    let href = format!("/projects/{project}/settings/webhooks?tab=deliveries&delivery={digest}");
                    view! { <a class="link" href=href>{text}</a> }.into_any()
                }
                None => text.into_any(),
            }
        }
        (None, Some(covered), _) => format!("Sums up {}", counted(covered, "delivery", "deliveries")).into_any(),
        (None, None, Some(time)) => view! { "Next digest "<RelativeTime time due=true/> }.into_any(),
        (None, None, None) => return None,
    };
    Some(view! { <dt>"Digest"</dt><dd>{value}</dd> }.into_any())
}

/// Why the content of a digest isn't shown.
pub fn digest_notes(detail: &DeliveryPage) -> Option<AnyView> {
    // An erased message has a note of its own.
    let hidden = detail.payload_erased.is_none() && detail.digest_part.as_ref().is_some_and(|part| part.hidden);
    let text = "The message is hidden: it covers events of projects that you don't have access to.";
    hidden.then(|| view! { <p class="note">{icon(Icon::Info)}<span>{text}</span></p> }.into_any())
}
