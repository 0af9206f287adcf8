//! Short confirmations and errors, announced by screen readers.

use std::time::Duration;

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::{Icon, icon};

const DISPLAY_TIME: Duration = Duration::from_secs(6);

#[derive(Clone)]
struct Toast {
    number: u32,
    tone: Tone,
    text: String,
}

/// The toasts of the tab.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last_number: StoredValue<u32>,
}

/// Provides the toasts. Call it once in the app.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { shown: RwSignal::new(Vec::new()), last_number: StoredValue::new(0) };
    provide_context(toasts);
    toasts
}

/// The toasts of the app.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

impl Toasts {
    /// Confirms a successful action.
    pub fn done(self, text: impl Into<String>) {
        self.add(Tone::Ok, text.into());
    }

    /// Shows an error.
    pub fn failed(self, text: impl Into<String>) {
        self.add(Tone::Bad, text.into());
    }

    fn add(self, tone: Tone, text: String) {
        let number = self.last_number.with_value(|number| number + 1);
        self.last_number.set_value(number);
        self.shown.update(|shown| shown.push(Toast { number, tone, text }));
        set_timeout(move || self.dismiss(number), DISPLAY_TIME);
    }

    fn dismiss(self, number: u32) {
        self.shown.update(|shown| shown.retain(|toast| toast.number != number));
    }
}

/// The area in which toasts appear.
#[component]
pub fn ToastRegion(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite" aria-label="Messages">
            <For each=move || toasts.shown.get() key=|toast| toast.number let:toast>
                <div class=if toast.tone == Tone::Bad { "toast bad" } else { "toast" }>
                    {icon(if toast.tone == Tone::Bad { Icon::Warning } else { Icon::Check })}
                    <span>{toast.text}</span>
                    <button
                        type="button"
                        class="button quiet"
                        aria-label="Dismiss"
                        on:click=move |_| toasts.dismiss(toast.number)
                    >
                        {icon(Icon::Cross)}
                    </button>
                </div>
            </For>
        </div>
    }
}
