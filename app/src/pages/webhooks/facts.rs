//! The facts of a webhook in one line: its events or repository, and the times of its latest
//! traffic.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::links::deliveries_path;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::hydration::use_hydrated;
use crate::components::number::counted;
use crate::components::relative_time::{RelativeTime, RelativeTimeOrNever};
use crate::model::catalog::{EventType, Subject, Subscription};
use crate::model::webhook::{Direction, Webhook};

pub fn facts(webhook: Signal<Webhook>, admin: bool) -> AnyView {
    let direction = webhook.with_untracked(|webhook| webhook.direction);
    let first = match direction {
        Direction::Inbound => repository(),
        Direction::Outbound => events(webhook, admin),
    };
    view! {
        <dl class="facts">
            {first}
            {dynamic(move || webhook.with(times))}
        </dl>
    }
    .into_any()
}

fn repository() -> AnyView {
    let integration = use_webhooks_page().integration;
    let repository = move || integration.with(|found| found.as_ref().map(|found| found.repository.clone()));
    view! { <div><dt>"Repository "</dt><dd title=dynamic_value(repository)>{dynamic(repository)}</dd></div> }.into_any()
}

fn events(webhook: Signal<Webhook>, admin: bool) -> AnyView {
    let (context, hydrated) = (use_webhooks_page(), use_hydrated());
    let id = webhook.with_untracked(|webhook| webhook.id);
    let text = Memo::new(move |_| webhook.with(subscribed_with_conditions));
    let action = if admin { "Edit events" } else { "View events" };
    view! {
        <div>
            <dt class="visually-hidden">"Events "</dt>
            <dd title=text>{text}</dd>
            <dd>
                <button
                    type="button"
                    class="link"
                    aria-label=dynamic_value(move || webhook.with(|webhook| format!("{action}: {}", webhook.name)))
                    disabled=dynamic_value(move || !hydrated.get())
                    on:click=move |_| context.shown_events.set(Some(id))
                >
                    {action}
                </button>
            </dd>
        </div>
    }
    .into_any()
}

/// `All events, 2 conditions`.
fn subscribed_with_conditions(webhook: &Webhook) -> String {
    let events = subscribed(&webhook.events);
    match u32::try_from(webhook.conditions.rules.len()).unwrap_or(u32::MAX) {
        0 => events,
        rules => format!("{events}, {}", counted(rules, "condition", "conditions")),
    }
}

/// `4 events in 2 subjects`, `All events`.
pub fn subscribed(events: &[Subscription]) -> String {
    if events.contains(&Subscription::All) {
        return "All events".to_owned();
    }
    let includes = |event: &&EventType| includes_event(events, **event);
    let custom = events.iter().filter_map(|entry| match entry {
        Subscription::Event(event) if event.is_custom() => Some(event),
        _ => None,
    });
    let included: Vec<_> = EventType::ALL.iter().filter(includes).chain(custom).collect();
    // How many there are isn't known.
    let all_custom = events.contains(&Subscription::Subject(Subject::Custom));
    let mut subjects: Vec<_> = included.iter().map(|event| event.subject()).collect();
    subjects.dedup();
    let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX);
    match included.len() {
        0 if all_custom => "All custom events".to_owned(),
        0 => "No events selected".to_owned(),
        events => format!(
            "{} in {}{}",
            counted(count(events), "event", "events"),
            counted(count(subjects.len()), "subject", "subjects"),
            if all_custom { ", all custom events" } else { "" }
        ),
    }
}

fn includes_event(events: &[Subscription], event: EventType) -> bool {
    crate::model::catalog::subscription::includes(events, Subscription::Event(event))
}

fn times(webhook: &Webhook) -> AnyView {
    let first = match webhook.direction {
        Direction::Inbound => "Last received ",
        Direction::Outbound => "Last dispatched ",
    };
    view! {
        <div><dt>{first}</dt><dd><RelativeTimeOrNever time=webhook.last_dispatched_at/></dd></div>
        <div><dt>"Last success "</dt><dd><RelativeTimeOrNever time=webhook.last_success_at/></dd></div>
        <div><dt>"Last failure "</dt><dd>{last_failure(webhook, webhook.last_failure_at)}</dd></div>
    }
    .into_any()
}

/// A link to the failed deliveries, if there are any.
fn last_failure(webhook: &Webhook, time: Option<DateTime<Utc>>) -> AnyView {
    match (time, webhook.direction) {
        (Some(time), Direction::Outbound) => {
            let href = deliveries_path(webhook.project_id, webhook.id);
            view! { <a href=href><RelativeTime time/></a> }.into_any()
        }
        _ => view! { <RelativeTimeOrNever time/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_summed_up_in_one_line() {
        assert_eq!(subscribed(&[]), "No events selected");
        assert_eq!(subscribed(&[Subscription::All]), "All events");
        assert_eq!(subscribed(&[Subscription::Event(EventType::CaseCreated)]), "1 event in 1 subject");
        let two = [Subscription::Event(EventType::CaseCreated), Subscription::Event(EventType::IssueDeleted)];
        assert_eq!(subscribed(&two), "2 events in 2 subjects");
        assert!(subscribed(&[Subscription::Subject(Subject::Issue)]).ends_with(" events in 1 subject"));
        let custom = Subscription::Subject(Subject::Custom);
        assert_eq!(subscribed(&[custom]), "All custom events");
        assert_eq!(subscribed(&[two[0], custom]), "1 event in 1 subject, all custom events");
        assert_eq!(subscribed(&["custom.a".parse().unwrap(), two[0]]), "2 events in 2 subjects");
    }
}
