//! The services, one trait per subject area. Server functions and REST handlers are thin adapters
//! over them; rules, transactions and access checks are behind them. Every method takes the caller:
//! without access to a project it returns [`Error::NotFound`](crate::error::Error::NotFound), and
//! without a needed admin role [`Error::Forbidden`](crate::error::Error::Forbidden).

mod custom_events;
mod imports;
mod inspector;
pub mod range_replays;
mod shared_webhooks;
pub mod testware;

use std::sync::Arc;

pub use custom_events::CustomEvents;
pub use imports::Imports;
pub use inspector::Inspector;
pub use range_replays::RangeReplays;
pub use shared_webhooks::{SharedWebhooks, WebhookPauses};
pub use testware::{
    Assignments, AutomationRuns, BulkCases, CaseHistory, CiJobs, Executions, PublicLinks, Reports, Results, Reviews,
    SessionNotes, SessionTimers, Testware,
};

use async_trait::async_trait;

use crate::comments::{AddComment, Comment, CommentId, CommentQuery, UpdateComment};
use crate::error::Result;
use crate::model::account::{
    BrowserSession, ChangePassword, PasswordResetLink, PasswordResetOffer, RemoveMember, TransferProject,
    UpdateProfile, UpdateUser, User,
};
use crate::model::audit::AuditEntry;
use crate::model::body_template::{PreviewTemplate, TemplatePreview};
use crate::model::condition::{TriedConditions, TryConditions};
use crate::model::dashboard::Dashboard;
use crate::model::delivery::{
    ChangedDeliveries, Delivery, DeliveryCount, DeliveryDetail, DeliveryQuery, ManualAction, ReplayResult,
};
use crate::model::email_settings::{EmailSettings, EmailTest, PutEmailSettings};
use crate::model::history::{
    ClearAllHistory, ClearHistory, EraseContent, HistoryPurge, InstanceSettings, UpdateInstanceSettings,
};
use crate::model::id::{
    BrowserSessionId, DeliveryId, InviteId, IssueId, ProjectId, SecretId, TokenId, UserId, WebhookId,
};
use crate::model::integration::{ConnectionTest, Integration, PutIntegration};
use crate::model::issue::{CreateIssue, FoundIssue, Issue, IssueDetail, IssueQuery, UpdateIssue};
use crate::model::notification::{Notification, ReadNotifications, UnreadNotifications};
use crate::model::overview::{ProjectCounts, RecentDeliveries};
use crate::model::page::{Page, PageQuery};
use crate::model::people::{
    Actor, ApiToken, CreateInvite, CreateToken, CreatedInvite, CreatedToken, Invite, InviteOffer, Member, Role,
};
use crate::model::project::{CreateProject, Project, UpdateProject};
use crate::model::replay_filter::ReplayFilter;
use crate::model::search::{SearchHit, SearchQuery};
use crate::model::signing::ChangeSigning;
use crate::model::webhook::{
    ChangeDestination, CreateInbound, CreateWebhook, CreatedWebhook, DeletedWebhook, HeldDeliveriesAction,
    RotateWebhook, SendTest, UpdateWebhook, Webhook,
};
use crate::model::webhook_stats::{StatsPeriod, WebhookStats};

/// Projects.
#[async_trait]
pub trait Projects {
    /// The caller's projects, by name; all projects for a system admin.
    async fn list_projects(&self, actor: &Actor, page: PageQuery) -> Result<Page<Project>>;
    /// One project.
    async fn project(&self, actor: &Actor, id: ProjectId) -> Result<Project>;
    /// Creates a project with the caller as its owner and admin.
    async fn create_project(&self, actor: &Actor, new: CreateProject) -> Result<Project>;
    /// Changes its key or name.
    async fn update_project(&self, actor: &Actor, id: ProjectId, change: UpdateProject) -> Result<Project>;
    /// Deletes it. It becomes inaccessible, and its webhooks neither receive nor send. Its data is
    /// kept.
    async fn delete_project(&self, actor: &Actor, id: ProjectId) -> Result<()>;
}

