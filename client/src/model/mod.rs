//! The types of the API, with the fields that scripts use.

mod automation;
mod event;
mod testware;
mod webhook;

pub use automation::{
    AutomationRun, CiJob, CiJobOutcome, CiJobStatus, CompleteCiJob, CreateCiJob, ReportOptions, UpdateCiJob,
};
pub use event::{AcceptedEvent, EventDescription, PublishEvent};
pub use testware::{
    AddResult, CaseState, Counts, CreateCase, CreateRun, Priority, Project, ResultStatus, Role, RunState, Step,
    Submission, TestCase, TestRun, UpdateCase,
};
pub use webhook::{Webhook, WebhookDirection, WebhookHealth};

use serde::Deserialize;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// The `cursor` of the next page; `None` on the last one.
    pub next_cursor: Option<String>,
}

/// An enum of the API. What a newer server adds is read as `Unknown`.
macro_rules! api_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
            /// A value that this version of the client doesn't know.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl $name {
            /// The value in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown => "unknown",
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

use api_enum;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_value_of_an_enum_is_unknown() {
        let read = |text: &str| serde_json::from_str::<Priority>(text).unwrap();
        assert_eq!((read("\"high\""), read("\"urgent\"")), (Priority::High, Priority::Unknown));
        assert_eq!(serde_json::to_string(&Priority::High).unwrap(), "\"high\"");
    }
}
