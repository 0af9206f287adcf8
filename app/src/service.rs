//! What the server can do for a caller, one trait a subject area. The pages' server functions
//! and the REST handlers are thin adapters over these; the rules, the transactions and the
//! checks of access are behind them. Every method takes the caller: a stranger to a project
//! gets [`Error::NotFound`](crate::error::Error::NotFound), a member who would need to be its
//! admin [`Error::Forbidden`](crate::error::Error::Forbidden).

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery};
use crate::model::id::{DeliveryId, InviteId, IssueId, ProjectId, TokenId, UserId, WebhookId};
use crate::model::integration::{ConnectionTest, Integration, PutIntegration};
use crate::model::issue::{CreateIssue, Issue, IssueDetail, IssueQuery, UpdateIssue};
use crate::model::page::{Page, PageQuery};
use crate::model::people::{
    Actor, ApiToken, CreateInvite, CreateToken, CreatedInvite, CreatedToken, Invite, InviteOffer, Member, Role,
};
use crate::model::project::{CreateProject, Project, UpdateProject};
use crate::model::webhook::{CreateInbound, CreateWebhook, CreatedWebhook, UpdateWebhook, Webhook};

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
}

/// Deliveries of both directions.
#[async_trait]
pub trait Deliveries {
    /// The project's deliveries, the newest first.
    async fn list_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<Page<Delivery>>;
    /// One delivery with its attempts.
    async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail>;
}

/// All of it.
pub trait Service: Projects + People + Integrations + Issues + Webhooks + Deliveries + Send + Sync {}

impl<T: Projects + People + Integrations + Issues + Webhooks + Deliveries + Send + Sync> Service for T {}

/// The service as the context and the handlers carry it.
pub type SharedService = Arc<dyn Service>;
