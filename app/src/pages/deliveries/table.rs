//! The deliveries, a row each; a row changes as its delivery does.

use leptos::prelude::*;

use super::replay::{Replays, why_not};
use super::row::DeliveryRow;
use crate::api;
use crate::components::empty::Empty;
use crate::components::icon::Icon;
use crate::components::pager::Pager;
use crate::components::ready::once_ready;
use crate::error::Error;
use crate::live::{Gather, Heard, Row, Rows, use_live};
use crate::model::delivery::{Delivery, DeliveryQuery};
use crate::model::id::DeliveryId;
use crate::model::live::What;
use crate::model::page::Page;

/// More changes at once than this, and the page is read again as a whole.
const ONE_BY_ONE: usize = 10;

/// See the [module](self).
#[component]
pub fn Table(
    page: Page<Delivery>,
    query: DeliveryQuery,
    chosen: Memo<Option<DeliveryId>>,
    /// For who may replay.
    replays: Option<Replays>,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let complete = page.next_cursor.is_none();
    let on_first_page = query.cursor.is_none();
    let filtered = query != DeliveryQuery::default();
    let rows = Rows::new(page.items.into_iter().map(|delivery| (delivery.id, delivery)));
    let asked = StoredValue::new(query);
    if let Some(replays) = replays {
        // What is on other pages is not known.
        let all_known = complete && on_first_page;
        once_ready(move || replays.note_found(!all_known || !replayable(rows).is_empty()));
    }
    let read = move |id: DeliveryId| async move {
        match api::deliveries::read_delivery(id).await {
            Ok(detail) => {
                let delivery = detail.delivery;
                if rows.contains(id) {
                    rows.change(id, delivery);
                } else if on_first_page && asked.try_with_value(|asked| asked.admits(&delivery)) == Some(true) {
                    rows.put(id, delivery, complete);
                }
            }
            Err(Error::NotFound) => rows.remove(id),
            Err(_) => {}
        }
    };
    let changed = Gather::new(move |ids: Vec<DeliveryId>| {
        if ids.len() > ONE_BY_ONE {
            reload.run(());
        } else {
            for id in ids {
                leptos::task::spawn_local(read(id));
            }
        }
    });
    use_live(move |heard| match heard {
        Heard::Changed(What::DeliveryChanged { delivery_id, .. }) if on_first_page || rows.contains(delivery_id) => {
            changed.add(delivery_id);
        }
        Heard::Changed(_) => {}
        Heard::Missed => reload.run(()),
    });
    view! {
        <Show when=move || rows.is_empty()><Nothing filtered/></Show>
        <div class="table-wrap" hidden=move || rows.is_empty()>
            <table class="stack deliveries">
                <thead>
                    <tr>
                        {replays.map(|replays| view! { <th class="pick">{select_all(rows, replays)}</th> })}
                        <th>"Event"</th><th>"Webhook"</th><th>"Outcome"</th><th class="num">"Status"</th>
                        <th class="num">"Attempts"</th><th class="num">"Took"</th><th>"When"</th>
                        {replays.map(|_| view! { <th><span class="visually-hidden">"Replay"</span></th> })}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.id let:row>
                        <DeliveryRow row chosen replays/>
                    </For>
                </tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
    }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    if filtered {
        view! {
            <Empty sign=Icon::Webhook title="No delivery like that">
                <p>"Nothing matches the filters."</p>
                <a class="button" href="?tab=deliveries" data-noscroll="">"Show all deliveries"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty sign=Icon::Webhook title="Nothing received or sent yet">
                <p>"Deliveries appear here at once: what a tracker sends, and what Testbell sends for the events a webhook is subscribed to."</p>
            </Empty>
        }
        .into_any()
    }
}

/// Those of the page that can be replayed.
fn replayable(rows: Rows<DeliveryId, Delivery>) -> Vec<DeliveryId> {
    let is_replayable = |row: &Row<DeliveryId, Delivery>| row.value.with(|delivery| why_not(delivery).is_none());
    rows.get().into_iter().filter(is_replayable).map(|row| row.id).collect()
}

/// Selects all of the page that can be replayed, or none of it.
fn select_all(rows: Rows<DeliveryId, Delivery>, replays: Replays) -> impl IntoView {
    let of = Memo::new(move |_| {
        let ids = replayable(rows);
        (ids.iter().filter(|&&id| replays.has(id)).count(), ids.len())
    });
    view! {
        <label>
            <input
                type="checkbox"
                aria-label="Select all of this page"
                disabled=move || of.get().1 == 0
                prop:checked=move || of.get().1 != 0 && of.get().0 == of.get().1
                prop:indeterminate=move || of.get().0 != 0 && of.get().0 != of.get().1
                on:change=move |change| replays.select(untrack(|| replayable(rows)), event_target_checked(&change))
            />
            // Where there is no head, it stands over the rows by itself.
            <span aria-hidden="true">"Select all of this page"</span>
        </label>
    }
}
