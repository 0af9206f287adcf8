//! The registry of subjects: what events are about, and which events there are. Names, paths, the
//! sections of the event picker, headlines, navigation, pages, services, payload schemas, samples and the
//! documentation derive from it. A subject is one entry in `subjects.rs`, and a type that implements
//! [`CatalogSubject`].
//!
//! The browser needs only the names; schemas and samples are compiled for the server.

mod custom_event_name;
#[cfg(feature = "ssr")]
mod description;
mod event_type;
#[cfg(feature = "ssr")]
mod fields;
#[cfg(feature = "ssr")]
pub(crate) mod payload;
mod subjects;
pub mod subscription;
#[cfg(feature = "ssr")]
mod test_event;
mod with_subject;

pub use custom_event_name::{CUSTOM_PREFIX, CustomEventName, MAX_CUSTOM_EVENT_CHARS};
#[cfg(feature = "ssr")]
pub use description::{EventDescription, describe};
#[cfg(feature = "ssr")]
pub use fields::{field_paths, is_custom_field, is_known_field};
#[cfg(feature = "ssr")]
pub use payload::Sample;
pub use subscription::Subscription;
#[cfg(feature = "ssr")]
pub use test_event::test_data;

use super::icon::Icon;
use super::id::ProjectId;
use super::item_id::ItemId;
use super::string_enum;

/// The version of the `data` of all events. It grows when fields are added. A field is never removed,
/// renamed or given another meaning.
pub const PAYLOAD_VERSION: u32 = 3;

/// The names of a subject and the texts of its pages.
#[derive(Clone, Copy, Debug)]
pub struct SubjectSpec {
    /// One of them in a sentence, e.g. "test run".
    pub noun: &'static str,
    /// One of them at the start of a headline, e.g. "Test run".
    pub headline: &'static str,
    /// The last part of its list's path, e.g. "runs".
    pub path: &'static str,
    /// The prefix of its IDs, e.g. "run".
    pub id_prefix: &'static str,
    /// The letter before the number in its keys, as in `WEB-R3`.
    pub key_letter: char,
    /// Its icon.
    pub icon: Icon,
    /// Its value in the URL, e.g. `?new=run`.
    pub param: &'static str,
    /// What its list is for.
    pub lead: &'static str,
    /// What to do in an empty list.
    pub first_step: &'static str,
    /// The consequence of completing one; `None` if it can't be completed.
    pub completion: Option<&'static str>,
    /// The consequence of aborting one; `None` if it can't be aborted.
    pub abort: Option<&'static str>,
    /// The consequence of deleting one; empty if it can't be deleted.
    pub deletion: &'static str,
}

/// The type of a subject in the API, with what the catalog has of it.
pub trait CatalogSubject {
    /// Its entry in the list of subjects.
    const SUBJECT: Subject;
    /// Its names and the texts of its pages.
    const SPEC: SubjectSpec;
    /// The payload of its events.
    #[cfg(feature = "ssr")]
    const PAYLOAD: payload::Payload;
    /// The ID of an item.
    type Id;
}

/// Defines the verbs, and a macro that gives the text of each as a literal.
macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident = $text:literal, $phrase:literal;)+) => {
        /// What happened to a subject: the part of an event's name after the dot.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Verb {
            $($(#[$doc])* $verb,)+
        }

        impl Verb {
            /// The name in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$verb => $text,)+ }
            }

            /// The end of a headline, e.g. "state changed" in "Test run state changed".
            #[must_use]
            pub const fn phrase(self) -> &'static str {
                match self { $(Self::$verb => $phrase,)+ }
            }
        }

        macro_rules! verb_text {
            $(($verb) => { $text };)+
        }
    };
}

