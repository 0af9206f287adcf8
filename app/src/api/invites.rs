//! Invites to a project.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, service, with_status};
use crate::error::Result;
use crate::model::id::{InviteId, ProjectId};
use crate::model::page::{Page, PageQuery};
#[cfg(feature = "ssr")]
use crate::model::people::CreateInvite as NewInvite;
use crate::model::people::{CreatedInvite, Invite, InviteOffer, Role};

/// Lists the pending invites.
#[server(prefix = "/ui", endpoint = "invites/list", protocol = PageCall<GetUrl>)]
pub async fn list_invites(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<Invite>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_invites(&actor, project, page).await)
}

/// Creates an invite.
#[server(prefix = "/ui", endpoint = "invites/create", protocol = PageCall<PostUrl>)]
pub async fn create_invite(project: ProjectId, email: String, role: Role) -> Result<CreatedInvite> {
    let (service, actor) = authenticated()?;
    with_status(service.create_invite(&actor, project, NewInvite { email, role }).await)
}

/// Revokes an invite.
#[server(prefix = "/ui", endpoint = "invites/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_invite(project: ProjectId, invite: InviteId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_invite(&actor, project, invite).await)
}

/// Reads the invite of a link.
#[server(prefix = "/ui", endpoint = "invites/offer", protocol = PageCall<GetUrl>)]
pub async fn read_offer(token: String) -> Result<InviteOffer> {
    with_status(service()?.invite_offer(&token).await)
}
