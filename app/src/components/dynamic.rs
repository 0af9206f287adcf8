//! Parts of a view that change with what they read.
//!
//! A closure in a view has a type of its own, and the WASM gets a copy of the rendering code for each. What
//! these functions return has one type for all closures.

use leptos::prelude::*;

/// A view that changes.
pub fn dynamic<V: IntoAny>(mut view: impl FnMut() -> V + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || view().into_any())
}

/// The value of an attribute, a class or a property that changes.
pub fn dynamic_value<T>(value: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(value)
}

/// A view that awaits data.
pub fn awaited<V, Fut>(mut view: impl FnMut() -> Fut + Send + 'static) -> Box<dyn FnMut() -> Suspend<AnyView> + Send>
where
    V: IntoAny + 'static,
    Fut: Future<Output = V> + Send + 'static,
{
    Box::new(move || {
        let view = view();
        Suspend::new(async move { view.await.into_any() })
    })
}

/// Shows its children while a condition holds, and else the fallback.
#[component]
pub fn ShowWhen(
    #[prop(into)] when: Signal<bool>,
    #[prop(optional, into)] fallback: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    // Children are kept while the condition stays the same.
    let when = Memo::new(move |_| when.get());
    dynamic(move || if when.get() { children() } else { fallback.run() })
}
