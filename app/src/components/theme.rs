//! The theme: light, dark or system. It is stored in the browser, and a script in the document's
//! head applies it before the first paint.

use leptos::prelude::*;

use super::dynamic::dynamic_value;
use super::hydration::use_hydrated_effect;
use super::icon::{Icon, icon};

const STORAGE_KEY: &str = "theme";

/// The theme switch.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let selected = RwSignal::new(None::<String>);
    use_hydrated_effect(move || selected.set(Some(stored().unwrap_or_default())));
    let choose = move |theme: &'static str| {
        if let Ok(Some(storage)) = window().local_storage() {
            // Without storage, the theme lasts until the user leaves the page.
            let _ =
                if theme.is_empty() { storage.remove_item(STORAGE_KEY) } else { storage.set_item(STORAGE_KEY, theme) };
        }
        if let Some(root) = document().document_element() {
            let _ = if theme.is_empty() {
                root.remove_attribute("data-theme")
            } else {
                root.set_attribute("data-theme", theme)
            };
        }
        selected.set(Some(theme.to_owned()));
    };
    let choice = move |theme: &'static str, text: &'static str, symbol: Icon| {
        view! {
            <label title=text>
                <input
                    type="radio"
                    name="theme"
                    value=theme
                    prop:checked=dynamic_value(move || selected.get().as_deref() == Some(theme))
                    on:change=move |_| choose(theme)
                />
                {icon(symbol)}
                <span class="visually-hidden">{text}</span>
            </label>
        }
    };
    view! {
        <fieldset class="theme">
            <legend class="visually-hidden">"Theme"</legend>
            {choice("light", "Light", Icon::Sun)}
            {choice("dark", "Dark", Icon::Moon)}
            {choice("", "System", Icon::Screen)}
        </fieldset>
    }
}

fn stored() -> Option<String> {
    window().local_storage().ok().flatten().and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten())
}
