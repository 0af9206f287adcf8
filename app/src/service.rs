//! What the server can do for a caller, one trait a subject area. The pages' server functions
//! and the REST handlers are thin adapters over these; the rules, the transactions and the
//! checks of access are behind them. Every method takes the caller: a stranger to a project
//! gets [`Error::NotFound`](crate::error::Error::NotFound), a member who would need to be its
//! admin [`Error::Forbidden`](crate::error::Error::Forbidden).

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::audit::AuditEntry;
use crate::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery, Replayed};
use crate::model::id::{
    CaseId, DeliveryId, InviteId, IssueId, ProjectId, RunId, SecretId, SessionId, TokenId, UserId, WebhookId,
};
use crate::model::integration::{ConnectionTest, Integration, PutIntegration};
use crate::model::issue::{CreateIssue, Issue, IssueDetail, IssueQuery, UpdateIssue};
use crate::model::page::{Page, PageQuery};
use crate::model::people::{
    Actor, ApiToken, CreateInvite, CreateToken, CreatedInvite, CreatedToken, Invite, InviteOffer, Member, Role,
};
use crate::model::project::{CreateProject, Project, UpdateProject};
use crate::model::test_case::{CaseQuery, CreateCase, TestCase, UpdateCase};
use crate::model::test_run::{CreateRun, RunCase, TestRun, UpdateRun};
use crate::model::test_session::{CreateSession, TestSession, UpdateSession};
use crate::model::testware::{AddResult, TestResult, WorkQuery};
use crate::model::webhook::{
    CreateInbound, CreateWebhook, CreatedWebhook, DeletedWebhook, Held, UpdateWebhook, Webhook,
};

/// Projects.
#[async_trait]
pub trait Projects {
    /// The projects the caller belongs to, by name; all of them for a system admin.
    async fn list_projects(&self, actor: &Actor, page: PageQuery) -> Result<Page<Project>>;
    /// One project.
    async fn project(&self, actor: &Actor, id: ProjectId) -> Result<Project>;
    /// Makes a project with the caller as its owner and admin.
    async fn create_project(&self, actor: &Actor, new: CreateProject) -> Result<Project>;
    /// Changes its key or name.
    async fn update_project(&self, actor: &Actor, id: ProjectId, change: UpdateProject) -> Result<Project>;
    /// Deletes it: nobody sees it any more, its webhooks neither receive nor send; nothing is erased.
    async fn delete_project(&self, actor: &Actor, id: ProjectId) -> Result<()>;
}

