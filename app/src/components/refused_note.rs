//! The latest refused call of a webhook. A wrong secret is the most common setup mistake, and a refused call
//! has no delivery.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::relative_time::RelativeTime;
use crate::model::webhook::Webhook;

/// The latest refused call with its reason. Muted once a later call was accepted.
pub fn refused_note(webhook: &Webhook) -> Option<AnyView> {
    let refused = webhook.last_refused.clone()?;
    let accepted_since = webhook.last_success_at.is_some_and(|success| success > refused.at);
    let class = if accepted_since { "note" } else { "note bad" };
    Some(
        view! {
            <p class=class>
                {icon(Icon::Warning)}
                <span>
                    "Last refused "<b><RelativeTime time=refused.at/></b>{format!(" ({} in total): {}", refused.count, refused.reason)}
                    {accepted_since.then_some(" Later requests were accepted.")}
                </span>
            </p>
        }
        .into_any(),
    )
}
