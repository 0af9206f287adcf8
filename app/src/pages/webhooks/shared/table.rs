//! The table of webhooks with several projects, with the selection. It follows live changes.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::super::health::health_badge;
use super::super::links::shared_webhook_path;
use super::super::scope_dialog::{scope_names, scope_text};
use crate::api::shared_webhooks::{SetWebhooksActive, list_shared_webhooks};
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::FormError;
use crate::components::icon::Icon;
use crate::components::number::{counted, grouped};
use crate::components::page_action::PageAction;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTimeOrNever;
use crate::components::toast::use_toasts;
use crate::live::{Refetcher, Row, Rows, use_refetcher};
use crate::model::id::WebhookId;
use crate::model::live::ChangeKind;
use crate::model::page::Page;
use crate::model::webhook::Webhook;
use crate::model::webhook_scope::WebhookQuery;

/// The headings of the columns.
pub const HEADINGS: &[&str] = &["", "Webhook", "Projects", "Status", "Held deliveries", "Last dispatched"];

/// Webhooks of all projects change often. A burst of changes in this time causes one request.
const REFRESH_PAUSE_MS: u32 = 1_000;

#[component]
pub fn Table(
    page: Page<Webhook>,
    query: WebhookQuery,
    filtered: bool,
    /// Is set to what reads the page again.
    reader: RwSignal<Option<Refetcher>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let set = PageAction::<SetWebhooksActive>::new();
    let error = set.error();
    let selected = RwSignal::new(Vec::<WebhookId>::new());
    let next = RwSignal::new(page.next_cursor);
    let rows = Rows::new(page.items.into_iter().map(|webhook| (webhook.id, webhook)));
    let refetcher = use_refetcher(
        |kind: &ChangeKind| matches!(kind, ChangeKind::WebhookChanged { .. } | ChangeKind::WebhookPauseChanged),
        move || {
            let query = query.clone();
            Box::pin(async move {
                if let Ok(fresh) = list_shared_webhooks(query).await {
                    let _ = selected.try_update(|selected| {
                        selected.retain(|id| fresh.items.iter().any(|webhook| webhook.id == *id));
                    });
                    rows.reconcile(fresh.items.into_iter().map(|webhook| (webhook.id, webhook)));
                    let _ = next.try_set(fresh.next_cursor);
                }
                TimeoutFuture::new(REFRESH_PAUSE_MS).await;
            })
        },
    );
    reader.set(Some(refetcher));
    set.on_success(move |result| {
        selected.set(Vec::new());
        let skipped = (result.skipped > 0).then(|| format!(", {} unchanged", grouped(result.skipped)));
        toasts.done(format!(
            "{}{}",
            counted(result.changed, "webhook changed", "webhooks changed"),
            skipped.unwrap_or_default()
        ));
        refetcher.now();
    });
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
    let title = if filtered { "No webhooks match these filters" } else { "No webhooks with several projects" };
    let is_empty = Memo::new(move |_| rows.is_empty());
    let empty = move || is_empty.get().then(|| view! { <Empty icon=Icon::Webhook title><p></p></Empty> });
    view! {
        {dynamic(empty)}
        <div hidden=is_empty>
            <div class="toolbar below-filters">
                <span class="hint" role="status">{dynamic(count)}</span>
                {button("Deactivate selected", false)}
                {button("Activate selected", true)}
            </div>
            <FormError error/>
            <div class="table-wrap">
                <table class="stack compact selectable">
                    <thead><tr><th class="pick"><span class="visually-hidden">"Selection"</span></th>{headings}</tr></thead>
                    <tbody>
                        <For each=move || rows.get() key=|row| row.id let:row>{table_row(row, selected)}</For>
                    </tbody>
                </table>
            </div>
        </div>
        {dynamic(move || view! { <Pager next=next.get()/> })}
    }
}

fn table_row(row: Row<WebhookId, Webhook>, selected: RwSignal<Vec<WebhookId>>) -> AnyView {
    let (id, flash) = (row.id, row.flash());
    let webhook = Signal::<Webhook>::from(row.value);
    let name = Memo::new(move |_| webhook.with(|webhook| webhook.name.clone()));
    let manages = Memo::new(move |_| webhook.with(|webhook| webhook.scope.can_manage));
    let pick = move || {
        manages.get().then(|| {
            view! {
                <input
                    type="checkbox"
                    aria-label=dynamic_value(move || format!("Select {}", name.get()))
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
        })
    };
    let scope = Memo::new(move |_| webhook.with(|webhook| webhook.scope.clone()));
    let projects = move || {
        scope.with(|scope| {
            let names = scope_names(scope);
            view! { {scope_text(scope).unwrap_or_default()}<span class="hint block" dir="auto">{names}</span> }
        })
    };
    let address = move || webhook.with(|webhook| format!("{} · {}", webhook.kind.label(), webhook.url));
    let dispatched = Memo::new(move |_| webhook.with(|webhook| webhook.last_dispatched_at));
    view! {
        <tr id=format!("card-{id}") tabindex="-1" data-flash=flash>
            <td class="pick">{dynamic(pick)}</td>
            <td class="primary-cell">
                <span class="item-title">
                    <a class="title" href=shared_webhook_path(id) title=name dir="auto">{name}</a>
                </span>
                <span class="hint block">{dynamic(address)}</span>
            </td>
            <td class="labeled" data-label="Projects">{dynamic(projects)}</td>
            <td data-label="Status">{health_badge(webhook)}</td>
            <td class="labeled" data-label="Held deliveries">{dynamic(move || webhook.with(|webhook| grouped(webhook.held_count)))}</td>
            <td class="labeled" data-label="Last dispatched">{dynamic(move || view! { <RelativeTimeOrNever time=dispatched.get()/> })}</td>
        </tr>
    }
    .into_any()
}
