//! The hydration state of the page.

use leptos::prelude::*;

/// False until the page is hydrated. The hydrating code creates it and provides it to the app.
#[derive(Clone)]
pub struct HydrationState(ArcRwSignal<bool>);

impl Default for HydrationState {
    fn default() -> Self {
        Self(ArcRwSignal::new(false))
    }
}

impl HydrationState {
    /// Notes that the page is hydrated, for components, styles (`html[data-ready]`) and tests.
    pub fn set(&self) {
        self.0.set(true);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-ready", "");
        }
    }
}

/// Whether the page is hydrated; never on the server. What shows a secret once must wait for it: a
/// form that is sent before would lose what comes back.
pub fn use_hydrated() -> Signal<bool> {
    use_context::<HydrationState>().unwrap_or_default().0.into()
}

/// An effect that begins once the page is hydrated. The code of a page may come a moment after what
/// is around it was set up; what changes in between would be taken for what the server wrote.
pub fn use_hydrated_effect(effect: impl Fn() + 'static) {
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        if hydrated.get() {
            effect();
        }
    });
}
