//! The select field for the state of a run or session.

use leptos::prelude::*;

use crate::components::badge;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::testware::execution::State;
use crate::testware::execution::api::SetExecutionState;
use crate::testware::item::TestwareItem;

/// A select field that changes the state at once; a completed item only shows it. Without
/// JavaScript the edit form changes it.
#[component]
pub fn StateSelect(item: Memo<TestwareItem>, open: Memo<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let set_state = PageAction::<SetExecutionState>::new();
    let error = set_state.error();
    set_state.on_success(move |()| changed.run(()));
    let resets = RwSignal::new(0u32);
    Effect::new(move |_| {
        if let Some(error) = error.get() {
            toasts.failed(error.to_string());
            resets.update(|resets| *resets += 1);
        }
    });
    let state = Memo::new(move |_| item.with(|item| item.state).unwrap_or(State::New));
    let change = move |event| {
        if let Ok(state) = event_target_value(&event).parse() {
            set_state.dispatch(SetExecutionState { id: item.with_untracked(|item| item.id), state });
        }
    };
    let value = move || {
        resets.get();
        state.get().as_str()
    };
    let options = State::ALL
        .iter()
        .map(|it| view! { <option value=it.as_str() selected=*it == state.get_untracked()>{it.label()}</option> })
        .collect_view();
    view! {
        <select class="needs-script" aria-label="State" hidden=dynamic_value(move || !open.get()) prop:value=dynamic_value(value) on:change=change>{options}</select>
        <span class="read-only">
            {dynamic(move || match item.with(|item| item.completed_at.map(|_| item.counts)) {
                Some(counts) => badge::outcome(&counts),
                None => badge::state(state.get()).into_any(),
            })}
        </span>
    }
}
