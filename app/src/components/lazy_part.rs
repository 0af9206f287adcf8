//! A part of a page whose code is in a chunk of its own.

use futures::FutureExt;
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;

use super::dynamic::dynamic;
use super::hydration::use_hydrated_effect;
use crate::chunks::Chunk;

/// A part of a page, unless its code could not be loaded.
type Loaded = Result<AnyView, SplitLoaderError>;

/// Shows the part at once if its code has loaded. It always has on the server, and so it must have in the
/// browser when the page is hydrated. Else shows the fallback until it has.
pub fn lazy_part<F>(chunk: Chunk, view: impl Fn() -> F + Send + 'static, fallback: fn() -> AnyView) -> AnyView
where
    F: Future<Output = Loaded>,
{
    let loaded = RwSignal::new(false);
    load(chunk, loaded);
    if loaded.get_untracked() {
        return now(view());
    }
    dynamic(move || if loaded.get() { now(view()) } else { fallback() }).into_any()
}

/// Loads the part when the page is hydrated, and shows nothing before. For what opens only on a click.
pub fn deferred_part<F>(chunk: Chunk, view: impl Fn() -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Loaded>,
{
    let loaded = RwSignal::new(false);
    use_hydrated_effect(move || load(chunk, loaded));
    dynamic(move || loaded.get().then(|| now(view()))).into_any()
}

/// A dialog that the URL opens: shown at once if it is open at first, else loaded when the page is hydrated.
pub fn dialog_part<F>(open_at_first: bool, chunk: Chunk, view: impl Fn() -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Loaded>,
{
    if open_at_first { lazy_part(chunk, view, || ().into_any()) } else { deferred_part(chunk, view) }
}

/// Loads a chunk when the page is hydrated, so that what needs it later opens at once.
pub fn load_later(chunk: Chunk) {
    let loaded = RwSignal::new(false);
    use_hydrated_effect(move || load(chunk, loaded));
}

/// Starts to load a chunk. The signal turns true at once if it has loaded already.
fn load(chunk: Chunk, loaded: RwSignal<bool>) {
    let mut loading = Box::pin(chunk.load());
    if loading.as_mut().now_or_never().is_some() {
        return loaded.set(true);
    }
    leptos::task::spawn_local(async move {
        loading.await;
        // The user may have left the page.
        let _ = loaded.try_set(true);
    });
}

/// The view of a part whose code has loaded.
fn now(view: impl Future<Output = Loaded>) -> AnyView {
    view.now_or_never().and_then(Result::ok).into_any()
}
