//! The replay history of a delivery.

use leptos::prelude::*;

use crate::components::badge;
use crate::components::dynamic::dynamic_value;
use crate::model::delivery::ChainLink;
use crate::model::id::DeliveryId;
use crate::time;
use crate::url_state::use_url_state;

/// The chain with a link to each delivery; empty without replays.
pub fn replay_history(current: DeliveryId, parent: Option<DeliveryId>, links: &[ChainLink]) -> AnyView {
    let purged = parent.is_some_and(|parent| links.iter().all(|link| link.id != parent));
    if links.len() < 2 && !purged {
        return ().into_any();
    }
    let url_state = use_url_state();
    let steps = links
        .iter()
        .map(|link| {
            let id = link.id;
            let text = format!("{} {}", role(link), time::exact(link.created_at));
            let here = id == current;
            let name = if here {
                view! { <span aria-current="true">{text}" (current)"</span> }.into_any()
            } else {
                let href = move || url_state.with(&[("delivery", Some(&id.to_string()))]);
                view! { <a class="link" href=dynamic_value(href) data-noscroll="">{text}</a> }.into_any()
            };
            view! { <li>{name}{badge::status(link.status)}</li> }
        })
        .collect_view();
    view! {
        <section>
        <h3 id="chain">"Replay history"</h3>
        {purged.then(|| view! { <p class="hint">"The original delivery is no longer stored."</p> })}
        <ol class="replay-history" aria-labelledby="chain">{steps}</ol>
        </section>
    }
    .into_any()
}

const fn role(link: &ChainLink) -> &'static str {
    if link.replay_of.is_some() { "Replay," } else { "Original," }
}
