//! The services of testware, the same for every subject. The view of an item selects the subject:
//! `Testware::<TestCase>::read(service, actor, id)`.

use async_trait::async_trait;
use axum::body::Bytes;

use super::combined;
use crate::error::Result;
use crate::model::id::{IssueId, ProjectId, ResultId, UserId};
use crate::model::item_id::ItemId;
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;
use crate::testware::attachment::{Attachment, AttachmentId};
use crate::testware::automation::{
    AddReportOptions, AutomationResult, AutomationResultQuery, AutomationRun, AutomationRunId, ReportOptions,
};
use crate::testware::case::CaseId;
use crate::testware::case::bulk::{ChangedCases, DeleteCases, DeletedCases, UpdateCases};
use crate::testware::case::history::CaseVersion;
use crate::testware::ci_job::{CiJob, CiJobId, CompleteCiJob, UpdateCiJob};
use crate::testware::item::CopiedCases;
use crate::testware::report::Report;
use crate::testware::result::{AddResult, TestResult, UpdateResult};
use crate::testware::review::{AddReviewer, DecideReview, Review, ReviewId};
use crate::testware::run::assignment::{AssignCases, AssignedCases};
use crate::testware::run::public_link::{PublicLink, PublicRun};
use crate::testware::run::{RunCase, RunCaseQuery, RunId};
use crate::testware::session::notes::{AddSessionNote, SessionNote, SessionNoteId, UpdateSessionNote};
use crate::testware::session::{SessionId, TestSession};
use crate::testware::subject::{ExecutionSubject, TestwareSubject};
use crate::testware::submission::{AddResults, Submission};

/// The items of a subject.
#[async_trait]
pub trait Testware<T: TestwareSubject> {
    /// The project's items, newest first.
    async fn list(&self, actor: &Actor, project: ProjectId, query: T::Query) -> Result<Page<T>>;
    /// One item.
    async fn read(&self, actor: &Actor, id: T::Id) -> Result<T::Detail>;
    /// Creates one; emits `created`, or `queued` for what is then started elsewhere.
    async fn create(&self, actor: &Actor, project: ProjectId, new: T::Create) -> Result<T>;
    /// Changes it; emits `updated` if a field changed, and the event of each field that has its own.
    async fn update(&self, actor: &Actor, id: T::Id, change: T::Update) -> Result<T>;
    /// Creates a copy without results; emits `duplicated`.
    async fn duplicate(&self, actor: &Actor, id: T::Id, cases: CopiedCases) -> Result<T>;
    /// Completes it; it is read-only from then on. Emits `completed`. [`Error::NotFound`](crate::error::Error::NotFound)
    /// if the subject has no such event, as for `duplicate`, or if it is completed with an outcome.
    async fn complete(&self, actor: &Actor, id: T::Id) -> Result<T>;
    /// Ends it before it is completed; it is read-only from then on. Emits `aborted`.
    /// [`Error::NotFound`](crate::error::Error::NotFound) if the subject has no such event.
    async fn abort(&self, actor: &Actor, id: T::Id) -> Result<T>;
    /// Deletes it; objects that refer to it keep it. Emits `deleted`.
    /// [`Error::NotFound`](crate::error::Error::NotFound) if the subject has no such event.
    async fn delete(&self, actor: &Actor, id: T::Id) -> Result<()>;
}

