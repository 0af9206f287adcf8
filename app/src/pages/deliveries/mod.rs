//! The Deliveries tab: received and sent events, with the filters and the open drawer in the URL.

mod attempts;
mod delivery_count;
mod delivery_row;
mod digest;
mod digest_chip;
mod drawer;
mod erase;
mod exchange;
mod exchange_view;
mod filters;
mod history_menu;
mod manual_actions;
mod refused_requests;
mod replay;
mod replay_history;
mod table;
mod webhook_choices;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::api;
use crate::chunks::{self, Chunk};
use crate::components::dynamic::{awaited, dynamic};
use crate::components::failure::PageError;
use crate::components::lazy_part::{lazy_part, load_later};
use crate::components::skeleton::table_skeleton;
use crate::layout::ProjectScope;
use crate::model::delivery::DeliveryQuery;
use crate::model::id::{DeliveryId, ProjectId};
use crate::page_resource::PageResource;
use crate::url_state::{UrlState, use_url_state};
pub use digest_chip::digest_chip;
pub use drawer::DeliveryDrawer;
pub use exchange::{indent_json, status_line};
use filters::Filters;
use history_menu::HistoryMenu;
use refused_requests::RefusedRequests;
use replay::ReplayBar;
pub use replay::ReplayState;
use table::Table;

#[component]
pub fn Deliveries(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let scope = expect_context::<ProjectScope>().project;
    let query = Memo::new(move |_| query_from_url(url_state));
    let chosen = Memo::new(move |_| url_state.parsed::<DeliveryId>("delivery"));
    let deliveries =
        PageResource::new(move || query.get(), move |query| api::deliveries::list_deliveries(project, query));
    let replay_state = ReplayState::new();
    let total = RwSignal::new(None);
    // The rows of the page in order, for the drawer.
    let order = RwSignal::new(Vec::<DeliveryId>::new());
    load_later(Chunk::Delivery);
    view! {
        <div class="deliveries-head">
            <Filters query project/>
            <Transition>
                {awaited(move || async move {
                    let loaded = scope.await;
                    let replay_bar = replay_state
                        .for_admin(loaded.clone())
                        .map(|replay_state| view! { <ReplayBar replay_state project query total/> });
                    view! { {replay_bar}<HistoryMenu project query loaded=loaded.and_then(Result::ok)/> }
                })}
            </Transition>
        </div>
        <RefusedRequests project query/>
        <Transition fallback=deliveries_skeleton>
            {awaited(move || async move {
                let replay_state = replay_state.for_admin(scope.await);
                match deliveries.await {
                    Ok(page) => {
                        view! { <Table project page query=query.get_untracked() chosen replay_state order total/> }.into_any()
                    }
                    Err(error) => view! { <PageError error what="deliveries" part=true/> }.into_any(),
                }
            })}
        </Transition>
        {dynamic(move || chosen.get().map(|id| {
            lazy_part(Chunk::Delivery, move || chunks::delivery(id, replay_state, order), || ().into_any())
        }))}
    }
}

/// The table before it is loaded.
pub fn deliveries_skeleton() -> AnyView {
    table_skeleton(
        "stack compact deliveries",
        &["Subject", "Direction", "Status", "Response", "Attempts", "Duration", "Time"],
    )
}

/// The query in the URL.
fn query_from_url(url_state: UrlState) -> DeliveryQuery {
    DeliveryQuery {
        search: url_state.param("search"),
        status: url_state.parsed("status"),
        status_code: url_state.parsed("code"),
        direction: url_state.parsed("direction"),
        webhook_id: url_state.parsed("webhook"),
        event: url_state.param("event"),
        digest: url_state.parsed("digest"),
        since: instant(url_state, "since"),
        until: instant(url_state, "until"),
        limit: None,
        cursor: url_state.param("cursor"),
    }
}

/// A time in the URL. Without a time zone, as a plain form sends it, it is in UTC.
fn instant(url_state: UrlState, name: &'static str) -> Option<DateTime<Utc>> {
    let text = url_state.param(name)?;
    text.parse().or_else(|_| format!("{text}:00Z").parse()).ok()
}
