//! Sending again: one delivery, those that are selected, or all that the filters find. What is
//! selected stays selected over pages and filters, until it was sent or is cleared.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::api::deliveries::{replay_deliveries, replay_delivery, replay_filtered};
use crate::components::confirm::Confirm;
use crate::components::failure::FormError;
use crate::components::task::Task;
use crate::components::toast::{Toasts, use_toasts};
use crate::error::Result;
use crate::model::delivery::{Delivery, DeliveryQuery, REPLAY_MAX, Replayed};
use crate::model::id::{DeliveryId, ProjectId};
use crate::model::project::Project;
use crate::model::webhook::Direction;

/// Why there is no replay of what a tracker sent.
pub const NOT_INBOUND: &str = "Inbound deliveries can't be replayed: only a digest of the body is kept, and only the tracker can sign it. It can send the event again.";

const NOWHERE: &str = "The webhook was deleted: there is nowhere to send it again.";

/// Why a delivery is not replayed, if it is not.
pub fn why_not(delivery: &Delivery) -> Option<&'static str> {
    match delivery.direction {
        Direction::Inbound => Some(NOT_INBOUND),
        Direction::Outbound => delivery.webhook_deleted.then_some(NOWHERE),
    }
}

/// See the [module](self).
#[derive(Clone, Copy)]
pub struct Replays {
    selected: RwSignal<BTreeSet<DeliveryId>>,
    /// Whether the filters may have found something to replay.
    found: RwSignal<bool>,
    task: Task,
    toasts: Toasts,
}

impl Replays {
    /// Nothing is selected.
    pub fn new() -> Self {
        Self {
            selected: RwSignal::new(BTreeSet::new()),
            found: RwSignal::new(true),
            task: Task::new(),
            toasts: use_toasts(),
        }
    }

    /// The same for who may replay: an admin of the project.
    pub fn of(self, project: Option<Result<Project>>) -> Option<Self> {
        project.and_then(Result::ok).filter(Project::is_admin).map(|_| self)
    }

    /// Whether a request is under way.
    pub fn pending(self) -> Signal<bool> {
        self.task.pending()
    }

    /// Whether a delivery is selected.
    pub fn has(self, id: DeliveryId) -> bool {
        self.selected.with(|selected| selected.contains(&id))
    }

    /// Notes whether the filters may have found something to replay.
    pub fn note_found(self, found: bool) {
        let _ = self.found.try_set(found);
    }

    /// Selects deliveries or takes them out.
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

    /// Sends one again, then tells.
    pub fn one(self, id: DeliveryId, then: Callback<()>) {
        self.task.start(async move {
            // What stands over the list may be far from where the button is.
            match replay_delivery(id).await {
                Ok(_) => self.toasts.done("1 queued"),
                Err(error) => self.toasts.failed(error.to_string()),
            }
            then.run(());
            Ok(())
        });
    }

    fn several(self) {
        let ids: Vec<_> = self.selected.with_untracked(|selected| selected.iter().copied().collect());
        self.task.start(async move {
            let replayed = replay_deliveries(ids).await?;
            let _ = self.selected.try_set(BTreeSet::new());
            self.toasts.done(told(&replayed));
            Ok(())
        });
    }
}

fn told(replayed: &Replayed) -> String {
    let queued = format!("{} queued", replayed.enqueued.len());
    if replayed.left_out == 0 { queued } else { format!("{queued}, {} left out", replayed.left_out) }
}

/// The buttons over the list.
#[component]
pub fn ReplayBar(replays: Replays, project: ProjectId, query: Memo<DeliveryQuery>) -> impl IntoView {
    let Replays { selected, found, task, toasts } = replays;
    let count = Memo::new(move |_| selected.with(BTreeSet::len));
    let asking = RwSignal::new(false);
    let all = move |()| {
        let filter = DeliveryQuery { cursor: None, ..query.get_untracked() };
        task.start(async move {
            let outcome = replay_filtered(project, filter).await;
            // What was refused stands over the list.
            let _ = asking.try_set(false);
            toasts.done(told(&outcome?));
            Ok(())
        });
    };
    view! {
        <div class="replay-bar" role="group" aria-label="Replay">
            <button
                type="button"
                class="button small"
                disabled=move || count.get() == 0 || task.pending().get()
                on:click=move |_| replays.several()
            >
                {move || format!("Replay selected ({})", count.get())}
            </button>
            {move || (count.get() != 0).then(|| view! {
                <button type="button" class="button small quiet" on:click=move |_| selected.update(BTreeSet::clear)>"Clear selection"</button>
            })}
            <span class="grow"></span>
            <button
                type="button"
                class="button small"
                disabled=move || !found.get() || task.pending().get()
                on:click=move |_| { task.forget(); asking.set(true); }
            >
                "Replay all found"
            </button>
        </div>
        <FormError error=task.error()/>
        <Confirm
            open=asking
            title="Replay all that the filters find?"
            consequences=vec![
                "Each outbound delivery that is found is sent again, as a new delivery with the same webhook-id and body.".to_owned(),
                "Inbound ones and those of deleted webhooks are left out.".to_owned(),
                format!("At most {REPLAY_MAX} at once: if more are found, nothing is sent."),
            ]
            deed="Replay all found"
            gentle=true
            pending=task.pending()
            error=Signal::stored(None)
            on_confirm=all
        />
    }
}
