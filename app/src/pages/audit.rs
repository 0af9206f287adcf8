//! `/projects/{id}/settings/audit`: what was done to the configuration, by whom and when; new
//! entries appear as they are written.

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
use crate::live::{Row, Rows, reread};
use crate::model::audit::AuditEntry;
use crate::model::id::{AuditId, ProjectId};
use crate::model::live::What;
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
                    Ok(page) => view! { <Entries page project cursor=cursor.get_untracked()/> }.into_any(),
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The entries of a page. Those of the first one follow what is written; an entry never changes.
#[component]
fn Entries(page: Page<AuditEntry>, project: ProjectId, cursor: Option<String>) -> impl IntoView {
    let on_first_page = cursor.is_none();
    let rows = Rows::new(keyed(page.items));
    let next = RwSignal::new(page.next_cursor);
    reread(
        move |what| on_first_page && *what == What::AuditWritten,
        move || {
            let page = PageQuery { limit: None, cursor: cursor.clone() };
            Box::pin(async move {
                // What fails now is read with the next entry, or the next connection.
                if let Ok(page) = api::audit::list_audit(project, page).await {
                    rows.follow(keyed(page.items));
                    let _ = next.try_set(page.next_cursor);
                }
            })
        },
    );
    view! {
        <Show when=move || rows.is_empty()>
            <Empty sign=Icon::Clock title="Nothing yet">
                <p>"Changes to the integration, the webhooks and the members appear here as they are made."</p>
            </Empty>
        </Show>
        <div class="table-wrap" hidden=move || rows.is_empty()>
            <table class="stack">
                <thead><tr><th>"What"</th><th>"Who"</th><th>"When"</th></tr></thead>
                <tbody><For each=move || rows.get() key=|row| row.id children=line/></tbody>
            </table>
        </div>
        {move || view! { <Pager next=next.get()/> }}
    }
}

fn keyed(entries: Vec<AuditEntry>) -> impl Iterator<Item = (AuditId, AuditEntry)> {
    entries.into_iter().map(|entry| (entry.id, entry))
}

fn line(row: Row<AuditId, AuditEntry>) -> AnyView {
    let flash = row.flash();
    let entry = row.value.get_untracked();
    view! {
        <tr data-flash=flash>
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
