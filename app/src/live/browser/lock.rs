//! The lock that elects the tab which holds the stream: the browser's Web Locks. `web-sys` counts
//! them as unstable, so they are called by name.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::live::message::TabInput;

/// The global function that releases the lock. The script in the page's head calls it when the WASM
/// has crashed.
const RELEASE_FUNCTION: &str = "testbellReleaseLiveLock";

/// A lock that is held or waited for; released when dropped.
pub struct Lock {
    release: Option<Function>,
    abort: Option<AbortController>,
    dropped: Rc<Cell<bool>>,
}

/// Whether the browser has locks: only over https and on localhost.
pub fn is_supported() -> bool {
    manager().is_some()
}

fn manager() -> Option<JsValue> {
    let locks = Reflect::get(&window().navigator(), &JsValue::from_str("locks")).ok()?;
    (!locks.is_undefined() && !locks.is_null()).then_some(locks)
}

impl Lock {
    /// Asks for the lock `name`. `send` gets [`TabInput::LockAcquired`], and [`TabInput::LockLost`] when
    /// another tab steals it. Where the browser refuses locks, the tab continues as if it had one.
    pub fn request(name: &str, steal: bool, send: impl Fn(TabInput) + Clone + 'static) -> Option<Self> {
        let manager = manager()?;
        let request: Function = Reflect::get(&manager, &JsValue::from_str("request")).ok()?.dyn_into().ok()?;
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        if let Some(release) = &release {
            let _ = Reflect::set(&window(), &JsValue::from_str(RELEASE_FUNCTION), release);
        }
        let (acquired, dropped) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
        let granted = {
            let (send, acquired, dropped) = (send.clone(), acquired.clone(), dropped.clone());
            Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |_| {
                acquired.set(true);
                if !dropped.get() {
                    send(TabInput::LockAcquired);
                }
                held.clone().into()
            })
        };
        let options = Object::new();
        let abort = AbortController::new().ok();
        let option = |key: &str, value: &JsValue| {
            let _ = Reflect::set(&options, &JsValue::from_str(key), value);
        };
        match &abort {
            // The browser accepts only one of them.
            Some(abort) if !steal => option("signal", &abort.signal()),
            _ => option("steal", &JsValue::from_bool(steal)),
        }
        // The browser may call it after this value is dropped.
        let granted = granted.into_js_value();
        let result = request.call3(&manager, &JsValue::from_str(name), &options, &granted).ok()?;
        let promise: Promise = result.dyn_into().ok()?;
        leptos::task::spawn_local({
            let dropped = dropped.clone();
            async move {
                if JsFuture::from(promise).await.is_err() && !dropped.get() {
                    send(if acquired.get() { TabInput::LockLost } else { TabInput::LockAcquired });
                }
            }
        });
        Some(Self { release, abort, dropped })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.dropped.set(true);
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}
