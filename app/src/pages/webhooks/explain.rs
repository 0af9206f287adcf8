//! What an event means, and a sample of what is sent for it. One dialog serves all pickers.

use leptos::prelude::*;

use super::desk::use_desk;
use crate::api::events::event_sample;
use crate::components::copy::CopyButton;
use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::skeleton::Skeleton;
use crate::components::task::Task;

/// See the [module](self).
#[component]
pub fn ExplainDialog() -> impl IntoView {
    let explained = use_desk().explained;
    let sample = RwSignal::new(String::new());
    let task = Task::new();
    Effect::new(move |_| {
        let Some(event) = explained.get() else { return };
        sample.set(String::new());
        task.start(async move {
            let text = event_sample(event).await?;
            let _ = sample.try_set(text);
            Ok(())
        });
    });
    let title = move || explained.get().map_or("Event", |event| event.as_str());
    let shown = move || {
        if task.pending().get() {
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
            <p>{move || explained.get().map(|event| event.label())}"."</p>
            <FormError error=task.error()/>
            <div class="sub"><h3>"Sample payload"</h3><CopyButton text=sample what="the sample"/></div>
            {shown}
            <div class="actions">
                <button type="button" class="button" autofocus on:click=move |_| explained.set(None)>"Close"</button>
            </div>
        </Dialog>
    }
}
