//! Replays one delivery, a selection, or all that match the filters. The selection is kept over
//! pages and filters until it is replayed or cleared.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::delivery_count::number;
use super::manual_actions::{changed_text, done_text};
use crate::api::deliveries::{change_deliveries, change_delivery, replay_deliveries, replay_delivery, replay_filtered};
use crate::components::async_action::AsyncAction;
use crate::components::confirm::Confirm;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::icon::{Icon, icon};
use crate::components::number::{counted, grouped};
use crate::components::toast::{Toasts, use_toasts};
use crate::error::Result;
use crate::model::delivery::{
    Delivery, DeliveryCount, DeliveryQuery, MAX_REPLAYED_DELIVERIES, ManualAction, ReplayResult,
};
use crate::model::id::{DeliveryId, ProjectId};
use crate::model::project::Project;
use crate::model::webhook::Direction;

/// Why inbound deliveries can't be replayed.
pub const NOT_INBOUND: &str = "Inbound deliveries can't be replayed: only the SHA-256 of the body is kept. Redeliver the event from your tracker.";

const NOT_ADMIN_OF_ALL: &str = "Only admins of all projects of this digest can retry, cancel or replay it.";

const PROJECT_DELETED: &str = "The project was deleted, so this delivery can't be replayed.";

const WEBHOOK_DELETED: &str = "The webhook was deleted, so this delivery can't be replayed.";

/// Why a delivery can't be replayed, if it can't.
pub fn replay_blocker(delivery: &Delivery) -> Option<&'static str> {
    match delivery.direction {
        Direction::Inbound => Some(NOT_INBOUND),
        Direction::Outbound if delivery.webhook_deleted => Some(WEBHOOK_DELETED),
        Direction::Outbound if delivery.can_change => None,
        Direction::Outbound => Some(if delivery.orphaned { PROJECT_DELETED } else { NOT_ADMIN_OF_ALL }),
    }
}

#[derive(Clone, Copy)]
pub struct ReplayState {
    selected: RwSignal<BTreeSet<DeliveryId>>,
    /// Whether deliveries that can be replayed may match the filters.
    found: RwSignal<bool>,
    action: AsyncAction,
    toasts: Toasts,
}

impl ReplayState {
    /// An empty selection.
    pub fn new() -> Self {
        Self {
            selected: RwSignal::new(BTreeSet::new()),
            found: RwSignal::new(true),
            action: AsyncAction::new(),
            toasts: use_toasts(),
        }
    }

    /// The same for project admins, who may replay.
    pub fn for_admin(self, project: Option<Result<Project>>) -> Option<Self> {
        project.and_then(Result::ok).filter(Project::is_admin).map(|_| self)
    }

    /// Whether a request is running.
    pub fn pending(self) -> Signal<bool> {
        self.action.pending()
    }

    /// Whether a delivery is selected.
    pub fn has(self, id: DeliveryId) -> bool {
        self.selected.with(|selected| selected.contains(&id))
    }

    /// Sets whether deliveries that can be replayed may match the filters.
    pub fn note_found(self, found: bool) {
        let _ = self.found.try_set(found);
    }

    /// Selects or deselects deliveries.
    pub fn select(self, ids: impl IntoIterator<Item = DeliveryId>, on: bool) {
        self.selected.update(|selected| {
            for id in ids {
                if on {
                    selected.insert(id)
                } else {
                    selected.remove(&id)
                };
            }
        });
    }

    /// Replays one delivery and shows the result.
    pub fn replay_one(self, id: DeliveryId, then: Callback<()>) {
        self.action.start(async move {
            // The notes above the list may be far from the button.
            match replay_delivery(id).await {
                Ok(_) => self.toasts.done("1 delivery queued"),
                Err(error) => self.toasts.failed(error.to_string()),
            }
            // The drawer may have been closed.
            then.try_run(());
            Ok(())
        });
    }

    /// Retries or cancels one delivery and shows the result.
    pub fn change_one(self, id: DeliveryId, action: ManualAction, then: Callback<()>) {
        self.action.start(async move {
            match change_delivery(id, action).await {
                Ok(_) => self.toasts.done(done_text(action)),
                Err(error) => self.toasts.failed(error.to_string()),
            }
            then.try_run(());
            Ok(())
        });
    }

