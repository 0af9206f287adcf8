//! The channel between the tabs of a browser. Its API is called by name, because another feature of
//! `web-sys` would be compiled on the server too.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, MessageEvent};

use super::listener::Listener;
use crate::json::from_json;
use crate::live::message::TabMessage;

/// Closed on drop.
pub struct Channel {
    channel: EventTarget,
    _listener: Listener,
}

fn constructor() -> Option<Function> {
    Reflect::get(&js_sys::global(), &JsValue::from_str("BroadcastChannel")).ok()?.dyn_into().ok()
}

impl Channel {
    /// Whether the browser supports channels.
    pub fn is_supported() -> bool {
        constructor().is_some()
    }

    /// Joins the channel `name`.
    pub fn open(name: &str, receive: impl Fn(TabMessage) + 'static) -> Option<Self> {
        let channel = Reflect::construct(&constructor()?, &Array::of1(&JsValue::from_str(name))).ok()?;
        let channel: EventTarget = channel.dyn_into().ok()?;
        let listener = Listener::new(&channel, "message", move |event| {
            let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
            // A tab of another release may send unknown messages.
            if let Some(message) = text.and_then(|text| from_json(&text).ok()) {
                receive(message);
            }
        });
        Some(Self { channel, _listener: listener })
    }

    /// Sends a message to all other tabs.
    pub fn send(&self, message: &TabMessage) {
        if let Ok(text) = serde_json::to_string(message) {
            self.call("postMessage", &Array::of1(&JsValue::from_str(&text)));
        }
    }

    fn call(&self, name: &str, arguments: &Array) {
        let method = Reflect::get(&self.channel, &JsValue::from_str(name)).ok();
        if let Some(method) = method.as_ref().and_then(|method| method.dyn_ref::<Function>()) {
            // A channel that the browser has closed takes no message.
            let _ = method.apply(&self.channel, arguments);
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.call("close", &Array::new());
    }
}
