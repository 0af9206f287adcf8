//! What the pages of issues and testware share: they read the item that the URL names, and follow live
//! changes.

use std::future::Future;
use std::sync::Arc;

use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::skeleton::item_skeleton;
use crate::error::{Error, Result};
use crate::live::use_refetcher;
use crate::model::item_id::ItemId;
use crate::page_resource::PageResource;

/// Reads what the address names, and shows it. `key` is `None` while the address names no item.
pub fn item_page<K, T, F>(
    key: Memo<Option<K>>,
    read: impl Fn(K) -> F + Copy + Send + Sync + 'static,
    show: impl Fn(K, T) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let item = PageResource::new_blocking(
        move || key.get(),
        move |key| async move {
            match key {
                Some(key) => read(key).await,
                None => Err(Error::NotFound),
            }
        },
    );
    view! {
        <Transition fallback=item_skeleton>
            {awaited(move || async move {
                match (item.await, key.get_untracked()) {
                    (Ok(item), Some(key)) => show(key, item),
                    (Ok(_), None) => view! { <PageError error=Error::NotFound/> }.into_any(),
                    (Err(error), _) => view! { <PageError error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// An item on its page.
pub struct LiveItem<T: 'static> {
    /// Its latest version.
    pub shown: RwSignal<T>,
    /// Whether somebody has deleted it since.
    pub deleted: RwSignal<bool>,
    /// How often it has changed since.
    pub changes: RwSignal<u32>,
    /// Reads it again, after a change by this page.
    pub changed: Callback<()>,
}

/// Shows an item, and reads it again by `read` after changes. `before` gets each new version before it
/// is shown.
pub fn live_item<T: PartialEq + Send + Sync + 'static>(
    id: ItemId,
    item: T,
    read: impl Fn() -> LocalBoxFuture<'static, Result<T>> + Send + Sync + 'static,
    before: impl Fn(&T) + Send + Sync + 'static,
) -> LiveItem<T> {
    let (shown, deleted, changes) = (RwSignal::new(item), RwSignal::new(false), RwSignal::new(0u32));
    let before = Arc::new(before);
    let refetcher = use_refetcher(
        move |change| change.item_of(id.subject()) == Some(id.uuid()),
        move || {
            let (reading, before) = (read(), Arc::clone(&before));
            Box::pin(async move {
                match reading.await {
                    Ok(item) if shown.try_with_untracked(|shown| *shown != item) == Some(true) => {
                        before(&item);
                        shown.set(item);
                        changes.update(|changes| *changes += 1);
                    }
                    Err(Error::NotFound) => {
                        let _ = deleted.try_set(true);
                    }
                    _ => {}
                }
            })
        },
    );
    LiveItem { shown, deleted, changes, changed: Callback::new(move |()| refetcher.now()) }
}
