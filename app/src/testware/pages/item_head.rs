//! The head of an item's page: a breadcrumb, the key, the title and the actions.

use leptos::prelude::*;
use leptos_meta::Title;

use super::item_actions::ItemActions;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::pages::item_page::LiveItem;

/// `note` stands above the title.
pub fn item_head<T>(
    (id, project): (ItemId, ProjectId),
    item: &LiveItem<T>,
    (key, title): (Signal<String>, Signal<String>),
    completed: Signal<bool>,
    note: AnyView,
) -> AnyView {
    let (subject, deleted, changed) = (id.subject(), item.deleted, item.changed);
    let deleted_notice = move || {
        deleted.get().then(|| {
            let noun = subject.spec().noun;
            view! { <p class="note warn">{icon(Icon::Warning)}"This "{noun}" was deleted. This is its last version."</p> }
        })
    };
    view! {
        <Title text=move || title.get()/>
        <p class="crumbs"><a href=subject.list_path(project)>{subject.label()}</a></p>
        <div role="status">{deleted_notice}</div>
        {note}
        <header class="page-head">
            <div>
                <p class="key">{dynamic(move || key.get())}</p>
                <h1>{dynamic(move || title.get())}</h1>
            </div>
            <ItemActions id project completed deleted changed/>
        </header>
    }
    .into_any()
}
