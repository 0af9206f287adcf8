//! The events in their four sections. A section can be chosen as a whole: then it includes events
//! that a later release adds.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use crate::components::icon::{Icon, icon};
use crate::model::catalog::subscription::{self, Subscription};
use crate::model::catalog::{EventType, Subject};

/// What was switched, and whether on.
pub type ToggleEvent = (Vec<Subscription>, bool);

#[derive(Clone, Copy)]
struct Boxes {
    chosen: Signal<Vec<Subscription>>,
    set: Callback<ToggleEvent>,
    name: &'static str,
    saved: Signal<Vec<Subscription>>,
}

/// Checkboxes for all events; each section has one that takes all or none of it, and one for all of
/// its events whatever is added later.
#[component]
pub fn Picker(
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Vec<Subscription>>,
    /// Told what was switched on or off.
    #[prop(into)]
    set: Callback<ToggleEvent>,
    /// The name of the boxes in a form.
    #[prop(default = "")]
    name: &'static str,
    /// What was just saved: a check-mark goes with it.
    #[prop(optional, into)]
    saved: Signal<Vec<Subscription>>,
    /// What to say while nothing is chosen.
    none: &'static str,
) -> impl IntoView {
    let boxes = Boxes { chosen, set, name, saved };
    let sections = Subject::ALL.iter().map(|&subject| section(subject, boxes)).collect_view();
    let none = move || chosen.with(Vec::is_empty).then_some(none);
    view! {
        <div class="events">
            <p class="hint none" role="status">{none}</p>
            {boxes.row(Subscription::All)}
            <div class="sections">{sections}</div>
        </div>
    }
}

/// What a wildcard is called; none for a single event.
#[must_use]
pub fn wildcard_label(subscription: Subscription) -> Option<String> {
    match subscription {
        Subscription::All => Some("All events".to_owned()),
        Subscription::Subject(subject) => Some(format!("All {} events", subject.as_str().replace('_', " "))),
        Subscription::Event(_) => None,
    }
}

fn section(subject: Subject, boxes: Boxes) -> AnyView {
    let of = move || EventType::of(subject).map(Subscription::Event);
    let chosen = boxes.chosen;
    let count =
        Memo::new(move |_| chosen.with(|chosen| of().filter(|event| subscription::includes(chosen, *event)).count()));
    let full = move || count.get() == of().count();
    let some = move || count.get() != 0 && !full();
    let rows = of().map(|event| boxes.row(event)).collect_view();
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
                        on:change=move |change| boxes.set.run((of().collect(), event_target_checked(&change)))
                    />
                    "Select all"
                </label>
            </h3>
            {boxes.row(Subscription::Subject(subject))}
            {rows}
        </div>
    }
    .into_any()
}

impl Boxes {
    /// One box. A wildcard includes its events, so their boxes are checked with it.
    fn row(self, subscription: Subscription) -> AnyView {
        let Self { chosen, set, name, saved } = self;
        let on = Memo::new(move |_| chosen.with(|chosen| subscription::includes(chosen, subscription)));
        let just_saved = move || saved.with(|saved| saved.contains(&subscription));
        let (label, title, about) = match subscription {
            Subscription::Event(event) => {
                (view! { <code>{event.as_str()}</code> }.into_any(), event.label(), Some(about(event)))
            }
            _ => (wildcard_label(subscription).into_any(), "Includes events that are added in later versions", None),
        };
        view! {
            <div class="event-box">
                <label title=title>
                    <input
                        type="checkbox"
                        name=(!name.is_empty()).then_some(name)
                        value=subscription.to_string()
                        checked=on.get_untracked()
                        prop:checked=on
                        on:change=move |change| set.run((vec![subscription], event_target_checked(&change)))
                    />
                    {label}
                </label>
                {move || just_saved().then(|| view! { <span class="saved">{icon(Icon::Check)}</span> })}
                {about}
            </div>
        }
        .into_any()
    }
}

/// The button that asks what an event means.
pub fn about(event: EventType) -> AnyView {
    let context = use_webhooks_page();
    view! {
        <button
            type="button"
            class="bare about"
            aria-label=format!("About {}", event.as_str())
            title="Description and sample"
            on:click=move |_| context.explained.set(Some(event))
        >
            {icon(Icon::Info)}
        </button>
    }
    .into_any()
}
