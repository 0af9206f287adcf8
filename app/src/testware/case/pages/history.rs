//! The change history on the page of a case, newest first. `?history=open` shows it; only then it is read.

use leptos::prelude::*;

use super::diff::{field_diffs, field_label};
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::failure::PageError;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::live::use_refetcher;
use crate::model::catalog::Subject;
use crate::model::page::Page;
use crate::page_resource::PageResource;
use crate::testware::case::history::CaseVersion;
use crate::testware::case::{CaseId, api};
use crate::url_state::use_url_state;

/// The section.
#[component]
pub fn History(id: CaseId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Memo::new(move |_| url_state.param("history").is_some());
    let cursor = Memo::new(move |_| url_state.param("before"));
    let versions = PageResource::new_blocking(
        move || (open.get(), cursor.get()),
        move |(open, cursor)| async move { if open { api::read_history(id, cursor).await.map(Some) } else { Ok(None) } },
    );
    let toggle = move || {
        let value = (!open.get()).then_some("open");
        url_state.with(&[("history", value), ("before", None)])
    };
    view! {
        <section class="more history">
            <div class="section-head">
                <h2>"History"</h2>
                <a class="button" href=dynamic_value(toggle) data-noscroll="">
                    {dynamic(move || if open.get() { "Hide history" } else { "Show history" })}
                </a>
            </div>
            <Transition fallback=|| view! { <p class="hint">"Loading history…"</p> }>
                {awaited(move || async move {
                    match versions.await {
                        Ok(Some(page)) => view! { <Versions page cursor=cursor.get_untracked() id/> }.into_any(),
                        Ok(None) => ().into_any(),
                        Err(error) => view! { <PageError error what="the history" part=true/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Versions(page: Page<CaseVersion>, cursor: Option<String>, id: CaseId) -> impl IntoView {
    let page = RwSignal::new(page);
    use_refetcher(
        move |change| change.item_of(Subject::Case) == Some(id.0),
        move || {
            let cursor = cursor.clone();
            Box::pin(async move {
                if let Ok(now) = api::read_history(id, cursor).await
                    && page.try_with_untracked(|page| *page != now) == Some(true)
                {
                    page.set(now);
                }
            })
        },
    );
    let none = move || {
        page.with(|page| page.items.is_empty()).then(|| view! { <p class="hint">"No changes are recorded yet."</p> })
    };
    view! {
        {dynamic(none)}
        <ol>
            <For each=move || page.with(|page| page.items.clone()) key=|version| version.id children=version_view/>
        </ol>
        {dynamic(move || view! { <Pager next=page.with(|page| page.next_cursor.clone()) param="before" label="Pages of the history"/> })}
    }
}

fn version_view(version: CaseVersion) -> AnyView {
    let what = if version.created {
        "created the case".to_owned()
    } else {
        let fields: Vec<_> = version.changed.iter().map(|field| field_label(field).to_ascii_lowercase()).collect();
        format!("changed {}", fields.join(", "))
    };
    let changes = (!version.created).then(|| field_diffs(version.changes));
    view! {
        <li class="card">
            <p><b dir="auto">{version.user}</b>" "{what}" "<RelativeTime time=version.created_at/></p>
            {changes}
        </li>
    }
    .into_any()
}