/// Members, invites and API tokens.
#[async_trait]
pub trait People {
    /// Whether no account exists yet, so that the setup page is shown.
    async fn needs_setup(&self) -> Result<bool>;
    /// The members of a project, by name.
    async fn list_members(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Member>>;
    /// Changes a member's role; the owner stays an admin.
    async fn update_member(&self, actor: &Actor, project: ProjectId, user: UserId, role: Role) -> Result<Member>;
    /// Removes a member; the owner only with a new owner.
    async fn remove_member(&self, actor: &Actor, project: ProjectId, user: UserId, how: RemoveMember) -> Result<()>;
    /// Transfers a project to another owner; for its owner and for system admins.
    async fn transfer_project(&self, actor: &Actor, project: ProjectId, to: TransferProject) -> Result<Project>;
    /// The pending invites.
    async fn list_invites(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Invite>>;
    /// Creates an invite link that works once, for seven days.
    async fn create_invite(&self, actor: &Actor, project: ProjectId, new: CreateInvite) -> Result<CreatedInvite>;
    /// Revokes an invite.
    async fn delete_invite(&self, actor: &Actor, project: ProjectId, invite: InviteId) -> Result<()>;
    /// The invite of a link; needs no sign-in.
    async fn invite_offer(&self, token: &str) -> Result<InviteOffer>;
    /// The caller's API tokens, newest first.
    async fn list_tokens(&self, actor: &Actor, page: PageQuery) -> Result<Page<ApiToken>>;
    /// Creates an API token for the caller.
    async fn create_token(&self, actor: &Actor, new: CreateToken) -> Result<CreatedToken>;
    /// Revokes an API token of the caller.
    async fn delete_token(&self, actor: &Actor, id: TokenId) -> Result<()>;
}

/// A user's own account, and all accounts for system admins.
#[async_trait]
pub trait Accounts {
    /// The caller as stored now.
    async fn profile(&self, actor: &Actor) -> Result<Actor>;
    /// Changes the caller's name or email address.
    async fn update_profile(&self, actor: &Actor, change: UpdateProfile) -> Result<Actor>;
    /// Changes the caller's password and ends the caller's other sessions.
    async fn change_password(&self, actor: &Actor, change: ChangePassword) -> Result<()>;
    /// The browsers in which the caller is signed in, newest first.
    async fn list_browser_sessions(&self, actor: &Actor, page: PageQuery) -> Result<Page<BrowserSession>>;
    /// Ends one of the caller's sessions.
    async fn end_browser_session(&self, actor: &Actor, id: BrowserSessionId) -> Result<()>;
    /// Ends the caller's sessions, except the current one.
    async fn end_other_browser_sessions(&self, actor: &Actor) -> Result<()>;
    /// All users, by name. This and the following functions are for system admins.
    async fn list_users(&self, actor: &Actor, page: PageQuery) -> Result<Page<User>>;
    /// One user.
    async fn user(&self, actor: &Actor, id: UserId) -> Result<User>;
    /// Deactivates or reactivates an account, or grants or revokes the system admin role. The last
    /// active system admin stays.
    async fn update_user(&self, actor: &Actor, id: UserId, change: UpdateUser) -> Result<User>;
    /// Creates a link that sets a user's password. It works once, for a day.
    async fn create_password_reset(&self, actor: &Actor, user: UserId) -> Result<PasswordResetLink>;
    /// Unlinks a user from the provider for single sign-on, and signs the user out.
    async fn unlink_identities(&self, actor: &Actor, user: UserId) -> Result<()>;
    /// The name of the provider for single sign-on, if there is one; needs no sign-in.
    fn single_sign_on(&self) -> Option<String>;
    /// The account behind a reset link; needs no sign-in.
    async fn password_reset_offer(&self, token: &str) -> Result<PasswordResetOffer>;
}

/// The caller's notifications.
#[async_trait]
pub trait Notifications {
    /// The notifications of projects that the caller may read, newest first.
    async fn list_notifications(&self, actor: &Actor, page: PageQuery) -> Result<Page<Notification>>;
    /// How many of them are unread.
    async fn unread_notifications(&self, actor: &Actor) -> Result<UnreadNotifications>;
    /// Marks some or all as read.
    async fn read_notifications(&self, actor: &Actor, read: ReadNotifications) -> Result<()>;
}

/// The mail server; for system admins.
#[async_trait]
pub trait EmailAdmin {
    /// The settings; `None` if no emails are sent.
    async fn email_settings(&self, actor: &Actor) -> Result<Option<EmailSettings>>;
    /// Replaces the settings.
    async fn put_email_settings(&self, actor: &Actor, new: PutEmailSettings) -> Result<EmailSettings>;
    /// Removes the settings. Queued emails are dropped.
    async fn delete_email_settings(&self, actor: &Actor) -> Result<()>;
    /// Sends a test email to the caller with the stored settings, and reports the result.
    async fn test_email(&self, actor: &Actor) -> Result<EmailTest>;
}

/// The connection to the tracker.
#[async_trait]
pub trait Integrations {
    /// The project's integration, if it has one.
    async fn integration(&self, actor: &Actor, project: ProjectId) -> Result<Option<Integration>>;
    /// Sets it up or replaces it. Changing the provider deletes the inbound webhook.
    async fn put_integration(&self, actor: &Actor, project: ProjectId, new: PutIntegration) -> Result<Integration>;
    /// Removes it together with the inbound webhook.
    async fn delete_integration(&self, actor: &Actor, project: ProjectId) -> Result<()>;
    /// Tests the stored connection and reports the result.
    async fn test_integration(&self, actor: &Actor, project: ProjectId) -> Result<ConnectionTest>;
}

/// Issues.
#[async_trait]
pub trait Issues {
    /// The project's issues, newest first.
    async fn list_issues(&self, actor: &Actor, project: ProjectId, query: IssueQuery) -> Result<Page<Issue>>;
    /// One issue.
    async fn issue(&self, actor: &Actor, id: IssueId) -> Result<IssueDetail>;
    /// The project's issues with these keys, at most 50. A short key (`#42`) finds an issue if no other has it.
    async fn issues_with_keys(&self, actor: &Actor, project: ProjectId, keys: Vec<String>) -> Result<Vec<FoundIssue>>;
    /// Creates an issue; emits `issue.created`.
    async fn create_issue(&self, actor: &Actor, project: ProjectId, new: CreateIssue) -> Result<Issue>;
    /// Changes it; emits `issue.updated` if anything changed.
    async fn update_issue(&self, actor: &Actor, id: IssueId, change: UpdateIssue) -> Result<Issue>;
    /// Deletes it; emits `issue.deleted`. Later events of the tracker don't restore it.
    async fn delete_issue(&self, actor: &Actor, id: IssueId) -> Result<()>;
    /// Schedules a sync with the tracker.
    async fn sync_issue(&self, actor: &Actor, id: IssueId) -> Result<()>;
}

/// Webhooks of both directions.
#[async_trait]
pub trait Webhooks {
    /// The project's webhooks, the inbound one first, then the outbound ones, oldest first.
    async fn list_webhooks(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Webhook>>;
    /// One webhook.
    async fn webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook>;
    /// Creates the inbound webhook; a project has at most one.
    async fn create_inbound(&self, actor: &Actor, project: ProjectId, new: CreateInbound) -> Result<CreatedWebhook>;
    /// Creates an outbound webhook and its secret.
    async fn create_webhook(&self, actor: &Actor, project: ProjectId, new: CreateWebhook) -> Result<CreatedWebhook>;
    /// Creates an inactive copy of an outbound webhook, with the same projects, URL and settings, and its own secret.
    async fn duplicate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<CreatedWebhook>;
    /// Tries conditions on samples and on past events of projects, without saving them; for admins of these projects.
    async fn try_conditions(&self, actor: &Actor, project: ProjectId, tried: TryConditions) -> Result<TriedConditions>;
    /// Renders a template with the sample of an event, without saving it; for project admins.
    async fn preview_template(
        &self,
        actor: &Actor,
        project: ProjectId,
        preview: PreviewTemplate,
    ) -> Result<TemplatePreview>;
    /// Changes an outbound webhook.
    async fn update_webhook(&self, actor: &Actor, id: WebhookId, change: UpdateWebhook) -> Result<Webhook>;
    /// Changes the URL and the kind of destination of an outbound webhook. If the new kind signs and
    /// the old one didn't, it returns a new secret.
    async fn change_destination(
        &self,
        actor: &Actor,
        id: WebhookId,
        change: ChangeDestination,
    ) -> Result<CreatedWebhook>;
    /// Changes how an outbound webhook signs. Another scheme gets a new secret, and the old ones stop at once.
    async fn change_signing(&self, actor: &Actor, id: WebhookId, change: ChangeSigning) -> Result<CreatedWebhook>;
    /// Deletes it. Its deliveries are kept.
    async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<()>;
    /// Deletes it, and its deliveries in the background.
    async fn delete_webhook_and_history(&self, actor: &Actor, id: WebhookId) -> Result<()>;
    /// Sends a test: the same bytes each time, so that the second one tests the receiver's
    /// deduplication. It is attempted once, even while the webhook is disabled. An inbound test
    /// passes the webhook's own verification and changes no issue.
    async fn test_webhook(&self, actor: &Actor, id: WebhookId, test: SendTest) -> Result<Delivery>;
    /// Re-enables a disabled outbound webhook.
    async fn enable_webhook(&self, actor: &Actor, id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook>;
    /// Deactivates an outbound webhook: nothing is sent but tests.
    async fn deactivate_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook>;
    /// Activates it again. What is held is sent in order, or cancelled.
    async fn activate_webhook(&self, actor: &Actor, id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook>;
    /// What an outbound webhook has sent in a period.
    async fn webhook_stats(&self, actor: &Actor, id: WebhookId, period: StatsPeriod) -> Result<WebhookStats>;
    /// Rotates the secret. An outbound webhook signs with both secrets for 24 hours, or as long as
    /// selected, if its requests can carry two signatures, and can't be rotated again in that time. An inbound webhook gets a new URL as well, and the old values
    /// stop working at once.
    async fn rotate_webhook(&self, actor: &Actor, id: WebhookId, rotate: RotateWebhook) -> Result<CreatedWebhook>;
    /// Retires the previous secret now.
    async fn retire_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook>;
    /// Extends the previous secret by 24 hours; once.
    async fn extend_secret(&self, actor: &Actor, id: WebhookId, secret: SecretId) -> Result<Webhook>;
}

/// Deliveries of both directions.
#[async_trait]
pub trait Deliveries {
    /// The project's deliveries, newest first.
    async fn list_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<Page<Delivery>>;
    /// The number of deliveries that match the filters; cursor and limit don't matter.
    async fn count_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<DeliveryCount>;
    /// The deleted webhooks of which deliveries are kept, newest first.
    async fn deleted_webhooks(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<DeletedWebhook>>;
    /// One delivery with its attempts.
    async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail>;
    /// Sends the same payload again, with the same `webhook-id`, as a new delivery; for admins.
    async fn replay_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery>;
    /// The same for up to [`MAX_REPLAYED_DELIVERIES`](crate::model::delivery::MAX_REPLAYED_DELIVERIES)
    /// of one project.
    async fn replay_deliveries(&self, actor: &Actor, ids: Vec<DeliveryId>) -> Result<ReplayResult>;
    /// The same for all deliveries that match a filter, or for all of the project.
    async fn replay_filtered(&self, actor: &Actor, project: ProjectId, filter: ReplayFilter) -> Result<ReplayResult>;
    /// Makes the next attempt of a delivery now, if it is pending, failed or exhausted, or cancels it, if it is
    /// pending, failed or held; for admins. Unlike a replay, a retry is an attempt of the same delivery.
    async fn change_delivery(&self, actor: &Actor, id: DeliveryId, action: ManualAction) -> Result<Delivery>;
    /// The same for up to [`MAX_REPLAYED_DELIVERIES`](crate::model::delivery::MAX_REPLAYED_DELIVERIES)
    /// of one project. Those for which it isn't possible are skipped.
    async fn change_deliveries(
        &self,
        actor: &Actor,
        ids: Vec<DeliveryId>,
        action: ManualAction,
    ) -> Result<ChangedDeliveries>;
}

/// The delivery history: how long it is kept, and what is deleted by hand.
#[async_trait]
pub trait History {
    /// The settings of the instance; for system admins.
    async fn instance_settings(&self, actor: &Actor) -> Result<InstanceSettings>;
    /// Changes them; for system admins.
    async fn update_instance_settings(&self, actor: &Actor, change: UpdateInstanceSettings)
    -> Result<InstanceSettings>;
    /// Deletes the finished deliveries of a project or of a webhook in the background; for project admins.
    async fn clear_history(&self, actor: &Actor, project: ProjectId, clear: ClearHistory) -> Result<HistoryPurge>;
    /// Deletes the finished deliveries of all projects in the background; for system admins.
    async fn clear_all_history(&self, actor: &Actor, clear: ClearAllHistory) -> Result<HistoryPurge>;
    /// Erases the payload or the responses of a delivery; for project admins.
    async fn erase_content(&self, actor: &Actor, id: DeliveryId, content: EraseContent) -> Result<()>;
}

/// Comments on issues and testware.
#[async_trait]
pub trait Comments {
    /// The comments of an item, or of the project, newest first.
    async fn list_comments(&self, actor: &Actor, project: ProjectId, query: CommentQuery) -> Result<Page<Comment>>;
    /// Adds one; emits `user.mentioned` for each member that it mentions.
    async fn add_comment(&self, actor: &Actor, project: ProjectId, new: AddComment) -> Result<Comment>;
    /// Changes one; emits `user.mentioned` for each member that it did not mention before.
    async fn update_comment(&self, actor: &Actor, id: CommentId, change: UpdateComment) -> Result<Comment>;
    /// Deletes one.
    async fn delete_comment(&self, actor: &Actor, id: CommentId) -> Result<()>;
}

/// The audit log.
#[async_trait]
pub trait Audit {
    /// The audit log of a project, newest first; for its admins. Without a project: the entries
    /// outside of projects, for system admins.
    async fn list_audit(&self, actor: &Actor, project: Option<ProjectId>, page: PageQuery) -> Result<Page<AuditEntry>>;
}

/// Summaries for the pages of a project.
#[async_trait]
pub trait ProjectOverview {
    /// The counts in the navigation.
    async fn project_counts(&self, actor: &Actor, project: ProjectId) -> Result<ProjectCounts>;
    /// The issues and testware of a project that match, the newest of each subject.
    async fn search(&self, actor: &Actor, project: ProjectId, query: SearchQuery) -> Result<Vec<SearchHit>>;
    /// What a team needs to know now.
    async fn dashboard(&self, actor: &Actor, project: ProjectId) -> Result<Dashboard>;
    /// The latest deliveries of each of these webhooks. A webhook of another project has none.
    async fn recent_deliveries(
        &self,
        actor: &Actor,
        project: ProjectId,
        webhooks: Vec<WebhookId>,
    ) -> Result<Vec<RecentDeliveries>>;
}

/// Declares a trait that combines several others.
macro_rules! combined {
    ($(#[$doc:meta])* $name:ident: $($part:path),+ $(,)?) => {
        $(#[$doc])*
        pub trait $name: $($part +)+ {}

        impl<T: $($part +)+> $name for T {}
    };
}
use combined;

combined! {
    /// All services.
    Service: Projects, People, Accounts, Notifications, EmailAdmin, Integrations, Issues, Webhooks, SharedWebhooks,
        WebhookPauses, Deliveries, RangeReplays, ProjectOverview, History, Inspector, Comments, CustomEvents, Imports,
        testware::AllTestware, Audit, Send, Sync,
}

/// The shared service of handlers and server functions.
pub type SharedService = Arc<dyn Service>;
