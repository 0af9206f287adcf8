//! The trait of people; each part has its own file.

use app::error::Result;
use app::model::id::{InviteId, ProjectId, TokenId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{
    Actor, ApiToken, CreateInvite, CreateToken, CreatedInvite, CreatedToken, Invite, InviteOffer, Member, Role,
};
use app::service::People;
use async_trait::async_trait;

use super::{invites, members, tokens, users};
use crate::core::Core;

#[async_trait]
impl People for Core {
    async fn needs_setup(&self) -> Result<bool> {
        users::nobody_exists(self).await
    }

    async fn list_members(&self, actor: &Actor, project: ProjectId, page: PageQuery) -> Result<Page<Member>> {
        members::list(self, actor, project, page).await
    }

    async fn update_member(&self, actor: &Actor, project: ProjectId, user: UserId, role: Role) -> Result<Member> {
        members::update(self, actor, project, user, role).await
    }

    async fn remove_member(&self, actor: &Actor, project: ProjectId, user: UserId) -> Result<()> {
        members::remove(self, actor, project, user).await
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