/// The services of items with a state and results.
#[async_trait]
pub trait Executions<T: ExecutionSubject> {
    /// The cases it consists of, in order; none if [`ExecutionSubject::HAS_CASES`] is false.
    async fn cases(&self, actor: &Actor, id: T::Id, query: RunCaseQuery) -> Result<Page<RunCase>>;
    /// Its results, newest first.
    async fn results(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<TestResult>>;
    /// Adds a result; emits `result_added`, `result.created`, and `result.issue_linked` if it has issues.
    async fn add_result(&self, actor: &Actor, id: T::Id, new: AddResult) -> Result<TestResult>;
    /// Adds several results, or none of them; emits the same for each, and then `execution.completed`.
    async fn add_results(&self, actor: &Actor, id: T::Id, new: AddResults) -> Result<Submission>;
}

/// Who tests the cases of a run.
#[async_trait]
pub trait Assignments {
    /// Assigns cases of a run that is not completed to a member of the project, or to nobody. No event.
    async fn assign_cases(&self, actor: &Actor, id: RunId, assign: AssignCases) -> Result<AssignedCases>;
}

/// The reports of runs, plans and milestones.
#[async_trait]
pub trait Reports {
    /// The report of a run, plan or milestone.
    /// [`Error::NotFound`](crate::error::Error::NotFound) for any other item.
    async fn report(&self, actor: &Actor, id: ItemId) -> Result<Report>;
}

/// The public links of test runs.
#[async_trait]
pub trait PublicLinks {
    /// The link of a run, if it is enabled.
    async fn public_link(&self, actor: &Actor, id: RunId) -> Result<Option<PublicLink>>;
    /// Enables it; emits `public_link_enabled`. If it is enabled, it stays the same.
    async fn enable_public_link(&self, actor: &Actor, id: RunId) -> Result<PublicLink>;
    /// Revokes it, if it is enabled. The next link of the run has another token.
    async fn revoke_public_link(&self, actor: &Actor, id: RunId) -> Result<()>;
    /// The run of a link with a page of its cases; needs no sign-in.
    /// [`Error::NotFound`](crate::error::Error::NotFound) for an unknown or revoked link.
    async fn public_run(&self, token: &str, cases: PageQuery) -> Result<PublicRun>;
}

/// The timers of sessions. Completing a session stops its timer.
#[async_trait]
pub trait SessionTimers {
    /// Starts the timer; a running one goes on.
    async fn start_timer(&self, actor: &Actor, id: SessionId) -> Result<TestSession>;
    /// Stops the timer; a stopped one stays as it is.
    async fn stop_timer(&self, actor: &Actor, id: SessionId) -> Result<TestSession>;
}

/// The notes of sessions. Those of a completed session are read-only.
#[async_trait]
pub trait SessionNotes {
    /// The notes of a session, oldest first.
    async fn list_notes(&self, actor: &Actor, id: SessionId, page: PageQuery) -> Result<Page<SessionNote>>;
    /// Adds a note with the time on the session's timer.
    async fn add_note(&self, actor: &Actor, id: SessionId, new: AddSessionNote) -> Result<SessionNote>;
    /// Changes a note, which keeps its time; for its author and admins of the project.
    async fn update_note(&self, actor: &Actor, id: SessionNoteId, change: UpdateSessionNote) -> Result<SessionNote>;
    /// Deletes a note; for its author and admins of the project.
    async fn delete_note(&self, actor: &Actor, id: SessionNoteId) -> Result<()>;
}

/// The reports and results of automation runs.
#[async_trait]
pub trait AutomationRuns {
    /// Records a report as a new run; emits `created`, and `completed` unless the options say otherwise.
    async fn report_automation(
        &self,
        actor: &Actor,
        project: ProjectId,
        options: ReportOptions,
        report: Bytes,
    ) -> Result<AutomationRun>;
    /// Adds a report to a run that is not completed.
    async fn add_automation_report(
        &self,
        actor: &Actor,
        id: AutomationRunId,
        options: AddReportOptions,
        report: Bytes,
    ) -> Result<AutomationRun>;
    /// The results of a run, in the order of its reports.
    async fn automation_results(
        &self,
        actor: &Actor,
        id: AutomationRunId,
        query: AutomationResultQuery,
    ) -> Result<Page<AutomationResult>>;
}

/// What happens to a CI job after it was queued.
#[async_trait]
pub trait CiJobs {
    /// Changes what the CI system says about a job that is not completed: no event.
    async fn update_ci_job(&self, actor: &Actor, id: CiJobId, change: UpdateCiJob) -> Result<CiJob>;
    /// Completes a job with its outcome; it is read-only from then on. Emits `completed`.
    async fn complete_ci_job(&self, actor: &Actor, id: CiJobId, complete: CompleteCiJob) -> Result<CiJob>;
}

/// The results of runs and sessions.
#[async_trait]
pub trait Results {
    /// The results of runs and sessions that are linked to an issue, newest first.
    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>>;
    /// One result.
    async fn result(&self, actor: &Actor, id: ResultId) -> Result<TestResult>;
    /// Changes it; emits `result.updated`, and `result.issue_linked` if issues were added.
    async fn update_result(&self, actor: &Actor, id: ResultId, change: UpdateResult) -> Result<TestResult>;
    /// Deletes it with its attachments; emits `result.deleted`.
    async fn delete_result(&self, actor: &Actor, id: ResultId) -> Result<()>;
    /// The attachments of a result, newest first.
    async fn attachments(&self, actor: &Actor, id: ResultId, page: PageQuery) -> Result<Page<Attachment>>;
    /// One attachment.
    async fn attachment(&self, actor: &Actor, id: AttachmentId) -> Result<Attachment>;
    /// Deletes an attachment. [`Error::Conflict`](crate::error::Error::Conflict) if its run or session is completed.
    async fn delete_attachment(&self, actor: &Actor, id: AttachmentId) -> Result<()>;
}

/// What happens to reviews besides being created, changed and deleted. Each method returns the review afterwards.
#[async_trait]
pub trait Reviews {
    /// Adds a reviewer; emits `reviewer_added`, and `status_changed` if it was approved.
    async fn add_reviewer(&self, actor: &Actor, id: ReviewId, new: AddReviewer) -> Result<Review>;
    /// Removes a reviewer; emits `reviewer_removed`, and `status_changed` if the other decisions lead to another status.
    async fn remove_reviewer(&self, actor: &Actor, id: ReviewId, user: UserId) -> Result<Review>;
    /// The decision of the caller, who must be a reviewer; emits `status_changed` if the status changed, and
    /// `commented` if there is a comment.
    async fn decide(&self, actor: &Actor, id: ReviewId, new: DecideReview) -> Result<Review>;
    /// Applies the proposal to the case; emits `case.updated`, and then `merged`.
    /// [`Error::Conflict`](crate::error::Error::Conflict) if it is not approved, or the case has changed.
    async fn merge_review(&self, actor: &Actor, id: ReviewId) -> Result<Review>;
    /// Declines it; emits `declined`.
    async fn decline_review(&self, actor: &Actor, id: ReviewId) -> Result<Review>;
    /// Reopens a declined review; emits `reopened`.
    async fn reopen_review(&self, actor: &Actor, id: ReviewId) -> Result<Review>;
}

/// The change history of test cases.
#[async_trait]
pub trait CaseHistory {
    /// The changes of a case, newest first.
    async fn case_history(&self, actor: &Actor, id: CaseId, page: PageQuery) -> Result<Page<CaseVersion>>;
}

/// Changes of several test cases at once, all or none.
#[async_trait]
pub trait BulkCases {
    /// Changes cases of a project; emits for each one what [`Testware::update`] emits.
    async fn update_cases(&self, actor: &Actor, project: ProjectId, change: UpdateCases) -> Result<ChangedCases>;
    /// Deletes cases of a project; emits `case.deleted` for each one.
    async fn delete_cases(&self, actor: &Actor, project: ProjectId, delete: DeleteCases) -> Result<DeletedCases>;
}

/// Combines the services of all subjects.
macro_rules! all_testware {
    (() $(
        $name:ident: $(item($item:path))? $(execution($execution:path))? $(issue($issue:path))? $(webhook($webhook:path))? $(part($part:path))? $(custom($custom:path))? { $($entry:tt)* }
    )+) => {
        combined! {
            /// The services of all subjects.
            AllTestware: $($(Testware<$item>,)? $(Testware<$execution>, Executions<$execution>,)?)+ Results, AutomationRuns,
                Assignments, BulkCases, CiJobs, CaseHistory, PublicLinks, Reports, Reviews, SessionTimers, SessionNotes,
        }
    };
}
crate::subjects!([all_testware]());
