//! Writes, parses and finds event types.

use std::fmt;
use std::str::FromStr;

use super::{CUSTOM_PREFIX, CustomEventName, EventType, Subject, Verb};
use crate::model::text_serde::text_serde;

impl EventType {
    /// The event of a subject and a verb; `None` if the subject has no such event.
    #[must_use]
    pub fn find(subject: Subject, verb: Verb) -> Option<Self> {
        Self::for_subject(subject).find(|event| event.verb() == verb)
    }

    /// The events of a subject, in the catalog's order; none of custom events.
    pub fn for_subject(subject: Subject) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |event| event.subject() == subject)
    }

    /// Whether it is a custom event.
    #[must_use]
    pub const fn is_custom(self) -> bool {
        matches!(self, Self::Custom(_))
    }

    /// What happened, as a headline, e.g. "Test run state changed".
    #[must_use]
    pub fn headline(self) -> String {
        if let Self::Custom(name) = self {
            return name.headline();
        }
        format!("{} {}", self.subject().spec().headline, self.verb().phrase())
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(CUSTOM_PREFIX) {
            return text.parse::<CustomEventName>().map(Self::Custom).map_err(str::to_owned);
        }
        Self::ALL.iter().copied().find(|event| event.as_str() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|event| event.as_str()).collect();
            format!("must be one of {}, or custom. and a name", names.join(", "))
        })
    }
}

text_serde!(EventType);

#[cfg(feature = "ssr")]
mod schema {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::Schema;

    use super::EventType;
    use crate::model::WireEnum;
    use crate::model::wire_enum;

    impl utoipa::PartialSchema for EventType {
        fn schema() -> RefOr<Schema> {
            let names = EventType::ALL.iter().map(|event| event.as_str());
            wire_enum::schema_with_custom_events(names, "The type of an event.")
        }
    }

    impl utoipa::ToSchema for EventType {}

    inventory::submit! {
        WireEnum { name: "EventType", values: || serde_json::to_value(EventType::ALL) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_named_by_subject_and_verb() {
        for &event in EventType::ALL {
            assert_eq!(event.as_str(), format!("{}.{}", event.subject(), event.verb().as_str()));
            assert_eq!(event.as_str().parse(), Ok(event));
            assert_eq!(EventType::find(event.subject(), event.verb()), Some(event));
        }
        let custom: EventType = "custom.deploy_finished".parse().unwrap();
        assert_eq!((custom.as_str(), custom.subject()), ("custom.deploy_finished", Subject::Custom));
        assert!("custom.".parse::<EventType>().is_err() && "custom.*".parse::<EventType>().is_err());
        assert_eq!(EventType::find(Subject::Issue, Verb::Completed), None);
        assert_eq!(EventType::TestRunStateChanged.headline(), "Test run state changed");
    }
}
