//! The event picker: all events by subject, with a search. A subject can be selected as a whole, and
//! so can everything. Both include events that a later version adds.
//!
//! The search only hides rows. A form still sends what is selected in hidden ones.
//!
//! The section of custom events has those that the project has registered, and those that are selected.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::field::ignore_enter;
use crate::components::hydration::{use_hydrated, use_hydrated_effect};
use crate::components::icon::{Icon, icon};
use crate::custom_events::api::custom_event_types;
use crate::model::catalog::subscription::{self, Subscription};
use crate::model::catalog::{EventType, Subject};
use crate::model::id::ProjectId;

/// The toggled subscriptions, and whether they were selected.
pub type ToggleEvent = (Vec<Subscription>, bool);

#[derive(Clone, Copy)]
struct Picker {
    selected: Signal<Vec<Subscription>>,
    set: Callback<ToggleEvent>,
    name: &'static str,
    saved: Signal<Vec<Subscription>>,
    search: RwSignal<String>,
    custom: Memo<Vec<EventType>>,
}

#[component]
pub fn EventPicker(
    /// The selected subscriptions.
    #[prop(into)]
    selected: Signal<Vec<Subscription>>,
    /// Called with each toggle.
    #[prop(into)]
    set: Callback<ToggleEvent>,
    /// The name of the checkboxes in a form.
    #[prop(default = "")]
    name: &'static str,
    /// The subscriptions just saved, which get a check mark.
    #[prop(optional, into)]
    saved: Signal<Vec<Subscription>>,
    /// The hint while nothing is selected.
    none: &'static str,
    /// The ID of the error of the picker.
    #[prop(optional)]
    error_id: &'static str,
) -> impl IntoView {
    let hydrated = use_hydrated();
    let custom = custom_events(selected);
    let picker = Picker { selected, set, name, saved, search: RwSignal::new(String::new()), custom };
    let search = picker.search;
    let count = Memo::new(move |_| {
        let all = EventType::ALL.iter().copied().chain(custom.get());
        selected.with(|selected| included(selected, all))
    });
    let total = Memo::new(move |_| EventType::ALL.len() + custom.with(Vec::len));
    let is_empty = move || selected.with(Vec::is_empty);
    let no_match = move || {
        search.with(|search| {
            let found = ALL_EVENTS_TEXT.contains(search)
                || EventType::ALL.iter().any(|event| is_match(*event, search))
                || picker.is_found(Subject::Custom, search);
            (!found).then_some("No events match this search")
        })
    };
    view! {
        <fieldset class="event-picker" disabled=dynamic_value(move || !hydrated.get()) aria-describedby=(!error_id.is_empty()).then_some(error_id)>
            <legend class:visually-hidden=name.is_empty()>"Events"</legend>
            <div class="picker">
                <div class="top">
                    <span class="search-field grow">
                        {icon(Icon::Search)}
                        <input
                            type="search"
                            aria-label="Search events"
                            placeholder="Search events"
                            autocomplete="off"
                            on:input=move |event| search.set(event_target_value(&event).trim().to_ascii_lowercase())
                            on:keydown=ignore_enter
                        />
                    </span>
                    <span class="hint num" role="status">
                        {count}" of "{total}<span class="visually-hidden">" selected"</span>
                    </span>
                    <button
                        type="button"
                        class="button quiet small"
                        aria-label="Clear selected events"
                        disabled=is_empty
                        on:click=move |_| set.run((vec![Subscription::All], false))
                    >
                        "Clear"
                    </button>
                </div>
                <div class="list">
                    <div class="group" hidden=dynamic_value(move || search.with(|search| !ALL_EVENTS_TEXT.contains(search)))>
                        {picker.wildcard(Subscription::All, count)}
                        <p class="summary"><b>"All events"</b><span class="hint">"Including new ones"</span></p>
                    </div>
                    {Subject::ALL.iter().map(|&subject| picker.group(subject)).collect_view()}
                    <p class="no-match hint" role="status">{no_match}</p>
                </div>
            </div>
            <p class="hint none" role="status">{dynamic(move || is_empty().then_some(none))}</p>
        </fieldset>
    }
}