    /// Retries or cancels the selected deliveries.
    fn change_selected(self, action: ManualAction) {
        let ids: Vec<_> = self.selected.with_untracked(|selected| selected.iter().copied().collect());
        self.action.start(async move {
            let changed = change_deliveries(ids, action).await?;
            let _ = self.selected.try_set(BTreeSet::new());
            self.toasts.done(changed_text(&changed, action));
            Ok(())
        });
    }

    fn replay_selected(self) {
        let ids: Vec<_> = self.selected.with_untracked(|selected| selected.iter().copied().collect());
        self.action.start(async move {
            let replayed = replay_deliveries(ids).await?;
            let _ = self.selected.try_set(BTreeSet::new());
            self.toasts.done(summary(&replayed));
            Ok(())
        });
    }
}

fn summary(replayed: &ReplayResult) -> String {
    let count = u32::try_from(replayed.queued.len()).unwrap_or(u32::MAX);
    let queued = format!("{} queued", counted(count, "delivery", "deliveries"));
    if replayed.skipped == 0 { queued } else { format!("{queued}, {} skipped", replayed.skipped) }
}

/// What replays the selected deliveries, in place of the filters, and a button in the head of the page that replays
/// all that match.
#[component]
pub fn ReplayBar(
    replay_state: ReplayState,
    project: ProjectId,
    query: Memo<DeliveryQuery>,
    total: RwSignal<Option<DeliveryCount>>,
) -> impl IntoView {
    let ReplayState { selected, found, action, toasts } = replay_state;
    let count = Memo::new(move |_| u32::try_from(selected.with(BTreeSet::len)).unwrap_or(u32::MAX));
    let confirm_open = RwSignal::new(false);
    let all = move |()| {
        let filter = DeliveryQuery { cursor: None, ..query.get_untracked() };
        action.start(async move {
            let outcome = replay_filtered(project, filter).await;
            // Errors are shown above the list.
            let _ = confirm_open.try_set(false);
            toasts.done(summary(&outcome?));
            Ok(())
        });
    };
    let count_text = move || total.get().filter(|total| total.count > 0).map(number);
    let is_any = Memo::new(move |_| count.get() != 0);
    let selection = move || {
        is_any.get().then(|| view! {
            <button
                type="button"
                class="button small primary"
                disabled=dynamic_value(move || action.pending().get())
                on:click=move |_| replay_state.replay_selected()
            >
                {icon(Icon::Replay)}{dynamic(move || format!("Replay {}", counted(count.get(), "delivery", "deliveries")))}
            </button>
            {[(ManualAction::Retry, "Retry now"), (ManualAction::Cancel, "Cancel deliveries")].map(|(manual, text)| view! {
                <button
                    type="button"
                    class="button small"
                    disabled=dynamic_value(move || action.pending().get())
                    on:click=move |_| replay_state.change_selected(manual)
                >
                    {text}
                </button>
            }).into_iter().collect_view()}
            <button
                type="button"
                class="button small square quiet"
                aria-label="Clear selection"
                title="Clear selection"
                on:click=move |_| selected.update(BTreeSet::clear)
            >
                {icon(Icon::Cross)}
            </button>
        })
    };
    view! {
        <div class="selection-bar" class:on=dynamic_value(move || count.get() != 0) role="group" aria-label="Selection">
            <b role="status">{dynamic(move || (count.get() != 0).then(|| format!("{} selected", grouped(count.get()))))}</b>
            {selection}
        </div>
        <button
            type="button"
            class="button replay-all"
            disabled=dynamic_value(move || !found.get() || action.pending().get())
            on:click=move |_| { action.forget(); confirm_open.set(true); }
        >
            {icon(Icon::Replay)}<span>"Replay all "<span class="number">{dynamic(count_text)}</span>" matching"</span>
        </button>
        <FormError error=action.error()/>
        <Confirm
            open=confirm_open
            title=Signal::derive(move || {
                count_text().map_or_else(|| "Replay all matching deliveries?".to_owned(), |count| format!("Replay all {count} matching deliveries?"))
            })
            consequences=vec![
                "Each outbound delivery is sent again with the same event ID and body. This can't be undone.".to_owned(),
                "Inbound deliveries and those of deleted webhooks are skipped.".to_owned(),
                format!("At most {MAX_REPLAYED_DELIVERIES} at once: if more match, nothing is sent."),
            ]
            confirm_label="Replay all matching"
            non_destructive=true
            pending=action.pending()
            error=Signal::stored(None)
            on_confirm=all
        />
    }
}
