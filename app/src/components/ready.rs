//! Whether the browser has taken over the page.

use leptos::prelude::*;

#[derive(Clone, Copy)]
struct Ready(RwSignal<bool>);

/// Notes when the page is hydrated, for components, styles (`html[data-ready]`) and tests. Once in
/// an app.
pub fn provide_ready() {
    let ready = RwSignal::new(false);
    provide_context(Ready(ready));
    Effect::new(move |_| {
        ready.set(true);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-ready", "");
        }
    });
}

/// Whether the page is hydrated. What shows a secret once must wait for it: a form that is sent
/// before would lose what comes back.
pub fn use_ready() -> Signal<bool> {
    use_context::<Ready>().map_or_else(|| Signal::stored(true), |ready| ready.0.into())
}
