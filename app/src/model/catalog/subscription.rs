//! Subscriptions of webhooks: one event, all events of a subject (`test_run.*`) or all events (`*`).
//! The last two include events that later releases add, so they are stored as written.
//!
//! A list of subscriptions has one normal form, [`normalized`]. [`changed`] adds and removes entries;
//! the browser applies it too, so that the checkboxes show the result at once.

use std::fmt;
use std::str::FromStr;

use super::{EventType, Subject};
use crate::model::text_serde::text_serde;

/// A subscription of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subscription {
    /// All events, `*`.
    All,
    /// All events of a subject, e.g. `test_run.*`.
    Subject(Subject),
    /// One event.
    Event(EventType),
}

impl Subscription {
    /// Every value but the single custom events, the broadest first.
    pub fn values() -> impl Iterator<Item = Self> {
        let subjects = Subject::ALL.iter().copied().map(Self::Subject);
        let events = EventType::ALL.iter().copied().map(Self::Event);
        std::iter::once(Self::All).chain(subjects).chain(events)
    }

    /// Every value that matches the event.
    #[must_use]
    pub fn matching(event: EventType) -> [Self; 3] {
        [Self::All, Self::Subject(event.subject()), Self::Event(event)]
    }

    /// Whether it matches the event.
    #[must_use]
    pub fn matches(self, event: EventType) -> bool {
        match self {
            Self::All => true,
            Self::Subject(subject) => event.subject() == subject,
            Self::Event(only) => only == event,
        }
    }

    /// Whether it includes another one, or is the same.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Subject(subject), Self::Event(event)) => event.subject() == subject,
            _ => self == other,
        }
    }

    /// What is left of it without another one: nothing if that includes it, or its other events and
    /// subjects if it includes that. Without one custom event, nothing is left of `custom.*`: which others there are
    /// isn't known.
    #[must_use]
    pub fn without(self, removed: Self) -> Vec<Self> {
        if removed.covers(self) {
            return Vec::new();
        }
        if !self.covers(removed) {
            return vec![self];
        }
        let parts: Vec<Self> = match self {
            Self::All => Subject::ALL.iter().copied().map(Self::Subject).collect(),
            Self::Subject(subject) => EventType::for_subject(subject).map(Self::Event).collect(),
            Self::Event(_) => Vec::new(),
        };
        parts.into_iter().flat_map(|part| part.without(removed)).collect()
    }
}

/// Whether a list of subscriptions includes all of `wanted`.
#[must_use]
pub fn includes(list: &[Subscription], wanted: Subscription) -> bool {
    list.iter().any(|entry| entry.covers(wanted))
}

/// Removes duplicates and entries that another entry includes, and sorts the rest.
#[must_use]
pub fn normalized(mut list: Vec<Subscription>) -> Vec<Subscription> {
    // An entry sorts after those that can include it.
    list.sort_unstable();
    let mut kept: Vec<Subscription> = Vec::new();
    for entry in list {
        if !includes(&kept, entry) {
            kept.push(entry);
        }
    }
    kept
}

/// Changes a list. A wildcard that includes a removed entry is replaced by its other events.
/// Entries that a removed one includes are removed too.
#[must_use]
pub fn changed(list: Vec<Subscription>, added: &[Subscription], removed: &[Subscription]) -> Vec<Subscription> {
    let mut list: Vec<_> = list.into_iter().chain(added.iter().copied()).collect();
    for &entry in removed {
        list = list.into_iter().flat_map(|listed| listed.without(entry)).collect();
    }
    normalized(list)
}

impl From<EventType> for Subscription {
    fn from(event: EventType) -> Self {
        Self::Event(event)
    }
}

impl PartialEq<EventType> for Subscription {
    fn eq(&self, event: &EventType) -> bool {
        *self == Self::Event(*event)
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Subject(subject) => write!(f, "{subject}.*"),
            Self::Event(event) => f.write_str(event.as_str()),
        }
    }
}

