//! The head of a case, run or session: its names, its state and its actions.

use leptos::prelude::*;

use super::item_actions::ItemActions;
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::item_head::{self, ItemHead};
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::pages::item_page::LiveItem;

/// `badge` is its state, and `note` stands below the title.
pub fn item_head<T>(
    (id, project): (ItemId, ProjectId),
    item: &LiveItem<T>,
    (key, title): (Signal<String>, Signal<String>),
    completed: Signal<bool>,
    (badge, note): (AnyView, AnyView),
) -> AnyView {
    let (deleted, changed) = (item.deleted, item.changed);
    let actions = view! { <ItemActions id project completed deleted changed/> };
    item_head_with((id, project), item, (key, title), (badge, note), actions.into_any())
}

/// [`item_head()`] with actions that only one subject has.
pub fn item_head_with<T>(
    (id, project): (ItemId, ProjectId),
    item: &LiveItem<T>,
    (key, title): (Signal<String>, Signal<String>),
    (badge, note): (AnyView, AnyView),
    actions: AnyView,
) -> AnyView {
    let (subject, deleted) = (id.subject(), item.deleted);
    let deleted_notice = move || {
        deleted.get().then(|| {
            let noun = subject.spec().noun;
            view! { <p class="note warn spaced">{icon(Icon::Warning)}"This "{noun}" was deleted. This is its last version."</p> }
        })
    };
    item_head::item_head(ItemHead {
        list: subject.list_path(project),
        list_label: subject.label(),
        key: view! { <span class="key">{dynamic(move || key.get())}</span> }.into_any(),
        title,
        badge,
        notes: view! { <div role="status">{deleted_notice}</div>{note} }.into_any(),
        actions,
    })
}
