//! The Deliveries tab: what was received and sent, with filters and the open drawer in the address.

mod chain;
mod drawer;
mod filters;
mod replay;
mod request;
mod row;
mod table;
mod webhook_choices;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::api;
use crate::components::failure::PageError;
use crate::components::skeleton::Skeleton;
use crate::layout::Scope;
use crate::model::delivery::DeliveryQuery;
use crate::model::id::{DeliveryId, ProjectId};
use crate::place::{Place, use_place};
use drawer::DeliveryDrawer;
use filters::Filters;
use replay::{ReplayBar, Replays};
pub use request::status_line;
use table::Table;

/// See the [module](self).
#[component]
pub fn Deliveries(project: ProjectId) -> impl IntoView {
    let place = use_place();
    let scope = expect_context::<Scope>().project;
    let query = Memo::new(move |_| asked_for(place));
    let chosen = Memo::new(move |_| place.parsed::<DeliveryId>("delivery"));
    let deliveries = Resource::new(move || query.get(), move |query| api::deliveries::list_deliveries(project, query));
    let replays = Replays::new();
    view! {
        <Filters query project/>
        <Transition>
            {move || Suspend::new(async move {
                replays.of(scope.await).map(|replays| view! { <ReplayBar replays project query/> })
            })}
        </Transition>
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                let replays = replays.of(scope.await);
                match deliveries.await {
                    Ok(page) => {
                        let reload = move |()| deliveries.refetch();
                        view! { <Table page query=query.get_untracked() chosen replays reload/> }.into_any()
                    }
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
        {move || chosen.get().map(|id| view! { <DeliveryDrawer id replays/> })}
    }
}

/// What the address asks for.
fn asked_for(place: Place) -> DeliveryQuery {
    DeliveryQuery {
        status: place.parsed("status"),
        direction: place.parsed("direction"),
        webhook_id: place.parsed("webhook"),
        event: place.param("event"),
        since: moment(place, "since"),
        until: moment(place, "until"),
        limit: None,
        cursor: place.param("cursor"),
    }
}

/// A moment as the browser's field for it writes one, to the minute; in UTC.
fn moment(place: Place, name: &'static str) -> Option<DateTime<Utc>> {
    format!("{}:00Z", place.param(name)?).parse().ok()
}
