//! Describes an event and shows a sample of its payload. One dialog serves all pickers.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use crate::api::events::event_sample;
use crate::components::async_action::AsyncAction;
use crate::components::copy::CopyButton;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::skeleton::Skeleton;

#[component]
pub fn EventSampleDialog() -> impl IntoView {
    let explained = use_webhooks_page().explained;
    let sample = RwSignal::new(String::new());
    let action = AsyncAction::new();
    Effect::new(move |_| {
        let Some(event) = explained.get() else { return };
        sample.set(String::new());
        action.start(async move {
            let text = event_sample(event).await?;
            let _ = sample.try_set(text);
            Ok(())
        });
    });
    let title = move || explained.get().map_or_else(|| "Event".to_owned(), |event| event.to_string());
    let shown = move || {
        if action.pending().get() {
            return view! { <Skeleton lines=6/> }.into_any();
        }
        view! { <pre tabindex="0" aria-label="Sample payload">{sample}</pre> }.into_any()
    };
    view! {
        <Dialog
            open=Signal::derive(move || explained.get().is_some())
            title=Signal::derive(move || title().to_owned())
            wide=true
            on_close=move |()| explained.set(None)
        >
            <p>{dynamic(move || explained.get().map(|event| event.label()))}"."</p>
            <FormError error=action.error()/>
            <div class="code"><header><h3>"Sample payload"</h3><CopyButton text=sample what="the sample"/></header>{dynamic(shown)}</div>
            <div class="actions">
                <button type="button" class="button" autofocus on:click=move |_| explained.set(None)>"Close"</button>
            </div>
        </Dialog>
    }
}
