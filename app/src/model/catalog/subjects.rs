//! The list of subjects.

/// The list of subjects with their events. It runs a macro with arguments and the list:
/// `subjects!([path::to::macro] (arguments))`. What depends on a subject derives from it; its type implements
/// [`CatalogSubject`](crate::model::catalog::CatalogSubject) and names the rest.
///
/// An `item` is testware. An `execution` is testware with a state and results.
#[doc(hidden)]
#[macro_export]
macro_rules! subjects {
    ([$($macro:tt)+] $arguments:tt) => {
        $($macro)+! {
            $arguments
            Case: item($crate::testware::case::TestCase) {
                /// Test cases.
                "case", "Cases";
                CaseCreated: Created, "A test case was created";
                CaseUpdated: Updated, "A test case's title, steps or fields changed";
                CaseDeleted: Deleted, "A test case was deleted";
                CaseDuplicated: Duplicated, "A test case was duplicated";
            }
            Issue: issue($crate::model::issue::Issue) {
                /// Issues.
                "issue", "Issues";
                IssueCreated: Created, "An issue was created or imported from the tracker";
                IssueUpdated: Updated, "An issue changed, here or in the tracker";
                IssueDeleted: Deleted, "An issue was deleted, here or in the tracker";
            }
            TestRun: execution($crate::testware::run::TestRun) {
                /// Test runs and their results.
                "test_run", "Test runs";
                TestRunCreated: Created, "A test run was created";
                TestRunUpdated: Updated, "A test run's name, cases or fields changed";
                TestRunDeleted: Deleted, "A test run was deleted";
                TestRunStateChanged: StateChanged, "A test run's state changed";
                TestRunCompleted: Completed, "A test run was completed";
                TestRunDuplicated: Duplicated, "A test run was duplicated";
                TestRunResultAdded: ResultAdded, "A result was added to a test run";
            }
            Session: execution($crate::testware::session::TestSession) {
                /// Exploratory sessions and their results.
                "session", "Sessions";
                SessionCreated: Created, "A session was created";
                SessionUpdated: Updated, "A session's name, charter or fields changed";
                SessionDeleted: Deleted, "A session was deleted";
                SessionStateChanged: StateChanged, "A session's state changed";
                SessionCompleted: Completed, "A session was completed";
                SessionDuplicated: Duplicated, "A session was duplicated";
                SessionResultAdded: ResultAdded, "A result was added to a session";
            }
            Webhook: webhook($crate::model::webhook::Webhook) {
                /// Webhooks: their health and their deliveries.
                "webhook", "Webhooks";
                WebhookDegraded: Degraded, "A webhook is degraded: several deliveries failed in a row";
                WebhookDisabled: Disabled, "A webhook was disabled because it kept failing";
                WebhookEnabled: Enabled, "A disabled webhook was enabled by a user";
                WebhookRecovered: Recovered, "A degraded or disabled webhook works again";
                WebhookDeliveryExhausted: DeliveryExhausted, "All attempts of a delivery failed; at most once an hour for each webhook";
            }
        }
    };
}
