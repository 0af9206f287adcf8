//! Retry and Cancel: what an admin can do with a delivery that was not delivered.

use leptos::prelude::*;

use super::replay::ReplayState;
use crate::components::dynamic::dynamic_value;
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::model::delivery::{ChangedDeliveries, Delivery, DeliveryStatus, ManualAction};
use crate::model::id::DeliveryId;
use crate::model::webhook::Direction;

/// How a retry differs from a replay.
pub const RETRY_OR_REPLAY: &str =
    "Retry makes another attempt of this delivery. Replay sends the event again as a new delivery.";

/// What can be done with a delivery. While an attempt is in flight, it has no next one, and nothing can be
/// done.
pub fn manual_actions(delivery: &Delivery) -> Vec<ManualAction> {
    let is_waiting =
        delivery.direction == Direction::Outbound && (delivery.next_attempt_at.is_some() || delivery.collected);
    match delivery.status {
        // Its digest is retried or cancelled.
        _ if delivery.digest_delivery_id.is_some() => Vec::new(),
        DeliveryStatus::Exhausted => vec![ManualAction::Retry],
        DeliveryStatus::Pending | DeliveryStatus::Failed if is_waiting => {
            vec![ManualAction::Retry, ManualAction::Cancel]
        }
        DeliveryStatus::Held => vec![ManualAction::Cancel],
        _ => Vec::new(),
    }
}

/// The buttons for one delivery.
pub fn manual_buttons(
    replay_state: ReplayState,
    id: DeliveryId,
    actions: Vec<ManualAction>,
    then: Callback<()>,
) -> AnyView {
    // Without a next attempt, the delivery is exhausted.
    let is_exhausted = !actions.contains(&ManualAction::Cancel);
    let button = |action: ManualAction| {
        let (class, symbol, text) = match action {
            ManualAction::Retry if is_exhausted => ("button small primary", Icon::Run, "Retry"),
            ManualAction::Retry => ("button small primary", Icon::Run, action.label()),
            ManualAction::Cancel => ("button small", Icon::Off, action.label()),
        };
        view! {
            <button
                type="button"
                class=class
                aria-busy=dynamic_value(move || replay_state.pending().get().to_string())
                on:click=move |_| replay_state.change_one(id, action, then)
            >
                {icon(symbol)}{text}
            </button>
        }
    };
    actions.into_iter().map(button).collect_view().into_any()
}

/// The result of a change of one delivery.
pub const fn done_text(action: ManualAction) -> &'static str {
    match action {
        ManualAction::Retry => "1 delivery retried",
        ManualAction::Cancel => "1 delivery cancelled",
    }
}

/// The result of a change of several deliveries: `3 deliveries retried, 1 skipped`.
pub fn changed_text(result: &ChangedDeliveries, action: ManualAction) -> String {
    let done = match action {
        ManualAction::Retry => "retried",
        ManualAction::Cancel => "cancelled",
    };
    let count = u32::try_from(result.changed.len()).unwrap_or(u32::MAX);
    let changed = format!("{} {done}", counted(count, "delivery", "deliveries"));
    if result.skipped == 0 { changed } else { format!("{changed}, {} skipped", result.skipped) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_counts_what_was_skipped() {
        let result = |skipped| ChangedDeliveries { changed: Vec::new(), skipped };
        assert_eq!(changed_text(&result(0), ManualAction::Retry), "0 deliveries retried");
        assert_eq!(changed_text(&result(2), ManualAction::Cancel), "0 deliveries cancelled, 2 skipped");
    }
}
