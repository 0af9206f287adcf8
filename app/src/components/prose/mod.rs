//! Markdown text from users or trackers. The keys of issues in it show the issue in a popover.

mod key_buttons;
mod lookup;

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html;
use leptos::prelude::*;

use crate::components::dynamic::dynamic;
use crate::components::hydration::use_hydrated_effect;
use crate::components::issue_popover::IssuePopover;
use crate::layout::use_project;
use crate::model::issue::FoundIssue;

/// HTML that the server rendered and sanitized, or a hint if there is none.
pub fn prose(html: String, none: &'static str) -> AnyView {
    if html.trim().is_empty() {
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    view! { <Prose html/> }.into_any()
}

#[component]
fn Prose(html: String) -> impl IntoView {
    let project = use_project();
    let text = NodeRef::<html::Div>::new();
    let found = RwSignal::new(Vec::<FoundIssue>::new());
    let prefix = StoredValue::new(String::new());
    use_hydrated_effect(move || {
        let keys = text.get_untracked().map(|text| key_buttons::keys(&text)).unwrap_or_default();
        if keys.is_empty() {
            return;
        }
        leptos::task::spawn_local(async move {
            let issues = lookup::find(project, keys).await;
            let Some(Some(text)) = text.try_get_untracked() else { return };
            let unique = unique_prefix();
            key_buttons::add(&text, &issues, &unique);
            let _ = prefix.try_set_value(unique);
            let _ = found.try_set(issues);
        });
    });
    view! {
        <div class="prose" node_ref=text inner_html=html></div>
        {dynamic(move || {
            let popovers = found.get().into_iter().map(|issue| {
                let popover = key_buttons::popover_id(&prefix.get_value(), issue.id);
                view! { <IssuePopover id=issue.id popover title=issue.title/> }
            });
            popovers.collect_view()
        })}
    }
}

/// A text may be shown more than once on a page.
fn unique_prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("prose-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
