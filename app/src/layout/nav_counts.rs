//! The counts in the navigation of a project. They are refreshed at most every few seconds, because
//! a busy project changes often.

use leptos::prelude::*;

use crate::api;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::number::{counted, grouped};
use crate::live::use_refetcher;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::live::ChangeKind;
use crate::model::notification::MAX_UNREAD;
use crate::model::overview::{MAX_COUNT, ProjectCounts};
use crate::unread::Unread;

const REFRESH_PAUSE_MS: u32 = 2_000;

/// The counts as a signal that follows the project's changes.
pub fn follow_counts(project: ProjectId, first: ProjectCounts) -> RwSignal<ProjectCounts> {
    let counts = RwSignal::new(first);
    let changes_a_count = |kind: &ChangeKind| !matches!(kind, ChangeKind::DeliveryChanged { .. });
    use_refetcher(changes_a_count, move || {
        Box::pin(async move {
            if let Ok(fresh) = api::overview::read_project_counts(project).await {
                let _ = counts.try_set(fresh);
            }
            gloo_timers::future::TimeoutFuture::new(REFRESH_PAUSE_MS).await;
        })
    });
    counts
}

/// A count next to its link. Hidden from screen readers, because the page itself announces it.
pub fn count_label(counts: RwSignal<ProjectCounts>, subject: Subject) -> AnyView {
    let text = move || counts.with(|counts| capped(counts.for_subject(subject)));
    view! { <span class="count" aria-hidden="true">{dynamic(text)}</span> }.into_any()
}

/// The number of webhooks that need attention; nothing if there are none.
pub fn attention_label(counts: RwSignal<ProjectCounts>) -> AnyView {
    let count = Memo::new(move |_| counts.with(|counts| counts.unhealthy_webhooks));
    let label = move || {
        Some(count.get()).filter(|count| *count > 0).map(|count| {
            let title = counted(count, "webhook needs attention", "webhooks need attention");
            view! {
                <span class="count warn" title=title.clone() aria-hidden="true">{icon(Icon::Warning)}{capped(count)}</span>
                <span class="visually-hidden">", "{title}</span>
            }
        })
    };
    label.into_any()
}

/// The number of unread notifications; nothing if there are none.
pub fn unread_label(unread: Unread) -> AnyView {
    let label = move || {
        Some(unread.count.get()).filter(|count| *count > 0).map(|count| {
            let text = if count >= MAX_UNREAD { format!("{}+", MAX_UNREAD - 1) } else { count.to_string() };
            view! {
                <span class="count warn" aria-hidden="true">{text.clone()}</span>
                <span class="visually-hidden">", "{text}" unread"</span>
            }
        })
    };
    dynamic(label).into_any()
}

fn capped(count: u32) -> String {
    if count > MAX_COUNT { format!("{}+", grouped(MAX_COUNT)) } else { grouped(count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_stops_at_its_maximum() {
        assert_eq!(capped(2304), "2,304");
        assert_eq!(capped(9_999), "9,999");
        assert_eq!(capped(10_000), "9,999+");
    }
}
