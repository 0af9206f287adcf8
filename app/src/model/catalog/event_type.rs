//! Writes, parses and finds event types.

use std::fmt;
use std::str::FromStr;

use super::{EventType, Subject, Verb};
use crate::model::text_serde::text_serde;

impl EventType {
    /// The event of a subject and a verb; `None` if the subject has no such event.
    #[must_use]
    pub fn find(subject: Subject, verb: Verb) -> Option<Self> {
        Self::for_subject(subject).find(|event| event.verb() == verb)
    }

    /// The events of a subject, in the catalog's order.
    pub fn for_subject(subject: Subject) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |event| event.subject() == subject)
    }

    /// What happened, as a headline, e.g. "Test run state changed".
    #[must_use]
    pub fn headline(self) -> String {
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
        Self::ALL.iter().copied().find(|event| event.as_str() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|event| event.as_str()).collect();
            format!("must be one of {}", names.join(", "))
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
            wire_enum::schema(EventType::ALL.iter().map(|event| event.as_str().to_owned()), "The type of an event.")
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
        assert_eq!(EventType::find(Subject::Issue, Verb::Completed), None);
        assert_eq!(EventType::TestRunStateChanged.headline(), "Test run state changed");
    }
}
