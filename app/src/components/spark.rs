//! A sparkline of a webhook's latest deliveries, and the same in words. A bar's height is the
//! duration; failures have the full height.

use leptos::prelude::*;

use crate::components::number::grouped;
use crate::model::overview::{RECENT_DELIVERIES, RecentDelivery, RecentOutcome};
use crate::model::webhook::Direction;

const WIDTH: usize = 200;
const HEIGHT: u32 = 24;
/// The distance between two bars.
const STEP: usize = WIDTH / RECENT_DELIVERIES;
const MIN_BAR: u32 = 4;
const MAX_BAR: u32 = 17;
const FAILED_BAR: u32 = 22;
/// Durations below this all look the same: a few milliseconds don't matter.
const SHORT_MS: u32 = 100;

pub fn spark(deliveries: &[RecentDelivery], direction: Direction) -> AnyView {
    let caption = caption(deliveries, direction);
    if deliveries.is_empty() {
        return view! {
            <svg class="spark" viewBox="0 0 200 24" aria-hidden="true"><path class="axis" d="M0 23.5H200"/></svg>
            <span>{caption}</span>
        }
        .into_any();
    }
    let label = label(deliveries, direction);
    let bars = [
        ("ok", RecentOutcome::Delivered),
        ("warn", RecentOutcome::Failed),
        ("bad", RecentOutcome::Exhausted),
        ("idle", RecentOutcome::Other),
    ]
    .map(|(class, outcome)| view! { <path class=class d=path(deliveries, outcome)/> });
    view! {
        <svg class="spark" viewBox="0 0 200 24" preserveAspectRatio="none" role="img" aria-label=label>
            {bars.into_iter().collect_view()}
        </svg>
        <span>{caption}</span>
    }
    .into_any()
}

/// The path of all bars with one outcome. The newest delivery is at the right edge.
fn path(deliveries: &[RecentDelivery], outcome: RecentOutcome) -> String {
    let longest = deliveries.iter().filter_map(|one| one.duration_ms).max().unwrap_or(0).max(SHORT_MS);
    let first = WIDTH.saturating_sub(deliveries.len() * STEP) + STEP / 2;
    let bars = deliveries.iter().enumerate().filter(|(_, one)| one.outcome == outcome);
    bars.map(|(at, one)| format!("M{} {HEIGHT}v-{}", first + at * STEP, height(*one, longest))).collect()
}

fn height(delivery: RecentDelivery, longest_ms: u32) -> u32 {
    match (delivery.outcome, delivery.duration_ms) {
        (RecentOutcome::Exhausted, _) => FAILED_BAR,
        (_, None) => MIN_BAR,
        // The square root keeps one slow delivery from flattening all others.
        (_, Some(ms)) => {
            let share = (f64::from(ms) / f64::from(longest_ms)).sqrt();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 13")]
            let more = (share * f64::from(MAX_BAR - MIN_BAR)).round() as u32;
            MIN_BAR + more
        }
    }
}

fn count(deliveries: &[RecentDelivery], outcome: RecentOutcome) -> usize {
    deliveries.iter().filter(|one| one.outcome == outcome).count()
}

const fn verb(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "accepted",
        Direction::Outbound => "delivered",
    }
}

const fn final_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "refused",
        Direction::Outbound => "exhausted",
    }
}

/// `48 of 50 delivered`.
fn caption(deliveries: &[RecentDelivery], direction: Direction) -> String {
    if deliveries.is_empty() {
        return "No deliveries".to_owned();
    }
    let delivered = count(deliveries, RecentOutcome::Delivered);
    format!("{delivered} of {} {}", deliveries.len(), verb(direction))
}

/// `Last 50 deliveries: 42 delivered, 8 exhausted`.
fn label(deliveries: &[RecentDelivery], direction: Direction) -> String {
    let parts = [
        (RecentOutcome::Delivered, verb(direction)),
        (RecentOutcome::Failed, "failed"),
        (RecentOutcome::Exhausted, final_word(direction)),
        (RecentOutcome::Other, "not sent"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .map(|(outcome, word)| (count(deliveries, outcome), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let total = grouped(u32::try_from(deliveries.len()).unwrap_or(u32::MAX));
    let noun = if deliveries.len() == 1 { "delivery" } else { "deliveries" };
    format!("Last {total} {noun}: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(outcome: RecentOutcome, duration_ms: Option<u32>) -> RecentDelivery {
        RecentDelivery { outcome, duration_ms }
    }

    #[test]
    fn bars_end_at_the_right_edge() {
        let two = [one(RecentOutcome::Delivered, Some(100)), one(RecentOutcome::Exhausted, None)];
        assert_eq!(path(&two, RecentOutcome::Delivered), "M194 24v-17");
        assert_eq!(path(&two, RecentOutcome::Exhausted), "M198 24v-22");
        assert_eq!(path(&two, RecentOutcome::Failed), "");
    }

    #[test]
    fn the_label_describes_the_bars() {
        let some = [
            one(RecentOutcome::Delivered, Some(5)),
            one(RecentOutcome::Exhausted, Some(5)),
            one(RecentOutcome::Exhausted, None),
        ];
        assert_eq!(caption(&some, Direction::Outbound), "1 of 3 delivered");
        assert_eq!(label(&some, Direction::Inbound), "Last 3 deliveries: 1 accepted, 2 refused");
        assert_eq!(caption(&[], Direction::Outbound), "No deliveries");
    }
}