impl FromStr for Subscription {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::All);
        }
        let found = match text.strip_suffix(".*") {
            Some(subject) => subject.parse().ok().map(Self::Subject),
            None => text.parse().ok().map(Self::Event),
        };
        found.ok_or_else(|| {
            let all: Vec<_> = Self::values().map(|value| value.to_string()).collect();
            format!("Invalid event: {text}. Allowed: {}, and custom. with a name.", all.join(", "))
        })
    }
}

text_serde!(Subscription);

#[cfg(feature = "ssr")]
mod schema {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::Schema;

    use super::Subscription;
    use crate::model::WireEnum;
    use crate::model::wire_enum;

    impl utoipa::PartialSchema for Subscription {
        fn schema() -> RefOr<Schema> {
            let names = Subscription::values().map(|value| value.to_string());
            let description = "An event, all events of a subject (`test_run.*`) or all events (`*`). The last two include \
                events that are added later.";
            wire_enum::schema_with_custom_events(names, description)
        }
    }

    impl utoipa::ToSchema for Subscription {}

    inventory::submit! {
        WireEnum {
            name: "Subscription",
            values: || serde_json::to_value(Subscription::values().collect::<Vec<_>>()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Vec<Subscription> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn after(stored: &[&str], added: &[&str], removed: &[&str]) -> Vec<String> {
        changed(list(stored), &list(added), &list(removed)).iter().map(Subscription::to_string).collect()
    }

    #[test]
    fn a_value_round_trips() {
        for value in Subscription::values() {
            assert_eq!(value.to_string().parse(), Ok(value));
        }
        for bad in ["", "custom.A", "custom.a.*", "**", ".*", "issue", "issue.", "issue.*.x", "run.*", "webhook.test"] {
            assert!(bad.parse::<Subscription>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wildcard_replaces_its_events() {
        assert_eq!(after(&["issue.created", "case.created"], &["issue.*"], &[]), ["issue.*", "case.created"]);
        assert_eq!(after(&["issue.*"], &["issue.created"], &[]), ["issue.*"]);
        assert_eq!(after(&["issue.*", "case.created"], &["*"], &[]), ["*"]);
        assert_eq!(after(&["custom.a", "custom.b"], &["custom.*"], &[]), ["custom.*"]);
        assert!(after(&["custom.*"], &[], &["custom.a"]).is_empty());
    }

    #[test]
    fn removing_one_event_keeps_the_rest_of_a_wildcard() {
        assert_eq!(after(&["issue.*"], &[], &["issue.created"]), ["issue.updated", "issue.resolved", "issue.deleted"]);
        let rest =
            [&others_than_issues()[..], &["issue.updated", "issue.resolved", "issue.deleted"].map(str::to_owned)];
        assert_eq!(after(&["*"], &[], &["issue.created"]), rest.concat());
    }

    /// The wildcards of all subjects but issues.
    fn others_than_issues() -> Vec<String> {
        let others = Subject::ALL.iter().filter(|&&subject| subject != Subject::Issue);
        others.map(|subject| format!("{subject}.*")).collect()
    }

    #[test]
    fn removing_a_wildcard_removes_its_events() {
        assert_eq!(after(&["issue.created", "case.created"], &[], &["issue.*"]), ["case.created"]);
        assert_eq!(after(&["*"], &[], &["issue.*"]), others_than_issues());
        assert!(after(&["issue.created", "case.*"], &[], &["*"]).is_empty());
    }

    #[test]
    fn a_subscription_matches_its_events_and_no_others() {
        for &event in EventType::ALL {
            assert!(Subscription::All.matches(event));
            for &subject in Subject::ALL {
                assert_eq!(Subscription::Subject(subject).matches(event), event.subject() == subject);
            }
            let matching: Vec<_> = Subscription::values().filter(|value| value.matches(event)).collect();
            assert_eq!(matching, Subscription::matching(event));
        }
        let custom: EventType = "custom.deploy_finished".parse().unwrap();
        assert_eq!(
            Subscription::matching(custom).map(|value| value.to_string()),
            ["*", "custom.*", "custom.deploy_finished"]
        );
        assert!(!list(&["custom.deploy", "issue.*"]).iter().any(|value| value.matches(custom)));
    }
}
