//! The share of successful attempts by time: a bar for each part of the period.

use leptos::prelude::*;

use crate::components::number::{counted, grouped};
use crate::model::webhook_stats::{StatsBucket, StatsPeriod, WebhookStats};
use crate::time;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 100;

/// The chart with its labels. Each bar says its numbers when it is hovered.
pub fn chart(stats: &WebhookStats) -> AnyView {
    let count = u32::try_from(stats.buckets.len()).unwrap_or(1).max(1);
    let step = WIDTH / count;
    let hours = stats.period.buckets().1;
    let bars = (0..).zip(&stats.buckets).map(|(at, bucket)| bar(at * step, step, *bucket, hours)).collect_view();
    view! {
        <div class="plot">
            <div class="y" aria-hidden="true"><span>"100 %"</span><span>"50 %"</span><span>"0 %"</span></div>
            <svg class="chart" viewBox=format!("0 0 {} {HEIGHT}", step * count) preserveAspectRatio="none" role="img" aria-label=label(stats)>
                {bars}
            </svg>
            <div class="x" aria-hidden="true"><span>{ago(stats.period)}</span><span>"now"</span></div>
        </div>
    }
    .into_any()
}

fn bar(left: u32, step: u32, bucket: StatsBucket, hours: u32) -> AnyView {
    let (x, width) = (left + step / 8, step - step / 4);
    let ok = success_height(bucket);
    let part = |class: &'static str, y: u32, height: u32| {
        (height > 0).then(|| view! { <rect class=class x=x.to_string() y=y.to_string() width=width.to_string() height=height.to_string()></rect> })
    };
    let (empty, failed) = if bucket.attempts == 0 { (HEIGHT, 0) } else { (0, HEIGHT - ok) };
    view! {
        <g>
            <title>{bar_text(bucket, hours)}</title>
            {part("none", 0, empty)}
            {part("bad", 0, failed)}
            {part("ok", failed, ok)}
        </g>
    }
    .into_any()
}

/// The height of the successful part. A single failure or success of many is visible.
fn success_height(bucket: StatsBucket) -> u32 {
    let succeeded = bucket.attempts.saturating_sub(bucket.failed_attempts);
    if bucket.attempts == 0 || succeeded == 0 {
        return 0;
    }
    let share = u64::from(succeeded) * u64::from(HEIGHT) / u64::from(bucket.attempts);
    let share = u32::try_from(share).unwrap_or(HEIGHT);
    if bucket.failed_attempts == 0 { HEIGHT } else { share.clamp(3, HEIGHT - 3) }
}

/// `20 Nov 2026, 14:00 UTC, 1 h: 12 attempts, 1 failed`.
fn bar_text(bucket: StatsBucket, hours: u32) -> String {
    let attempts = counted(bucket.attempts, "attempt", "attempts");
    let failed =
        if bucket.attempts == 0 { String::new() } else { format!(", {} failed", grouped(bucket.failed_attempts)) };
    format!("{}, {hours} h: {attempts}{failed}", time::absolute(bucket.from))
}

const fn ago(period: StatsPeriod) -> &'static str {
    match period {
        StatsPeriod::Day => "24 h ago",
        StatsPeriod::Week => "7 days ago",
        StatsPeriod::Month => "30 days ago",
    }
}

/// The chart in words.
fn label(stats: &WebhookStats) -> String {
    if stats.attempts == 0 {
        return format!("No attempts in the last {}", stats.period.label());
    }
    let bad = stats.buckets.iter().filter(|bucket| bucket.failed_attempts > 0).count();
    format!(
        "Successful attempts over the last {}: {} of {}. Failures in {bad} of {} parts.",
        stats.period.label(),
        grouped(stats.attempts.saturating_sub(stats.failed_attempts)),
        grouped(stats.attempts),
        stats.buckets.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_failure_is_visible() {
        let height = |attempts, failed_attempts| {
            success_height(StatsBucket { from: chrono::DateTime::UNIX_EPOCH, attempts, failed_attempts })
        };
        assert_eq!((height(0, 0), height(5, 5), height(5, 0)), (0, 0, HEIGHT));
        assert_eq!((height(4, 1), height(100_000, 1), height(100_000, 99_999)), (75, 97, 3));
    }
}
