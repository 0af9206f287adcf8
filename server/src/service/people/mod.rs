//! Implements the traits for users and accounts. Each part has its own file.

pub(crate) mod account;
pub(crate) mod browser_sessions;
pub(crate) mod claim_memberships;
pub(crate) mod identities;
pub(crate) mod invite_acceptance;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod names;
pub(crate) mod password_resets;
pub(crate) mod sign_ins;
pub(crate) mod tokens;
pub(crate) mod transfer;
pub(crate) mod user_admin;
pub(crate) mod users;

use app::error::Result;
use app::model::account::{
    BrowserSession, ChangePassword, PasswordResetLink, PasswordResetOffer, RemoveMember, TransferProject,
    UpdateProfile, UpdateUser, User,
};
use app::model::id::{BrowserSessionId, InviteId, ProjectId, TokenId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{
    Actor, ApiToken, CreateInvite, CreateToken, CreatedInvite, CreatedToken, Invite, InviteOffer, Member, Role,
};
use app::model::project::Project;
use app::service::{Accounts, People};
use async_trait::async_trait;

use crate::app_state::AppState;

#[async_trait]
impl People for AppState {
    async fn needs_setup(&self) -> Result<bool> {
        users::no_user_exists(self).await
    }

    async fn list_members(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Member>> {
        members::list(self, actor, project, page).await
    }

    async fn update_member(&self, actor: &Actor, project: ProjectId, user: UserId, role: Role) -> Result<Member> {
        members::update(self, actor, project, user, role).await
    }

    async fn remove_member(&self, actor: &Actor, project: ProjectId, user: UserId, how: RemoveMember) -> Result<()> {
        members::remove(self, actor, project, user, how).await
    }

    async fn transfer_project(&self, actor: &Actor, project: ProjectId, to: TransferProject) -> Result<Project> {
        transfer::transfer(self, actor, project, to).await
    }

    async fn list_invites(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Invite>> {
        invites::list(self, actor, project, page).await
    }

    async fn create_invite(&self, actor: &Actor, project: ProjectId, new: CreateInvite) -> Result<CreatedInvite> {
        invites::create(self, actor, project, new).await
    }

    async fn delete_invite(&self, actor: &Actor, project: ProjectId, invite: InviteId) -> Result<()> {
        invites::delete(self, actor, project, invite).await
    }

    async fn invite_offer(&self, token: &str) -> Result<InviteOffer> {
        invites::offer(self, token).await
    }

    async fn list_tokens(&self, actor: &Actor, page: PageQuery) -> Result<Page<ApiToken>> {
        tokens::list(self, actor, page).await
    }

    async fn create_token(&self, actor: &Actor, new: CreateToken) -> Result<CreatedToken> {
        tokens::create(self, actor, new).await
    }

    async fn delete_token(&self, actor: &Actor, id: TokenId) -> Result<()> {
        tokens::delete(self, actor, id).await
    }
}

#[async_trait]
impl Accounts for AppState {
    async fn profile(&self, actor: &Actor) -> Result<Actor> {
        account::read(self, actor).await
    }

    async fn update_profile(&self, actor: &Actor, change: UpdateProfile) -> Result<Actor> {
        account::update(self, actor, change).await
    }

    async fn change_password(&self, actor: &Actor, change: ChangePassword) -> Result<()> {
        account::change_password(self, actor, change).await
    }

    async fn list_browser_sessions(&self, actor: &Actor, page: PageQuery) -> Result<Page<BrowserSession>> {
        browser_sessions::list(self, actor, page).await
    }

    async fn end_browser_session(&self, actor: &Actor, id: BrowserSessionId) -> Result<()> {
        browser_sessions::end(self, actor, id).await
    }

    async fn end_other_browser_sessions(&self, actor: &Actor) -> Result<()> {
        browser_sessions::end_others(self, actor).await
    }

    async fn list_users(&self, actor: &Actor, page: PageQuery) -> Result<Page<User>> {
        user_admin::list(self, actor, page).await
    }

    async fn user(&self, actor: &Actor, id: UserId) -> Result<User> {
        user_admin::get(self, actor, id).await
    }

    async fn update_user(&self, actor: &Actor, id: UserId, change: UpdateUser) -> Result<User> {
        user_admin::update(self, actor, id, change).await
    }

    async fn create_password_reset(&self, actor: &Actor, user: UserId) -> Result<PasswordResetLink> {
        password_resets::create(self, actor, user).await
    }

    async fn unlink_identities(&self, actor: &Actor, user: UserId) -> Result<()> {
        identities::unlink(self, actor, user).await
    }

    fn single_sign_on(&self) -> Option<String> {
        self.oidc.as_ref().map(|provider| provider.name().to_owned())
    }

    async fn password_reset_offer(&self, token: &str) -> Result<PasswordResetOffer> {
        password_resets::offer(self, token).await
    }
}
