//! The events in their four sections.

use leptos::prelude::*;

use super::desk::use_desk;
use crate::components::icon::{Icon, icon};
use crate::model::catalog::{EventType, Subject};

/// What was switched, and whether on.
pub type Switched = (Vec<EventType>, bool);

/// Checkboxes for all events; each section has one that takes all or none of it.
#[component]
pub fn Picker(
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Vec<EventType>>,
    /// Told what was switched on or off.
    #[prop(into)]
    set: Callback<Switched>,
    /// The name of the boxes in a form.
    #[prop(default = "")]
    name: &'static str,
    /// What was just saved: a check-mark goes with it.
    #[prop(optional, into)]
    saved: Signal<Vec<EventType>>,
) -> impl IntoView {
    let sections = Subject::ALL.iter().map(|&subject| section(subject, chosen, set, name, saved)).collect_view();
    let none = move || chosen.with(Vec::is_empty).then_some("No event is chosen: nothing is sent until one is.");
    view! {
        <div class="events">
            <p class="hint none" role="status">{none}</p>
            <div class="sections">{sections}</div>
        </div>
    }
}

fn section(
    subject: Subject,
    chosen: Signal<Vec<EventType>>,
    set: Callback<Switched>,
    name: &'static str,
    saved: Signal<Vec<EventType>>,
) -> AnyView {
    let of = move || EventType::of(subject);
    let count = Memo::new(move |_| chosen.with(|chosen| of().filter(|event| chosen.contains(event)).count()));
    let full = move || count.get() == of().count();
    let some = move || count.get() != 0 && !full();
    let boxes = of().map(|event| event_box(event, chosen, set, name, saved)).collect_view();
    view! {
        <div role="group" aria-label=subject.label()>
            <h3>
                {subject.label()}
                <label>
                    <input
                        type="checkbox"
                        aria-label=format!("{}: Select all", subject.label())
                        prop:checked=full
                        prop:indeterminate=some
                        on:change=move |change| set.run((of().collect(), event_target_checked(&change)))
                    />
                    "Select all"
                </label>
            </h3>
            {boxes}
        </div>
    }
    .into_any()
}

fn event_box(
    event: EventType,
    chosen: Signal<Vec<EventType>>,
    set: Callback<Switched>,
    name: &'static str,
    saved: Signal<Vec<EventType>>,
) -> AnyView {
    let on = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&event)));
    let just_saved = move || saved.with(|saved| saved.contains(&event));
    view! {
        <div class="event-box">
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
            </label>
            {move || just_saved().then(|| view! { <span class="saved">{icon(Icon::Check)}</span> })}
            {about(event)}
        </div>
    }
    .into_any()
}

/// The button that asks what an event means.
pub fn about(event: EventType) -> AnyView {
    let desk = use_desk();
    view! {
        <button
            type="button"
            class="bare about"
            aria-label=format!("About {}", event.as_str())
            title="Description and sample"
            on:click=move |_| desk.explained.set(Some(event))
        >
            {icon(Icon::Info)}
        </button>
    }
    .into_any()
}
