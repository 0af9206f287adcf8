//! The head of an item's page: a breadcrumb, the title with its badge, and the actions.

use leptos::prelude::*;
use leptos_meta::Title;

use super::dynamic::dynamic;
use super::icon::{Icon, icon};

/// The parts of the head.
pub struct ItemHead {
    /// The path of the list.
    pub list: String,
    /// The name of the list.
    pub list_label: &'static str,
    /// The item's key, which may be empty.
    pub key: AnyView,
    /// The item's title.
    pub title: Signal<String>,
    /// The item's state.
    pub badge: AnyView,
    /// Notes about the item.
    pub notes: AnyView,
    /// One visible action, and a menu with the others.
    pub actions: AnyView,
}

/// See the [module](self).
pub fn item_head(ItemHead { list, list_label, key, title, badge, notes, actions }: ItemHead) -> AnyView {
    view! {
        // The page may be gone before the head of the document is.
        <Title text=move || title.try_get().unwrap_or_default()/>
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href=list>{list_label}</a>{icon(Icon::ChevronRight)}{key}
        </nav>
        <header class="page-head">
            <div class="row">
                <h1>{dynamic(move || title.get())}</h1>
                {badge}
            </div>
            {actions}
        </header>
        {notes}
    }
    .into_any()
}
