//! The members of a project.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
#[cfg(feature = "ssr")]
use crate::model::account::{RemoveMember as Removal, TransferProject as ProjectTransfer};
use crate::model::id::{ProjectId, UserId};
use crate::model::page::{Page, PageQuery};
use crate::model::people::{Member, Role};
use crate::model::project::Project;

/// Lists the members, by name.
#[server(prefix = "/ui", endpoint = "members/list", protocol = PageCall<GetUrl>)]
pub async fn list_members(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<Member>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_members(&actor, project, page).await)
}

/// Changes a member's role.
#[server(prefix = "/ui", endpoint = "members/update", protocol = PageCall<PostUrl>)]
pub async fn update_member(project: ProjectId, user: UserId, role: Role) -> Result<Member> {
    let (service, actor) = authenticated()?;
    with_status(service.update_member(&actor, project, user, role).await)
}

/// Removes a member.
#[server(prefix = "/ui", endpoint = "members/remove", protocol = PageCall<PostUrl>)]
pub async fn remove_member(
    project: ProjectId,
    user: UserId,
    #[server(default)] new_owner: Option<UserId>,
) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.remove_member(&actor, project, user, Removal { new_owner_id: new_owner }).await)
}

/// Transfers the project to another owner.
#[server(prefix = "/ui", endpoint = "members/transfer", protocol = PageCall<PostUrl>)]
pub async fn transfer_project(project: ProjectId, owner: UserId) -> Result<Project> {
    let (service, actor) = authenticated()?;
    with_status(service.transfer_project(&actor, project, ProjectTransfer { owner_id: owner }).await)
}
