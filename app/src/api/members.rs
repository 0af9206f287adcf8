//! The members of a project.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::id::{ProjectId, UserId};
use crate::model::page::{Page, PageQuery};
use crate::model::people::{Member, Role};

/// The members, by name.
#[server(prefix = "/ui", endpoint = "members/list", input = GetUrl, output = Text)]
pub async fn list_members(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<Member>> {
    let (service, actor) = caller()?;
    told(service.list_members(&actor, project, page).await)
}

/// Changes a member's role.
#[server(prefix = "/ui", endpoint = "members/update", output = Text)]
pub async fn update_member(project: ProjectId, user: UserId, role: Role) -> Result<Member> {
    let (service, actor) = caller()?;
    told(service.update_member(&actor, project, user, role).await)
}

/// Removes a member.
#[server(prefix = "/ui", endpoint = "members/remove", output = Text)]
pub async fn remove_member(project: ProjectId, user: UserId) -> Result<()> {
    let (service, actor) = caller()?;
    told(service.remove_member(&actor, project, user).await)
}
