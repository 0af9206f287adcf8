//! The events in their four sections.

use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::model::catalog::{EventType, Subject};

/// Checkboxes for all events; each section has a way to take all or none of it.
#[component]
pub fn Picker(
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Vec<EventType>>,
    /// Told what was switched on or off.
    #[prop(into)]
    set: Callback<(Vec<EventType>, bool)>,
    /// The name of the boxes in a form.
    #[prop(default = "")]
    name: &'static str,
    /// What was just saved: a check-mark goes with it.
    #[prop(optional, into)]
    saved: Signal<Vec<EventType>>,
) -> impl IntoView {
    let section = move |&subject: &Subject| {
        let events: Vec<_> = EventType::of(subject).collect();
        let all = events.clone();
        let full = Memo::new(move |_| chosen.with(|chosen| all.iter().all(|event| chosen.contains(event))));
        let words = move || if full.get() { "Clear" } else { "Select all" };
        let boxes = events.iter().map(|&event| event_box(event, chosen, set, name, saved)).collect_view();
        view! {
            <div role="group" aria-label=subject.label()>
                <h3>
                    {subject.label()}
                    <button
                        type="button"
                        class="link"
                        aria-label=move || format!("{}: {}", subject.label(), words())
                        on:click=move |_| set.run((events.clone(), !full.get_untracked()))
                    >
                        {words}
                    </button>
                </h3>
                {boxes}
            </div>
        }
    };
    view! { <div class="events">{Subject::ALL.iter().map(section).collect_view()}</div> }
}

fn event_box(
    event: EventType,
    chosen: Signal<Vec<EventType>>,
    set: Callback<(Vec<EventType>, bool)>,
    name: &'static str,
    saved: Signal<Vec<EventType>>,
) -> impl IntoView {
    let on = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&event)));
    let just_saved = move || saved.with(|saved| saved.contains(&event));
    view! {
        <label title=event.label()>
            <input
                type="checkbox"
                name=(!name.is_empty()).then_some(name)
                value=event.as_str()
                checked=on.get_untracked()
                prop:checked=on
                on:change=move |change| set.run((vec![event], event_target_checked(&change)))
            />
            <code>{event.as_str()}</code>
            <Show when=just_saved><span class="saved">{icon(Icon::Check)}</span></Show>
        </label>
    }
}
