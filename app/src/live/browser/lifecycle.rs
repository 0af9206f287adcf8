//! The lifecycle of a page: hidden, frozen, in the back/forward cache, restored, visible.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::PageTransitionEvent;

use super::listener::Listener;
use crate::live::message::TabInput;

/// Whether the tab is visible.
pub fn is_visible() -> bool {
    !document().hidden()
}

/// Listens until the listeners are dropped. Where tabs can't share a stream, hidden tabs have none:
/// six streams would use up the browser's connections to the server.
pub fn listen(shares: bool, send: impl Fn(TabInput) + Clone + 'static) -> Vec<Listener> {
    let (window, document) = (window(), document());
    let on = |target: &web_sys::EventTarget, name, input: TabInput| {
        let send = send.clone();
        Listener::new(target, name, move |_| send(input.clone()))
    };
    let shown = {
        let send = send.clone();
        Listener::new(&window, "pageshow", move |event| {
            if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
                send(TabInput::Show);
            }
        })
    };
    let visibility = {
        let send = send.clone();
        Listener::new(&document, "visibilitychange", move |_| match (is_visible(), shares) {
            (true, true) => send(TabInput::Wake),
            (true, false) => send(TabInput::Show),
            (false, true) => {}
            (false, false) => send(TabInput::Hide),
        })
    };
    vec![
        on(&window, "pagehide", TabInput::Hide),
        on(&window, "online", TabInput::Wake),
        on(&document, "freeze", TabInput::Hide),
        on(&document, "resume", TabInput::Show),
        shown,
        visibility,
    ]
}
