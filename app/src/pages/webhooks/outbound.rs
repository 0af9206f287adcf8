//! The outbound section: any number of webhooks, each with its own secret and events.

use leptos::prelude::*;

use super::webhook_row::WebhookRow;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::pager::Pager;
use crate::live::{Row, Rows};
use crate::model::id::WebhookId;
use crate::model::webhook::{Health, Webhook};
use crate::url_state::use_url_state;

#[component]
pub fn Outbound(
    rows: Rows<WebhookId, Webhook>,
    /// Called with a changed webhook; `None` for a member.
    changed: Option<Callback<Webhook>>,
    /// The cursor of the next page.
    next: Option<String>,
) -> impl IntoView {
    let url_state = use_url_state();
    // Only a complete list can be counted.
    let complete = next.is_none();
    let summary = move || {
        let unhealthy = |row: &Row<WebhookId, Webhook>| row.value.with(|webhook| webhook.health != Health::Healthy);
        let rows = rows.get();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let total = counted(count(rows.len()), "webhook", "webhooks");
        match rows.iter().filter(|row| unhealthy(row)).count() {
            _ if rows.is_empty() || !complete => String::new(),
            0 => total,
            1 => format!("{total}, 1 needs attention"),
            unhealthy => format!("{total}, {} need attention", count(unhealthy)),
        }
    };
    let add = move || url_state.with(&[("add", Some("outbound"))]);
    view! {
        <section>
            <header class="section-head">
                <h2 id="outbound" tabindex="-1">"Outbound"</h2>
                <p class="hint">{dynamic(summary)}</p>
                {changed.map(|_| view! { <a class="button primary small" href=dynamic_value(add) data-noscroll="">{icon(Icon::Plus)}"Add webhook"</a> })}
            </header>
            <ShowWhen when=move || rows.is_empty()>
                <Empty icon=Icon::Outbound title="No outbound webhooks">
                    {if changed.is_some() {
                        view! {
                            <p>"Send events to your own endpoints and chat tools."</p>
                            <a class="button" href=dynamic_value(add) data-noscroll="">{icon(Icon::Plus)}"Add webhook"</a>
                        }
                        .into_any()
                    } else {
                        view! { <p>"Project admins can add one."</p> }.into_any()
                    }}
                </Empty>
            </ShowWhen>
            <div class="card flush webhooks" hidden=dynamic_value(move || rows.is_empty())>
                <For each=move || rows.get() key=|row| row.id let:row>
                    <WebhookRow row changed/>
                </For>
            </div>
            <Pager next/>
        </section>
    }
}
