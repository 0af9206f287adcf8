//! Tabs within a page that are not in the URL. The selected tab is in the tab order. The arrow
//! keys, Home and End select another one.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::dynamic::dynamic_value;
use leptos::web_sys::{Element, HtmlElement};
use wasm_bindgen::JsCast;

/// A list of tabs, each with a number.
#[derive(Clone, Copy)]
pub struct TabList {
    /// The prefix of the IDs of tabs and panels, unique on the page.
    pub id: &'static str,
    /// The number of the selected tab.
    pub selected: Signal<u32>,
    /// Selects a tab.
    pub select: Callback<u32>,
    /// Whether the tabs are below each other.
    pub vertical: bool,
}

impl TabList {
    /// The element around the tabs.
    pub fn list(self, label: &'static str, class: &'static str, tabs: AnyView) -> AnyView {
        let orientation = if self.vertical { "vertical" } else { "horizontal" };
        view! {
            <div role="tablist" class=class aria-label=label aria-orientation=orientation on:keydown=move |event| self.on_key(&event)>
                {tabs}
            </div>
        }
        .into_any()
    }

    /// A tab.
    pub fn tab(self, number: u32, class: &'static str, content: AnyView) -> AnyView {
        let on = Memo::new(move |_| self.selected.get() == number);
        view! {
            <button
                type="button"
                role="tab"
                class=class
                id=format!("{}-tab-{number}", self.id)
                aria-selected=dynamic_value(move || on.get().to_string())
                aria-controls=format!("{}-panel", self.id)
                tabindex=dynamic_value(move || if on.get() { "0" } else { "-1" })
                on:click=move |_| self.select.run(number)
            >
                {content}
            </button>
        }
        .into_any()
    }

    /// The content of the selected tab.
    pub fn panel(self, content: AnyView) -> AnyView {
        let tab = move || format!("{}-tab-{}", self.id, self.selected.get());
        view! { <div role="tabpanel" id=format!("{}-panel", self.id) aria-labelledby=tab>{content}</div> }.into_any()
    }

    fn on_key(self, event: &KeyboardEvent) {
        let Some(tab) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let list = tab.parent_element();
        let [back, forward] = if self.vertical { ["ArrowUp", "ArrowDown"] } else { ["ArrowLeft", "ArrowRight"] };
        let next = match event.key() {
            key if key == back => first_tab(tab.previous_element_sibling(), Element::previous_element_sibling),
            key if key == forward => first_tab(tab.next_element_sibling(), Element::next_element_sibling),
            key if key == "Home" => {
                first_tab(list.and_then(|list| list.first_element_child()), Element::next_element_sibling)
            }
            key if key == "End" => {
                first_tab(list.and_then(|list| list.last_element_child()), Element::previous_element_sibling)
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
            let _ = next.focus();
            next.click();
        }
    }
}

/// The first tab in a direction; there may be other elements between tabs.
fn first_tab(mut element: Option<Element>, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    while let Some(found) = element {
        if found.get_attribute("role").as_deref() == Some("tab") {
            return Some(found);
        }
        element = step(&found);
    }
    None
}