/// Defines the subjects with their events.
macro_rules! define_subjects {
    (() $(
        $subject:ident: $kind:ident($type:path) {
            $(#[doc = $doc:literal])*
            $text:literal, $label:literal;
            $($event:ident: $verb:ident, $description:literal;)*
        }
    )+) => {
        string_enum! {
            /// The subjects of events, which are also the sections of the event picker.
            Subject { $($(#[doc = $doc])* $subject = $text, $label;)+ }
        }

        impl Subject {
            /// Its names and the texts of its pages.
            #[must_use]
            pub const fn spec(self) -> &'static SubjectSpec {
                match self { $(Self::$subject => &<$type as CatalogSubject>::SPEC,)+ }
            }

            #[cfg(feature = "ssr")]
            fn payload(self) -> &'static payload::Payload {
                match self { $(Self::$subject => &<$type as CatalogSubject>::PAYLOAD,)+ }
            }
        }

        $(
            const _: () = assert!(matches!(<$type as CatalogSubject>::SUBJECT, Subject::$subject));

            impl From<<$type as CatalogSubject>::Id> for ItemId {
                fn from(id: <$type as CatalogSubject>::Id) -> Self {
                    Self::new(Subject::$subject, id.0)
                }
            }
        )+

        /// The events that a webhook can subscribe to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EventType {
            $($(#[doc = $description] $event,)*)+
            /// An event of a project's own, published through the API.
            Custom(CustomEventName),
        }

        impl EventType {
            /// All events that Testbell emits itself, grouped by subject. It has no custom events.
            pub const ALL: &'static [Self] = &[$($(Self::$event,)*)+];

            /// The name in the API and the database: subject, dot, verb.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $($(Self::$event => concat!($text, ".", verb_text!($verb)),)*)+
                    Self::Custom(name) => name.as_str(),
                }
            }

            /// When the event is sent, as a sentence without its full stop.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $($(Self::$event => $description,)*)+
                    Self::Custom(_) => "An event that a tool published through the API",
                }
            }

            /// The event's subject.
            #[must_use]
            pub const fn subject(self) -> Subject {
                match self {
                    $($(Self::$event => Subject::$subject,)*)+
                    Self::Custom(_) => Subject::Custom,
                }
            }

            /// The event's verb.
            #[must_use]
            pub const fn verb(self) -> Verb {
                match self {
                    $($(Self::$event => Verb::$verb,)*)+
                    Self::Custom(_) => Verb::Published,
                }
            }
        }
    };
}

verbs! {
    /// It was created, or imported from the tracker.
    Created = "created", "created";
    /// It is to be started.
    Queued = "queued", "queued";
    /// Some of its fields changed.
    Updated = "updated", "updated";
    /// It was deleted.
    Deleted = "deleted", "deleted";
    /// Its state changed.
    StateChanged = "state_changed", "state changed";
    /// Work on it began.
    Started = "started", "started";
    /// Cases were added to it.
    CasesAdded = "cases_added", "cases added";
    /// It was open and is closed.
    Resolved = "resolved", "resolved";
    /// It was completed.
    Completed = "completed", "completed";
    /// It ended before it was completed.
    Aborted = "aborted", "aborted";
    /// Its public link was enabled.
    PublicLinkEnabled = "public_link_enabled", "public link enabled";
    /// It was created as a copy of another.
    Duplicated = "duplicated", "duplicated";
    /// The automated tests that test it changed.
    AutomationLinksChanged = "automation_links_changed", "automation links changed";
    /// Its due date changed.
    DueDateChanged = "due_date_changed", "due date changed";
    /// Issues were linked to it.
    IssueLinked = "issue_linked", "linked to issues";
    /// A comment mentions it.
    Mentioned = "mentioned", "mentioned";
    /// A result was added to it.
    ResultAdded = "result_added", "result added";
    /// Its status changed.
    StatusChanged = "status_changed", "status changed";
    /// A reviewer was added to it.
    ReviewerAdded = "reviewer_added", "reviewer added";
    /// A reviewer was removed from it.
    ReviewerRemoved = "reviewer_removed", "reviewer removed";
    /// A comment was added to it.
    Commented = "commented", "commented";
    /// What it proposes was applied.
    Merged = "merged", "merged";
    /// What it proposes was rejected.
    Declined = "declined", "declined";
    /// It was declined, and is open again.
    Reopened = "reopened", "reopened";
    /// Several of its deliveries failed in a row.
    Degraded = "degraded", "degraded";
    /// It kept failing, so that nothing is sent any more.
    Disabled = "disabled", "disabled";
    /// A user enabled it.
    Enabled = "enabled", "enabled";
    /// It works again.
    Recovered = "recovered", "recovered";
    /// All attempts of one of its deliveries failed.
    DeliveryExhausted = "delivery_exhausted", "delivery exhausted";
    /// A tool published it through the API.
    Published = "published", "published";
}

crate::subjects!([define_subjects]());

impl Subject {
    /// The subject of a list's path, e.g. of `/projects/{id}/runs`.
    #[must_use]
    pub fn at_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|subject| subject.spec().path == path)
    }

    /// Whether there is an event of this verb.
    #[must_use]
    pub fn has(self, verb: Verb) -> bool {
        EventType::find(self, verb).is_some()
    }

    /// The name of the list in a sentence, e.g. "test runs", "CI jobs".
    #[must_use]
    pub fn plural(self) -> String {
        let label = self.label();
        let is_abbreviation = label.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase);
        if is_abbreviation { label.to_owned() } else { label.to_ascii_lowercase() }
    }

    /// The path of its list in a project.
    #[must_use]
    pub fn list_path(self, project: ProjectId) -> String {
        format!("/projects/{project}/{}", self.spec().path)
    }

    /// The field of its events with its title.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn title_field(self) -> &'static str {
        self.payload().title_field()
    }
}