const ALL_EVENTS_TEXT: &str = "all events";

/// The label of a wildcard; `None` for a single event.
#[must_use]
pub fn wildcard_label(subscription: Subscription) -> Option<String> {
    match subscription {
        Subscription::All => Some("All events".to_owned()),
        Subscription::Subject(subject) => Some(format!("All {} events", subject.spec().noun)),
        Subscription::Event(_) => None,
    }
}

/// The custom events to select from, by name: those that were registered or selected since the picker opened.
fn custom_events(selected: Signal<Vec<Subscription>>) -> Memo<Vec<EventType>> {
    let registered = RwSignal::new(Vec::new());
    // A webhook with several projects has no page in a project.
    if let Some(project) = use_context::<ProjectId>() {
        use_hydrated_effect(move || {
            leptos::task::spawn_local(async move {
                if let Ok(types) = custom_event_types(project).await {
                    let _ = registered.try_set(types);
                }
            });
        });
    }
    Memo::new(move |before: Option<&Vec<EventType>>| {
        let mut all = before.cloned().unwrap_or_default();
        all.extend(registered.get());
        selected.with(|selected| {
            all.extend(selected.iter().filter_map(|entry| match entry {
                Subscription::Event(event) if event.is_custom() => Some(*event),
                _ => None,
            }));
        });
        all.sort_unstable();
        all.dedup();
        all
    })
}

/// How many of these events the subscriptions include.
fn included(selected: &[Subscription], events: impl Iterator<Item = EventType>) -> usize {
    events.filter(|event| subscription::includes(selected, Subscription::Event(*event))).count()
}

/// Whether each word of a search, in lower case, is in the name or the description of an event.
fn is_match(event: EventType, search: &str) -> bool {
    let name = event.as_str();
    let text = format!("{name} {} {} {}", name.replace(['_', '.'], " "), event.subject().label(), event.label());
    let text = text.to_ascii_lowercase();
    search.split_whitespace().all(|word| text.contains(word))
}

impl Picker {
    fn is_searching(self) -> bool {
        self.search.with(|search| !search.is_empty())
    }

    /// The events of a subject.
    fn events(self, subject: Subject) -> Vec<EventType> {
        if subject == Subject::Custom { self.custom.get() } else { EventType::for_subject(subject).collect() }
    }

    /// Whether a search finds an event of a subject. The section of custom events may have none.
    fn is_found(self, subject: Subject, search: &str) -> bool {
        let is_named = subject == Subject::Custom && subject.label().to_ascii_lowercase().contains(search);
        is_named || self.events(subject).into_iter().any(|event| is_match(event, search))
    }

    fn group(self, subject: Subject) -> AnyView {
        let events = move || self.events(subject);
        let count = Memo::new(move |_| {
            let events = events();
            self.selected.with(|selected| included(selected, events.into_iter()))
        });
        let is_whole = self.includes(Subscription::Subject(subject));
        let summary = move || match is_whole.get() {
            true => "All, including new ones".to_owned(),
            false => format!("{} of {}", count.get(), events().len()),
        };
        // Selected and toggled events stay visible during a search.
        let touched = RwSignal::new(count.get_untracked() > 0);
        Effect::new(move |before: Option<usize>| {
            let now = count.get();
            if before.is_some_and(|before| before != now) {
                touched.set(true);
            }
            now
        });
        let rows = if subject == Subject::Custom {
            view! { <For each=events key=|event| *event children=move |event| self.event(event)/> }.into_any()
        } else {
            events().into_iter().map(|event| self.event(event)).collect_view().into_any()
        };
        view! {
            <div
                class="group"
                role="group"
                aria-label=subject.label()
                hidden=dynamic_value(move || self.search.with(|search| !self.is_found(subject, search)))
            >
                {self.wildcard(Subscription::Subject(subject), count)}
                <details open=dynamic_value(move || touched.get() || self.is_searching())>
                    <summary>{icon(Icon::ChevronDown)}<b>{subject.label()}</b><span class="hint num">{summary}</span></summary>
                    <div class="list-of-events">{rows}</div>
                </details>
            </div>
        }
        .into_any()
    }

