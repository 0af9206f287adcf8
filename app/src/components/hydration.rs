//! The hydration state of the page.

use leptos::prelude::*;

/// False until the page is hydrated. The entry point in the browser creates it.
#[derive(Clone)]
pub struct HydrationState(ArcRwSignal<bool>);

impl Default for HydrationState {
    fn default() -> Self {
        Self(ArcRwSignal::new(false))
    }
}

impl HydrationState {
    /// Marks the page as hydrated, for components, styles (`html[data-ready]`) and tests.
    pub fn set(&self) {
        self.0.set(true);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-ready", "");
        }
    }
}

/// Whether the page is hydrated; never on the server. Forms whose response shows a secret once wait
/// for it, because a plain form would lose that response.
pub fn use_hydrated() -> Signal<bool> {
    use_context::<HydrationState>().unwrap_or_default().0.into()
}

/// An effect that first runs when the page is hydrated. The code of a page may load later than the
/// code around it. A change in between would otherwise differ from the server's HTML.
pub fn use_hydrated_effect(effect: impl Fn() + 'static) {
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        if hydrated.get() {
            effect();
        }
    });
}
