//! A delivery, what it replays, and what replays it.

use leptos::prelude::*;

use crate::components::badge;
use crate::model::delivery::ChainLink;
use crate::model::id::DeliveryId;
use crate::place::use_place;
use crate::time;

/// The chain with a link to each; nothing where nothing was replayed.
pub fn chain(current: DeliveryId, parent: Option<DeliveryId>, links: &[ChainLink]) -> AnyView {
    let purged = parent.is_some_and(|parent| links.iter().all(|link| link.id != parent));
    if links.len() < 2 && !purged {
        return ().into_any();
    }
    let place = use_place();
    let steps = links
        .iter()
        .map(|link| {
            let id = link.id;
            let text = format!("{} {}", role(link), time::exact(link.created_at));
            let here = id == current;
            let name = if here {
                view! { <span aria-current="true">{text}" (this one)"</span> }.into_any()
            } else {
                let href = move || place.with(&[("delivery", Some(&id.to_string()))]);
                view! { <a class="link" href=href data-noscroll="">{text}</a> }.into_any()
            };
            view! { <li>{name}{badge::standing(link.status)}</li> }
        })
        .collect_view();
    view! {
        <h3 class="sub" id="chain">"Chain of replays"</h3>
        {purged.then(|| view! { <p class="hint">"The delivery that this one replays was removed since, as it was old."</p> })}
        <ol class="steps plain" aria-labelledby="chain">{steps}</ol>
    }
    .into_any()
}

const fn role(link: &ChainLink) -> &'static str {
    if link.replay_of.is_some() { "Replay," } else { "Original," }
}
