//! The number of matching deliveries. The list doesn't wait for it.

use leptos::prelude::*;

use crate::api;
use crate::components::dynamic::dynamic;
use crate::components::hydration::use_hydrated_effect;
use crate::live::Refetcher;
use crate::model::delivery::{DeliveryCount, DeliveryQuery};
use crate::model::id::ProjectId;

#[component]
pub fn DeliveryTotal(
    project: ProjectId,
    query: DeliveryQuery,
    /// Changes when the list grows.
    recount: RwSignal<u32>,
) -> impl IntoView {
    let total = RwSignal::new(None);
    let counter = Refetcher::new(move || {
        let query = query.clone();
        Box::pin(async move {
            // If the request fails, the count stays as it was.
            if let Ok(count) = api::deliveries::count_deliveries(project, query).await {
                total.try_set(Some(count));
            }
        })
    });
    use_hydrated_effect(move || {
        recount.track();
        counter.now();
    });
    view! { <p class="hint" role="status">{dynamic(move || total.get().map(text))}</p> }
}

/// `1 delivery`, `1,234 deliveries`, `10,000+ deliveries`.
fn text(count: DeliveryCount) -> String {
    let number = count.count.to_string();
    let grouped = match number.len().checked_sub(3).filter(|at| *at > 0) {
        Some(at) => format!("{},{}", &number[..at], &number[at..]),
        None => number,
    };
    let more = if count.capped { "+" } else { "" };
    let noun = if count.count == 1 { "delivery" } else { "deliveries" };
    format!("{grouped}{more} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_capped() {
        let text = |count, capped| text(DeliveryCount { count, capped });
        assert_eq!(text(0, false), "0 deliveries");
        assert_eq!(text(1, false), "1 delivery");
        assert_eq!(text(999, false), "999 deliveries");
        assert_eq!(text(1234, false), "1,234 deliveries");
        assert_eq!(text(10_000, true), "10,000+ deliveries");
    }
}
