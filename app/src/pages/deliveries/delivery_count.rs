//! The number of matching deliveries. The list doesn't wait for it.

use leptos::prelude::*;

use crate::api;
use crate::components::dynamic::dynamic;
use crate::components::hydration::use_hydrated_effect;
use crate::components::number::grouped;
use crate::live::Refetcher;
use crate::model::delivery::{DeliveryCount, DeliveryQuery};
use crate::model::id::ProjectId;

#[component]
pub fn DeliveryTotal(
    project: ProjectId,
    query: DeliveryQuery,
    /// Changes when the list grows.
    recount: RwSignal<u32>,
    /// The count, also for the button that replays them all.
    total: RwSignal<Option<DeliveryCount>>,
) -> impl IntoView {
    let counter = Refetcher::new(move || {
        let query = query.clone();
        Box::pin(async move {
            // If the request fails, the count stays as it was.
            if let Ok(count) = api::deliveries::count_deliveries(project, query).await {
                total.try_set(Some(count));
            }
        })
    });
    // The count of other filters doesn't apply.
    Effect::new(move |_| {
        let _ = total.try_set(None);
    });
    use_hydrated_effect(move || {
        recount.track();
        counter.now();
    });
    view! { <p class="hint" role="status">{dynamic(move || total.get().map(|count| format!("{} {}", number(count), if count.count == 1 { "delivery" } else { "deliveries" })))}</p> }
}

/// `1`, `1,234`, `10,000+`.
pub fn number(count: DeliveryCount) -> String {
    format!("{}{}", grouped(count.count), if count.capped { "+" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_capped() {
        let number = |count, capped| number(DeliveryCount { count, capped });
        assert_eq!(number(999, false), "999");
        assert_eq!(number(1234, false), "1,234");
        assert_eq!(number(10_000, true), "10,000+");
    }
}
