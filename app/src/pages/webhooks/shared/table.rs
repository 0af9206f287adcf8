//! The table of webhooks with several projects, with the selection.

use leptos::prelude::*;

use super::super::health::health_badge;
use super::super::scope_dialog::{scope_names, scope_text};
use crate::api::shared_webhooks::SetWebhooksActive;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::FormError;
use crate::components::icon::Icon;
use crate::components::number::{counted, grouped};
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTimeOrNever;
use crate::components::toast::use_toasts;
use crate::model::id::WebhookId;
use crate::model::page::Page;
use crate::model::webhook::Webhook;

/// The headings of the columns.
pub const HEADINGS: &[&str] = &["", "Webhook", "Projects", "Status", "Held deliveries", "Last dispatched"];

#[component]
pub fn Table(page: Page<Webhook>, filtered: bool, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let set = PageAction::<SetWebhooksActive>::new();
    let error = set.error();
    let selected = RwSignal::new(Vec::<WebhookId>::new());
    set.on_success(move |result| {
        selected.set(Vec::new());
        let skipped = (result.skipped > 0).then(|| format!(", {} unchanged", grouped(result.skipped)));
        toasts.done(format!(
            "{}{}",
            counted(result.changed, "webhook changed", "webhooks changed"),
            skipped.unwrap_or_default()
        ));
        changed.run(());
    });
    if page.items.is_empty() {
        let title = if filtered { "No webhooks match these filters" } else { "No webhooks with several projects" };
        return view! { <Empty icon=Icon::Webhook title=title><p></p></Empty> }.into_any();
    }
    let none = move || selected.with(Vec::is_empty) || set.pending().get();
    let button = move |text: &'static str, active: bool| {
        let on_click = move |_| set.dispatch(SetWebhooksActive { ids: selected.get_untracked(), active });
        view! { <button type="button" class="button small" disabled=dynamic_value(none) on:click=on_click>{text}</button> }
    };
    let count = move || {
        let count = selected.with(Vec::len);
        counted(u32::try_from(count).unwrap_or(u32::MAX), "webhook selected", "webhooks selected")
    };
    let headings = HEADINGS.iter().skip(1).map(|&heading| view! { <th>{heading}</th> }).collect_view();
    let rows = page.items.into_iter().map(|webhook| row(webhook, selected)).collect_view();
    view! {
        <div class="toolbar below-filters">
            <span class="hint" role="status">{dynamic(count)}</span>
            {button("Deactivate selected", false)}
            {button("Activate selected", true)}
        </div>
        <FormError error/>
        <div class="table-wrap">
            <table class="stack compact selectable">
                <thead><tr><th class="pick"><span class="visually-hidden">"Selection"</span></th>{headings}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
    }
    .into_any()
}

fn row(webhook: Webhook, selected: RwSignal<Vec<WebhookId>>) -> impl IntoView {
    let id = webhook.id;
    let name = webhook.name.clone();
    let pick = webhook.scope.can_manage.then(|| {
        view! {
            <input
                type="checkbox"
                aria-label=format!("Select {name}")
                prop:checked=dynamic_value(move || selected.with(|selected| selected.contains(&id)))
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    selected.update(|selected| {
                        selected.retain(|other| *other != id);
                        if on {
                            selected.push(id);
                        }
                    });
                }
            />
        }
    });
    let projects = scope_text(&webhook.scope).unwrap_or_default();
    view! {
        <tr>
            <td class="pick">{pick}</td>
            <td class="primary-cell">
                <span class="item-title">
                    <a class="title" href=format!("/webhooks/{id}") title=name.clone() dir="auto">{name.clone()}</a>
                </span>
                <span class="hint block">{webhook.kind.label()}" · "{webhook.url.clone()}</span>
            </td>
            <td class="labeled" data-label="Projects">
                {projects}<span class="hint block" dir="auto">{scope_names(&webhook.scope)}</span>
            </td>
            <td data-label="Status">{health_badge(Signal::stored(webhook.clone()))}</td>
            <td class="labeled" data-label="Held deliveries">{grouped(webhook.held_count)}</td>
            <td class="labeled" data-label="Last dispatched"><RelativeTimeOrNever time=webhook.last_dispatched_at/></td>
        </tr>
    }
}
