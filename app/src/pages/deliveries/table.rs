//! The table of deliveries.

use std::sync::Arc;

use leptos::prelude::*;
use uuid::Uuid;

use super::delivery_count::DeliveryTotal;
use super::delivery_row::DeliveryRow;
use super::replay::{ReplayState, replay_blocker};
use crate::api;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::hydration::use_hydrated_effect;
use crate::components::icon::Icon;
use crate::components::live_table::{LivePage, RowRenderer, TableRow, TableRows, live_table};
use crate::components::pager::Pager;
use crate::live::Row;
use crate::model::delivery::{Delivery, DeliveryCount, DeliveryQuery};
use crate::model::id::{DeliveryId, ProjectId};
use crate::model::live::ChangeKind;
use crate::model::page::Page;

#[component]
pub fn Table(
    project: ProjectId,
    page: Page<Delivery>,
    query: DeliveryQuery,
    chosen: Memo<Option<DeliveryId>>,
    /// `None` if the caller may not replay.
    replay_state: Option<ReplayState>,
    /// Called with the rows of the page.
    order: RwSignal<Vec<DeliveryId>>,
    /// The number of deliveries that match.
    total: RwSignal<Option<DeliveryCount>>,
) -> impl IntoView {
    let on_first_page = page.previous_cursor.is_none();
    let filtered = query != DeliveryQuery::default();
    let read_query = query.clone();
    let LivePage { rows, next, previous } = LivePage::new(
        page.map(TableRow::Delivery),
        on_first_page,
        |change| match change {
            ChangeKind::DeliveryChanged { delivery_id, .. } => Some(delivery_id.0),
            // Of no row in particular.
            ChangeKind::HistoryCleared => Some(Uuid::nil()),
            _ => None,
        },
        move || {
            let query = read_query.clone();
            Box::pin(async move { Ok(api::deliveries::list_deliveries(project, query).await?.map(TableRow::Delivery)) })
        },
    );
    if let Some(replay_state) = replay_state {
        // The rows of other pages are not known.
        let has_other_pages = move || next.with(Option::is_some) || !on_first_page;
        use_hydrated_effect(move || replay_state.note_found(has_other_pages() || !replayable(rows).is_empty()));
    }
    // The count is read again when a new delivery appears.
    let recount = RwSignal::new(0_u32);
    Effect::new(move |before: Option<Option<Uuid>>| {
        let newest = rows.get().first().map(|row| row.id);
        if before.is_some_and(|before| before != newest) {
            recount.update(|count| *count += 1);
        }
        newest
    });
    Effect::new(move |_| {
        let ids = rows.get().into_iter().map(|row| DeliveryId(row.id)).collect();
        let _ = order.try_set(ids);
    });
    let head = view! {
        {replay_state.map(|replay_state| view! { <th class="pick">{select_all(rows, replay_state)}</th> })}
        <th>"Subject"</th><th class="direction-heading">"Direction"</th><th class="status-heading">"Status"</th>
        <th class="num number-heading response">"Response"</th><th class="num number-heading attempts">"Attempts"</th>
        <th class="num number-heading duration">"Duration"</th><th class="time-heading">"Time"</th>
        {replay_state.map(|_| view! { <th class="actions-heading"><span class="visually-hidden">"Replay"</span></th> })}
    };
    let row: RowRenderer = Arc::new(move |row| view! { <DeliveryRow row chosen replay_state/> }.into_any());
    view! {
        <ShowWhen when=move || rows.is_empty()><Nothing filtered/></ShowWhen>
        {live_table(rows, "stack compact deliveries", head.into_any(), row)}
        <div class="table-foot">
            <DeliveryTotal project query recount total/>
            {dynamic(move || view! { <Pager next=next.get() previous=previous.get()/> })}
        </div>
    }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    if filtered {
        view! {
            <Empty icon=Icon::Search title="No deliveries match these filters">
                <a class="button" href="?tab=deliveries" data-noscroll="">"Reset filters"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon=Icon::Inbox title="No deliveries yet">
                <p>"Events from your tracker and to your webhooks appear here."</p>
            </Empty>
        }
        .into_any()
    }
}

/// The deliveries on the page that can be replayed.
fn replayable(rows: TableRows) -> Vec<DeliveryId> {
    let is_replayable = |row: &Row<Uuid, TableRow>| {
        row.value.with(|row| row.delivery().is_some_and(|delivery| replay_blocker(delivery).is_none()))
    };
    rows.get().into_iter().filter(is_replayable).map(|row| DeliveryId(row.id)).collect()
}

/// Selects all deliveries on the page that can be replayed, or none.
fn select_all(rows: TableRows, replay_state: ReplayState) -> impl IntoView {
    let of = Memo::new(move |_| {
        let ids = replayable(rows);
        (ids.iter().filter(|&&id| replay_state.has(id)).count(), ids.len())
    });
    view! {
        <label>
            <input
                type="checkbox"
                aria-label="Select all on this page"
                disabled=dynamic_value(move || of.get().1 == 0)
                prop:checked=dynamic_value(move || of.get().1 != 0 && of.get().0 == of.get().1)
                prop:indeterminate=dynamic_value(move || of.get().0 != 0 && of.get().0 != of.get().1)
                on:change=move |change| replay_state.select(untrack(|| replayable(rows)), event_target_checked(&change))
            />
            // On narrow screens, which have no header, it is above the rows.
            <span aria-hidden="true">"Select all on this page"</span>
        </label>
    }
}
