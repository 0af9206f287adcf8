//! `/projects/{id}/settings/audit`: the audit log of the project. New entries appear live.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::components::dynamic::{ShowWhen, awaited, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::icon::Icon;
use crate::components::live_table::{headings, time_cell};
use crate::components::pager::Pager;
use crate::components::skeleton::table_skeleton;
use crate::layout::use_project;
use crate::live::{Row, Rows, use_refetcher};
use crate::model::audit::AuditEntry;
use crate::model::id::{AuditId, ProjectId};
use crate::model::live::ChangeKind;
use crate::model::page::{Page, PageQuery};
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

pub(super) const TABLE: &str = "stack compact audit";
pub(super) const HEADINGS: &[&str] = &["Action", "User", "Time"];

#[component]
pub fn Audit() -> impl IntoView {
    let project = use_project();
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let entries = PageResource::new(
        move || cursor.get(),
        move |cursor| api::audit::list_audit(project, PageQuery { limit: None, cursor }),
    );
    view! {
        <Title text="Audit log"/>
        <header class="page-head">
            <div><h1>"Audit log"</h1><p class="lead">"Changes to the project's settings."</p></div>
        </header>
        <Transition fallback=|| table_skeleton(TABLE, HEADINGS)>
            {awaited(move || async move {
                match entries.await {
                    Ok(page) => view! { <Entries page project cursor=cursor.get_untracked()/> }.into_any(),
                    Err(error) => view! { <PageError error what="the audit log" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// A page of entries. The first page follows new entries; stored entries never change.
#[component]
fn Entries(page: Page<AuditEntry>, project: ProjectId, cursor: Option<String>) -> impl IntoView {
    let on_first_page = cursor.is_none();
    let rows = Rows::new(keyed(page.items));
    let next = RwSignal::new(page.next_cursor);
    use_refetcher(
        move |kind| on_first_page && *kind == ChangeKind::AuditWritten,
        move || {
            let page = PageQuery { limit: None, cursor: cursor.clone() };
            Box::pin(async move {
                // A failed request is repeated with the next entry or the next connection.
                if let Ok(page) = api::audit::list_audit(project, page).await {
                    rows.reconcile(keyed(page.items));
                    let _ = next.try_set(page.next_cursor);
                }
            })
        },
    );
    view! {
        <ShowWhen when=move || rows.is_empty()>
            <Empty icon=Icon::Clock title="No entries yet">
                <p>"Changes to the integration, webhooks and members appear here."</p>
            </Empty>
        </ShowWhen>
        <div class="table-wrap" hidden=dynamic_value(move || rows.is_empty())>
            <table class=TABLE>
                <thead><tr>{headings(HEADINGS)}</tr></thead>
                <tbody><For each=move || rows.get() key=|row| row.id children=entry_row/></tbody>
            </table>
        </div>
        {dynamic(move || view! { <Pager next=next.get()/> })}
    }
}

fn keyed(entries: Vec<AuditEntry>) -> impl Iterator<Item = (AuditId, AuditEntry)> {
    entries.into_iter().map(|entry| (entry.id, entry))
}

fn entry_row(row: Row<AuditId, AuditEntry>) -> AnyView {
    let flash = row.flash();
    let cells = entry_cells(row.value.get_untracked());
    view! { <tr data-flash=flash>{cells}</tr> }.into_any()
}

/// The cells of an entry, also for the workspace's log.
pub(super) fn entry_cells(entry: AuditEntry) -> AnyView {
    let name = entry.subject_name;
    view! {
        <td class="primary-cell">
            <span class="item-title"><span class="title" title=name.clone()>{entry.action.label()}" · "<bdi>{name.clone()}</bdi></span></span>
            {entry.detail.map(|detail| view! { <span class="hint block">{detail}</span> })}
            {(!entry.subject.is_empty()).then(|| view! { <code class="hint block">{entry.subject}</code> })}
        </td>
        <td data-label="User">{entry.actor_name.unwrap_or_else(|| "Testbell".to_owned())}</td>
        {time_cell("Time", entry.at)}
    }
    .into_any()
}