/// Members, invitations and API tokens.
#[async_trait]
pub trait People {
    /// Whether nobody exists yet, so that the first-run page is shown.
    async fn needs_setup(&self) -> Result<bool>;
    /// The members of a project, by name.
    async fn list_members(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Member>>;
    /// Changes a member's role; the owner stays an admin.
    async fn update_member(&self, actor: &Actor, project: ProjectId, user: UserId, role: Role) -> Result<Member>;
    /// Removes a member; not the owner.
    async fn remove_member(&self, actor: &Actor, project: ProjectId, user: UserId) -> Result<()>;
    /// The invitations that wait.
    async fn list_invites(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Invite>>;
    /// Invites a person by a link that works once and for seven days.
    async fn create_invite(&self, actor: &Actor, project: ProjectId, new: CreateInvite) -> Result<CreatedInvite>;
    /// Takes an invitation back.
    async fn delete_invite(&self, actor: &Actor, project: ProjectId, invite: InviteId) -> Result<()>;
    /// What the holder of a link is offered; needs no sign-in.
    async fn invite_offer(&self, token: &str) -> Result<InviteOffer>;
    /// The caller's API tokens, the newest first.
    async fn list_tokens(&self, actor: &Actor, page: PageQuery) -> Result<Page<ApiToken>>;
    /// Makes an API token for the caller.
    async fn create_token(&self, actor: &Actor, new: CreateToken) -> Result<CreatedToken>;
    /// Ends an API token of the caller.
    async fn delete_token(&self, actor: &Actor, id: TokenId) -> Result<()>;
}

/// The connection to the tracker.
#[async_trait]
pub trait Integrations {
    /// The project's integration, if it has one.
    async fn integration(&self, actor: &Actor, project: ProjectId) -> Result<Option<Integration>>;
    /// Sets it up or replaces it. Another provider removes the inbound webhook with it.
    async fn put_integration(&self, actor: &Actor, project: ProjectId, new: PutIntegration) -> Result<Integration>;
    /// Removes it, and the inbound webhook with it.
    async fn delete_integration(&self, actor: &Actor, project: ProjectId) -> Result<()>;
    /// Reads from the tracker with what is stored, and says what came of it.
    async fn test_integration(&self, actor: &Actor, project: ProjectId) -> Result<ConnectionTest>;
}

/// Issues.
#[async_trait]
pub trait Issues {
    /// The project's issues, the newest first.
    async fn list_issues(&self, actor: &Actor, project: ProjectId, query: IssueQuery) -> Result<Page<Issue>>;
    /// One issue.
    async fn issue(&self, actor: &Actor, id: IssueId) -> Result<IssueDetail>;
    /// Makes an issue here; emits `issue.created`.
    async fn create_issue(&self, actor: &Actor, project: ProjectId, new: CreateIssue) -> Result<Issue>;
    /// Changes it; emits `issue.updated` if anything changed.
    async fn update_issue(&self, actor: &Actor, id: IssueId, change: UpdateIssue) -> Result<Issue>;
    /// Deletes it here; emits `issue.deleted`. Later events of the tracker do not bring it back.
    async fn delete_issue(&self, actor: &Actor, id: IssueId) -> Result<()>;
    /// Reads it from the tracker again, soon.
    async fn sync_issue(&self, actor: &Actor, id: IssueId) -> Result<()>;
}

/// Webhooks of both directions.
#[async_trait]
pub trait Webhooks {
    /// The project's webhooks, the inbound one first, then the outbound ones, the oldest first.
    async fn list_webhooks(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Webhook>>;
    /// One webhook.
    async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook>;
    /// Makes the inbound webhook; a project has at most one.
    async fn create_inbound(&self, actor: &Actor, project: ProjectId, new: CreateInbound) -> Result<CreatedWebhook>;
    /// Makes an outbound webhook and mints its secret.
    async fn create_webhook(&self, actor: &Actor, project: ProjectId, new: CreateWebhook) -> Result<CreatedWebhook>;
    /// Changes an outbound webhook.
    async fn update_webhook(&self, actor: &Actor, id: WebhookId, change: UpdateWebhook) -> Result<Webhook>;
    /// Deletes it; its deliveries stay to be read.
    async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<()>;
    /// Sends a test: the same bytes each time, so that the second one meets the receiver's
    /// deduplication. It is attempted once, also while the webhook is disabled. An inbound test
    /// goes through the webhook's own door and touches no issue.
    async fn test_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Delivery>;
    /// Enables a disabled outbound webhook again.
    async fn enable_webhook(&self, actor: &Actor, id: WebhookId, held: Held) -> Result<Webhook>;
    /// Mints a new secret. An outbound webhook signs with the one before, too, for 24 hours, in
    /// which it is not rotated again; an inbound one has a new address as well, and the old values
    /// end at once.
    async fn rotate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<CreatedWebhook>;
    /// Ends a retiring secret now.
    async fn retire_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook>;
    /// Gives a retiring secret another 24 hours; once.
    async fn extend_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook>;
}

/// Deliveries of both directions.
#[async_trait]
pub trait Deliveries {
    /// The project's deliveries, the newest first.
    async fn list_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<Page<Delivery>>;
    /// The deleted webhooks that deliveries are still kept of, the newest first.
    async fn deleted_webhooks(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<DeletedWebhook>>;
    /// One delivery with its attempts.
    async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail>;
    /// Sends the same payload again, with the same `webhook-id`, as a new delivery; for admins, as
    /// it sends to the outside.
    async fn replay_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery>;
    /// The same for up to [`REPLAY_MAX`](crate::model::delivery::REPLAY_MAX) of one project.
    async fn replay_deliveries(&self, actor: &Actor, ids: Vec<DeliveryId>) -> Result<Replayed>;
    /// The same for all that a filter finds, whose page is not looked at.
    async fn replay_filtered(&self, actor: &Actor, project: ProjectId, filter: DeliveryQuery) -> Result<Replayed>;
}

/// Test cases.
#[async_trait]
pub trait Cases {
    /// The project's test cases, the newest first.
    async fn list_cases(&self, actor: &Actor, project: ProjectId, query: CaseQuery) -> Result<Page<TestCase>>;
    /// One test case.
    async fn case(&self, actor: &Actor, id: CaseId) -> Result<TestCase>;
    /// Makes one; emits `case.created`.
    async fn create_case(&self, actor: &Actor, project: ProjectId, new: CreateCase) -> Result<TestCase>;
    /// Changes it; emits `case.updated` if anything changed.
    async fn update_case(&self, actor: &Actor, id: CaseId, change: UpdateCase) -> Result<TestCase>;
    /// Makes a copy; emits `case.duplicated`.
    async fn duplicate_case(&self, actor: &Actor, id: CaseId) -> Result<TestCase>;
    /// Deletes it; runs that hold it keep it. Emits `case.deleted`.
    async fn delete_case(&self, actor: &Actor, id: CaseId) -> Result<()>;
}

/// Test runs and their results.
#[async_trait]
pub trait Runs {
    /// The project's runs, the newest first.
    async fn list_runs(&self, actor: &Actor, project: ProjectId, query: WorkQuery) -> Result<Page<TestRun>>;
    /// One run.
    async fn run(&self, actor: &Actor, id: RunId) -> Result<TestRun>;
    /// Its cases, in order.
    async fn run_cases(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<RunCase>>;
    /// Its results, the newest first.
    async fn run_results(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<TestResult>>;
    /// Makes one; emits `test_run.created`.
    async fn create_run(&self, actor: &Actor, project: ProjectId, new: CreateRun) -> Result<TestRun>;
    /// Changes it; emits `test_run.updated` if name, description or cases changed, and
    /// `test_run.state_changed` if the state did.
    async fn update_run(&self, actor: &Actor, id: RunId, change: UpdateRun) -> Result<TestRun>;
    /// Makes a copy without results; emits `test_run.duplicated`.
    async fn duplicate_run(&self, actor: &Actor, id: RunId) -> Result<TestRun>;
    /// Completes it, in whatever state; emits `test_run.completed`.
    async fn complete_run(&self, actor: &Actor, id: RunId) -> Result<TestRun>;
    /// Adds a result; emits `test_run.result_added`.
    async fn add_run_result(&self, actor: &Actor, id: RunId, new: AddResult) -> Result<TestResult>;
    /// Deletes it; emits `test_run.deleted`.
    async fn delete_run(&self, actor: &Actor, id: RunId) -> Result<()>;
    /// The results of runs and sessions that are linked to an issue, the newest first.
    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>>;
}

/// Exploratory sessions and their results.
#[async_trait]
pub trait Sessions {
    /// The project's sessions, the newest first.
    async fn list_sessions(&self, actor: &Actor, project: ProjectId, query: WorkQuery) -> Result<Page<TestSession>>;
    /// One session.
    async fn session(&self, actor: &Actor, id: SessionId) -> Result<TestSession>;
    /// Its results, the newest first.
    async fn session_results(&self, actor: &Actor, id: SessionId, page: PageQuery) -> Result<Page<TestResult>>;
    /// Makes one; emits `session.created`.
    async fn create_session(&self, actor: &Actor, project: ProjectId, new: CreateSession) -> Result<TestSession>;
    /// Changes it; emits `session.updated` if name, charter or time box changed, and
    /// `session.state_changed` if the state did.
    async fn update_session(&self, actor: &Actor, id: SessionId, change: UpdateSession) -> Result<TestSession>;
    /// Makes a copy without results; emits `session.duplicated`.
    async fn duplicate_session(&self, actor: &Actor, id: SessionId) -> Result<TestSession>;
    /// Completes it, in whatever state; emits `session.completed`.
    async fn complete_session(&self, actor: &Actor, id: SessionId) -> Result<TestSession>;
    /// Adds a result; emits `session.result_added`.
    async fn add_session_result(&self, actor: &Actor, id: SessionId, new: AddResult) -> Result<TestResult>;
    /// Deletes it; emits `session.deleted`.
    async fn delete_session(&self, actor: &Actor, id: SessionId) -> Result<()>;
}

/// The audit log.
#[async_trait]
pub trait Audit {
    /// What was done to a project's configuration, the newest first; for its admins. Without a
    /// project: what belongs to none, for system admins.
    async fn list_audit(&self, actor: &Actor, project: Option<ProjectId>, page: PageQuery) -> Result<Page<AuditEntry>>;
}

/// All of it.
pub trait Service:
    Projects + People + Integrations + Issues + Webhooks + Deliveries + Cases + Runs + Sessions + Audit + Send + Sync
{
}

impl<T> Service for T where
    T: Projects
        + People
        + Integrations
        + Issues
        + Webhooks
        + Deliveries
        + Cases
        + Runs
        + Sessions
        + Audit
        + Send
        + Sync
{
}

/// The service as the context and the handlers carry it.
pub type SharedService = Arc<dyn Service>;
