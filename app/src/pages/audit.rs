//! `/projects/{id}/settings/audit`: what was done to the configuration, by whom and when.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::icon::Icon;
use crate::components::pager::Pager;
use crate::components::skeleton::Skeleton;
use crate::components::when::When;
use crate::layout::use_project;
use crate::model::audit::AuditEntry;
use crate::model::page::{Page, PageQuery};
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Audit() -> impl IntoView {
    let project = use_project();
    let place = use_place();
    let cursor = Memo::new(move |_| place.param("cursor"));
    let entries = Resource::new(
        move || cursor.get(),
        move |cursor| api::audit::list_audit(project, PageQuery { limit: None, cursor }),
    );
    view! {
        <Title text="Audit log"/>
        <header class="page-head">
            <div><h1>"Audit log"</h1><p class="lead">"What was done to the configuration of the project, by whom and when."</p></div>
        </header>
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                match entries.await {
                    Ok(page) => list(page),
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn list(page: Page<AuditEntry>) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <Empty sign=Icon::Clock title="Nothing yet">
                <p>"Changes to the integration, the webhooks and the members appear here as they are made."</p>
            </Empty>
        }
        .into_any();
    }
    let rows = page.items.into_iter().map(row).collect_view();
    view! {
        <div class="table-wrap">
            <table class="stack">
                <thead><tr><th>"What"</th><th>"Who"</th><th>"When"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
    }
    .into_any()
}

fn row(entry: AuditEntry) -> AnyView {
    view! {
        <tr>
            <td class="main">
                <span class="title">{entry.action.label()}</span>" "{entry.subject_name}
                {entry.detail.map(|detail| view! { <span class="hint block">{detail}</span> })}
                <code class="hint block">{entry.subject}</code>
            </td>
            <td data-label="Who">{entry.actor_name.unwrap_or_else(|| "Testbell".to_owned())}</td>
            <td data-label="When"><When time=entry.at/></td>
        </tr>
    }
    .into_any()
}
