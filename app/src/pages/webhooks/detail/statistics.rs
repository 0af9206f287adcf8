//! The statistics of a webhook: the period, the numbers, and the chart.

use leptos::prelude::*;

use super::chart::chart;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::number::grouped;
use crate::model::webhook_stats::{StatsPeriod, WebhookStats};
use crate::time;
use crate::url_state::use_url_state;

pub fn statistics(stats: Signal<Option<WebhookStats>>, period: StatsPeriod) -> AnyView {
    let url_state = use_url_state();
    let periods = StatsPeriod::ALL
        .iter()
        .map(|&other| {
            let value = (other != StatsPeriod::Day).then_some(other.as_str());
            let href = move || url_state.with(&[("period", value)]);
            view! { <a href=dynamic_value(href) data-noscroll="" aria-current=(other == period).then_some("true")>{other.label()}</a> }
        })
        .collect_view();
    view! {
        <section class="card statistics" aria-labelledby="statistics">
            <header>
                <h2 id="statistics">"Health"</h2>
                <nav class="chips" aria-label="Period">{periods}</nav>
            </header>
            {dynamic(move || stats.with(|stats| stats.as_ref().map_or_else(unknown, numbers)))}
        </section>
    }
    .into_any()
}

fn unknown() -> AnyView {
    view! { <p class="hint">"The statistics could not be loaded."</p> }.into_any()
}

fn numbers(stats: &WebhookStats) -> AnyView {
    let rate =
        stats.success_permille.map_or_else(none, |permille| (format!("{}.{}", permille / 10, permille % 10), "%"));
    let latency = |millis: Option<u32>| millis.map_or_else(none, with_unit);
    let plain = |count: u32| (grouped(count), "");
    let all = [
        ("Success rate", rate),
        ("Attempts", plain(stats.attempts)),
        ("Failed attempts", plain(stats.failed_attempts)),
        ("Delivered", plain(stats.delivered)),
        ("Exhausted", plain(stats.exhausted)),
        ("Latency p50", latency(stats.latency.p50)),
        ("p95", latency(stats.latency.p95)),
        ("p99", latency(stats.latency.p99)),
    ];
    let numbers = all
        .into_iter()
        .map(|(name, (number, unit))| view! { <div><dt>{name}</dt><dd>{number}" "<small>{unit}</small></dd></div> })
        .collect_view();
    let succeeded = stats.attempts.saturating_sub(stats.failed_attempts);
    view! {
        <dl class="stats">{numbers}</dl>
        {chart(stats)}
        <ul class="legend" aria-label="Attempts">
            <li class="ok"><i></i>"Succeeded "<b>{grouped(succeeded)}</b></li>
            <li class="bad"><i></i>"Failed "<b>{grouped(stats.failed_attempts)}</b></li>
        </ul>
    }
    .into_any()
}

fn none() -> (String, &'static str) {
    ("–".to_owned(), "")
}

/// `84` and `ms`, `1.9` and `s`.
fn with_unit(millis: u32) -> (String, &'static str) {
    let text = time::duration(millis);
    match text.strip_suffix(" ms") {
        Some(number) => (number.to_owned(), "ms"),
        None => (text.trim_end_matches(" s").to_owned(), "s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_unit_apart() {
        assert_eq!(with_unit(84), ("84".to_owned(), "ms"));
        assert_eq!(with_unit(1_900), ("1.9".to_owned(), "s"));
    }
}
