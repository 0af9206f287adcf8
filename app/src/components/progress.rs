//! The progress of a run or session: a bar colored by status, and the same as text for
//! accessibility.

use leptos::prelude::*;

use super::number::percentage;
use crate::testware::execution::{Counts, ResultStatus};

/// The order of the bar: final results first, untested last.
pub const ORDER: [ResultStatus; 6] = [
    ResultStatus::Passed,
    ResultStatus::Failed,
    ResultStatus::Blocked,
    ResultStatus::Retest,
    ResultStatus::Skipped,
    ResultStatus::Untested,
];

/// `4 passed, 1 failed, 5 untested`; `empty` if there is nothing to count.
pub fn summary(counts: &Counts, empty: &str) -> String {
    let parts: Vec<_> = ORDER
        .iter()
        .filter(|&&status| counts.for_status(status) > 0)
        .map(|&status| format!("{} {}", counts.for_status(status), status.as_str()))
        .collect();
    if parts.is_empty() { empty.to_owned() } else { parts.join(", ") }
}

pub fn progress(counts: &Counts, empty: &'static str) -> AnyView {
    let total = counts.total();
    let mut start = 0;
    // SVG attributes instead of inline styles, which the content security policy forbids. Without a view box,
    // nothing is stretched, so that the stripes of a pattern keep their angle.
    let parts = ORDER.map(|status| {
        let (from, count) = (start, counts.for_status(status));
        start += count;
        view! { <rect class=status.as_str() x=percentage(from, total) width=percentage(count, total) height="8"/> }
    });
    view! {
        <span class="progress">
            <svg aria-hidden="true">{parts.into_iter().collect_view()}</svg>
            <span>{summary(counts, empty)}</span>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_only_nonzero_counts() {
        let counts = Counts { untested: 5, passed: 4, failed: 1, ..Counts::default() };
        assert_eq!(summary(&counts, "No cases"), "4 passed, 1 failed, 5 untested");
        assert_eq!(summary(&Counts::default(), "No cases"), "No cases");
    }
}
