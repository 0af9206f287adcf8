//! The list of subjects.

/// The list of subjects with their events. It runs a macro with arguments and the list:
/// `subjects!([path::to::macro] (arguments))`. What depends on a subject derives from it; its type implements
/// [`CatalogSubject`](crate::model::catalog::CatalogSubject) and names the rest.
///
/// An `item` is testware. An `execution` is testware with a state and results. A `part` belongs to testware and has no
/// pages of its own. The events of `custom` have names of their own, so the list has none.
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
                CaseStateChanged: StateChanged, "A test case was archived or reactivated";
                CaseAutomationLinksChanged: AutomationLinksChanged, "The automated tests of a test case changed";
                CaseDuplicated: Duplicated, "A test case was duplicated";
            }
            Suite: item($crate::testware::suite::Suite) {
                /// Suites of test cases.
                "suite", "Suites";
                SuiteCreated: Created, "A suite was created";
                SuiteUpdated: Updated, "A suite was renamed, described or moved";
                SuiteDeleted: Deleted, "A suite was deleted";
                SuiteDuplicated: Duplicated, "A suite was duplicated, with its cases and suites";
            }
            SharedStep: item($crate::testware::shared_step::SharedStep) {
                /// Steps that test cases share.
                "shared_step", "Shared steps";
                SharedStepCreated: Created, "A shared step was created";
                SharedStepUpdated: Updated, "A shared step's name or steps changed";
                SharedStepDeleted: Deleted, "A shared step was deleted";
            }
            CustomField: item($crate::testware::custom_field::CustomField) {
                /// Custom fields of test cases.
                "custom_field", "Custom fields";
                CustomFieldCreated: Created, "A custom field was created";
                CustomFieldUpdated: Updated, "A custom field's name or options changed";
                CustomFieldDeleted: Deleted, "A custom field was deleted, with its values";
            }
            Issue: issue($crate::model::issue::Issue) {
                /// Issues.
                "issue", "Issues";
                IssueCreated: Created, "An issue was created or imported from the tracker";
                IssueUpdated: Updated, "An issue changed, here or in the tracker";
                IssueResolved: Resolved, "An open issue was closed, here or in the tracker";
                IssueDeleted: Deleted, "An issue was deleted, here or in the tracker";
            }
            TestRun: execution($crate::testware::run::TestRun) {
                /// Test runs and their results.
                "test_run", "Test runs";
                TestRunCreated: Created, "A test run was created";
                TestRunUpdated: Updated, "A test run's name, cases or fields changed";
                TestRunDeleted: Deleted, "A test run was deleted";
                TestRunStateChanged: StateChanged, "A test run's state changed";
                TestRunStarted: Started, "Work on a new test run began";
                TestRunCasesAdded: CasesAdded, "Cases were added to a test run";
                TestRunCompleted: Completed, "A test run was completed";
                TestRunAborted: Aborted, "A test run was aborted";
                TestRunDuplicated: Duplicated, "A test run was duplicated";
                TestRunPublicLinkEnabled: PublicLinkEnabled, "A test run got a public link";
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
            Result: part($crate::testware::result::TestResult) {
                /// The results of test runs and sessions.
                "result", "Results";
                ResultCreated: Created, "A result was added to a test run or session";
                ResultUpdated: Updated, "A result's status, comment, duration or issues changed";
                ResultDeleted: Deleted, "A result was deleted";
                ResultIssueLinked: IssueLinked, "Issues were linked to a result";
            }
            Execution: part($crate::testware::submission::Submission) {
                /// Results that a script adds at once.
                "execution", "Bulk results";
                ExecutionCompleted: Completed, "A script added several results at once";
            }
            Plan: item($crate::testware::plan::TestPlan) {
                /// Test plans.
                "plan", "Test plans";
                PlanCreated: Created, "A test plan was created";
                PlanUpdated: Updated, "A test plan's name or description changed";
                PlanCompleted: Completed, "A test plan was completed";
                PlanDeleted: Deleted, "A test plan was deleted";
            }
            Milestone: item($crate::testware::milestone::Milestone) {
                /// Milestones.
                "milestone", "Milestones";
                MilestoneCreated: Created, "A milestone was created";
                MilestoneUpdated: Updated, "A milestone's name or description changed";
                MilestoneDueDateChanged: DueDateChanged, "A milestone's due date changed";
                MilestoneCompleted: Completed, "A milestone was completed";
                MilestoneDeleted: Deleted, "A milestone was deleted";
            }
            Review: item($crate::testware::review::Review) {
                /// Reviews of proposed changes to test cases.
                "review", "Reviews";
                ReviewCreated: Created, "A change to a test case was proposed for review";
                ReviewUpdated: Updated, "A review's title, description or proposal changed";
                ReviewStatusChanged: StatusChanged, "A review was approved, changes were requested, or it is open again";
                ReviewReviewerAdded: ReviewerAdded, "A reviewer was added to a review";
                ReviewReviewerRemoved: ReviewerRemoved, "A reviewer was removed from a review";
                ReviewCommented: Commented, "A comment was added to a review";
                ReviewMerged: Merged, "A review was merged: its test case has the proposed content";
                ReviewDeclined: Declined, "A review was declined";
                ReviewReopened: Reopened, "A declined review was reopened";
                ReviewDeleted: Deleted, "A review was deleted";
            }
            AutomationRun: item($crate::testware::automation::AutomationRun) {
                /// Automation runs: the results of automated tests.
                "automation_run", "Automation runs";
                AutomationRunCreated: Created, "An automation run was created";
                AutomationRunCompleted: Completed, "An automation run was completed, with its results";
                AutomationRunDeleted: Deleted, "An automation run was deleted";
            }
            CiJob: item($crate::testware::ci_job::CiJob) {
                /// Jobs of the CI system.
                "ci_job", "CI jobs";
                CiJobQueued: Queued, "A CI job was queued";
                CiJobCompleted: Completed, "A CI job was completed";
            }
            User: part($crate::comments::MentionedUser) {
                /// Members who are mentioned in comments.
                "user", "Members";
                UserMentioned: Mentioned, "A comment mentions a member by @ and the name";
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
            Custom: custom($crate::custom_events::PublishedEvent) {
                /// Custom events, which other tools publish through the API.
                "custom", "Custom events";
            }
        }
    };
}
