//! The one list of subjects and verbs. Event names, the picker's sections, the payload schemas,
//! the samples and the documentation all come from here. The browser needs only the names:
//! schemas and samples are the server's.

#[cfg(feature = "ssr")]
mod description;
#[cfg(feature = "ssr")]
mod sample;
#[cfg(feature = "ssr")]
mod schema;

#[cfg(feature = "ssr")]
pub use description::{EventDescription, describe};
#[cfg(feature = "ssr")]
pub use sample::Sample;

use super::named;

named! {
    /// What events are about, and the sections of the picker.
    Subject {
        /// Test cases.
        Case = "case", "Cases";
        /// Issues.
        Issue = "issue", "Issues";
        /// Test runs and their results.
        TestRun = "test_run", "Test Runs";
        /// Exploratory sessions and their results.
        Session = "session", "Sessions";
    }
}

named! {
    /// Every event that a webhook can subscribe to.
    EventType {
        /// See the label.
        CaseCreated = "case.created", "A test case was created";
        /// See the label.
        CaseUpdated = "case.updated", "A test case's title, steps or fields changed";
        /// See the label.
        CaseDeleted = "case.deleted", "A test case was deleted";
        /// See the label.
        CaseDuplicated = "case.duplicated", "A test case was made as a copy of another";
        /// See the label.
        IssueCreated = "issue.created", "An issue was created or imported from the tracker";
        /// See the label.
        IssueUpdated = "issue.updated", "An issue changed, here or in the tracker";
        /// See the label.
        IssueDeleted = "issue.deleted", "An issue was deleted, here or in the tracker";
        /// See the label.
        TestRunCreated = "test_run.created", "A test run was created";
        /// See the label.
        TestRunUpdated = "test_run.updated", "A test run's name, cases or fields changed";
        /// See the label.
        TestRunDeleted = "test_run.deleted", "A test run was deleted";
        /// See the label.
        TestRunStateChanged = "test_run.state_changed", "A test run moved to another state";
        /// See the label.
        TestRunCompleted = "test_run.completed", "A test run was completed";
        /// See the label.
        TestRunDuplicated = "test_run.duplicated", "A test run was made as a copy of another";
        /// See the label.
        TestRunResultAdded = "test_run.result_added", "A result was added to a test run";
        /// See the label.
        SessionCreated = "session.created", "A session was created";
        /// See the label.
        SessionUpdated = "session.updated", "A session's name, charter or fields changed";
        /// See the label.
        SessionDeleted = "session.deleted", "A session was deleted";
        /// See the label.
        SessionStateChanged = "session.state_changed", "A session moved to another state";
        /// See the label.
        SessionCompleted = "session.completed", "A session was completed";
        /// See the label.
        SessionDuplicated = "session.duplicated", "A session was made as a copy of another";
        /// See the label.
        SessionResultAdded = "session.result_added", "A result was added to a session";
    }
}

impl EventType {
    /// What the event is about: the part of its name before the dot.
    #[must_use]
    pub fn subject(self) -> Subject {
        let name = self.as_str().split_once('.').map_or("", |(subject, _)| subject);
        // The test below holds this for every event.
        name.parse().unwrap_or(Subject::Issue)
    }

    /// What happened to it: the part of its name after the dot.
    #[must_use]
    pub fn verb(self) -> &'static str {
        self.as_str().split_once('.').map_or("", |(_, verb)| verb)
    }

    /// The events of a subject, in the catalogue's order.
    pub fn of(subject: Subject) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |event| event.subject() == subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_named_subject_dot_verb() {
        const VERBS: [&str; 7] =
            ["created", "updated", "deleted", "state_changed", "completed", "duplicated", "result_added"];
        for event in EventType::ALL {
            let Some((subject, verb)) = event.as_str().split_once('.') else { panic!("{event}") };
            assert_eq!(event.subject().as_str(), subject);
            assert!(VERBS.contains(&verb), "{event}");
        }
    }
}