    /// The checkbox for all events of a subject, or of all subjects.
    fn wildcard(self, subscription: Subscription, count: Memo<usize>) -> AnyView {
        let on = self.includes(subscription);
        view! {
            <label class="all" title="Includes events that are added in later versions">
                {self.saved_mark(subscription)}
                {self.checkbox(subscription, on, Signal::derive(move || !on.get() && count.get() > 0), Signal::stored(false), wildcard_label(subscription))}
            </label>
        }
        .into_any()
    }

    fn event(self, event: EventType) -> AnyView {
        let subscription = Subscription::Event(event);
        let on = self.includes(subscription);
        // Which events would be left without one custom event isn't known.
        let of_wildcard = self.includes(Subscription::Subject(Subject::Custom));
        let disabled = Signal::derive(move || event.is_custom() && of_wildcard.get());
        view! {
            <div class="event-box" hidden=dynamic_value(move || self.search.with(|search| !is_match(event, search)))>
                <label title=event.label()>
                    {self.checkbox(subscription, on, Signal::stored(false), disabled, None)}
                    <code>{event.to_string()}</code>
                </label>
                {self.saved_mark(subscription)}
                {about_button(event)}
            </div>
        }
        .into_any()
    }

    /// Whether a subscription is selected. A wildcard includes its events.
    fn includes(self, subscription: Subscription) -> Memo<bool> {
        Memo::new(move |_| self.selected.with(|selected| subscription::includes(selected, subscription)))
    }

    fn checkbox(
        self,
        subscription: Subscription,
        on: Memo<bool>,
        partly: Signal<bool>,
        disabled: Signal<bool>,
        label: Option<String>,
    ) -> AnyView {
        let (name, set) = (self.name, self.set);
        view! {
            <input
                type="checkbox"
                name=(!name.is_empty()).then_some(name)
                value=subscription.to_string()
                aria-label=label
                checked=on.get_untracked()
                prop:checked=on
                prop:indeterminate=partly
                disabled=disabled
                on:change=move |change| set.run((vec![subscription], event_target_checked(&change)))
            />
        }
        .into_any()
    }

    fn saved_mark(self, subscription: Subscription) -> AnyView {
        let saved = self.saved;
        let mark = move || {
            let just_saved = saved.with(|saved| saved.contains(&subscription));
            just_saved.then(|| view! { <span class="saved">{icon(Icon::Check)}</span> })
        };
        mark.into_any()
    }
}

/// The button that opens the description and a sample of an event.
pub fn about_button(event: EventType) -> AnyView {
    let context = use_webhooks_page();
    view! {
        <button
            type="button"
            class="unstyled about"
            aria-label=format!("About {}", event.as_str())
            title="Description and sample"
            on:click=move |_| context.explained.set(Some(event))
        >
            {icon(Icon::Info)}
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(search: &str) -> Vec<&'static str> {
        EventType::ALL.iter().filter(|event| is_match(**event, search)).map(|event| event.as_str()).collect()
    }

    #[test]
    fn a_search_finds_names_subjects_and_descriptions() {
        assert_eq!(found("run completed"), ["test_run.completed", "automation_run.completed"]);
        assert_eq!(found("test_run.comp"), ["test_run.completed"]);
        assert_eq!(found("sessions dup"), ["session.duplicated"]);
        assert_eq!(found("charter"), ["session.updated"]);
        assert_eq!(found(" ").len(), EventType::ALL.len());
        assert!(found("spaceship").is_empty());
    }

    #[test]
    fn wildcards_are_named_by_their_subject() {
        assert_eq!(wildcard_label(Subscription::All).unwrap(), "All events");
        assert_eq!(wildcard_label(Subscription::Subject(Subject::TestRun)).unwrap(), "All test run events");
        assert_eq!(wildcard_label(Subscription::Event(EventType::CaseCreated)), None);
    }
}
