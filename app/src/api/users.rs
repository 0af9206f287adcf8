//! All users, for system admins.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
#[cfg(feature = "ssr")]
use crate::model::account::UpdateUser;
use crate::model::account::{PasswordResetLink, User};
use crate::model::id::UserId;
use crate::model::page::{Page, PageQuery};

/// Lists all users, by name.
#[server(prefix = "/ui", endpoint = "users/list", protocol = PageCall<GetUrl>)]
pub async fn list_users(#[server(default)] page: PageQuery) -> Result<Page<User>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_users(&actor, page).await)
}

/// Deactivates or reactivates a user.
#[server(prefix = "/ui", endpoint = "users/set-active", protocol = PageCall<PostUrl>)]
pub async fn set_user_active(user: UserId, active: bool) -> Result<User> {
    let (service, actor) = authenticated()?;
    with_status(service.update_user(&actor, user, UpdateUser { active: Some(active), system_admin: None }).await)
}

/// Grants or revokes the system admin role.
#[server(prefix = "/ui", endpoint = "users/set-system-admin", protocol = PageCall<PostUrl>)]
pub async fn set_system_admin(user: UserId, system_admin: bool) -> Result<User> {
    let (service, actor) = authenticated()?;
    with_status(service.update_user(&actor, user, UpdateUser { active: None, system_admin: Some(system_admin) }).await)
}

/// Creates a link to reset a user's password.
#[server(prefix = "/ui", endpoint = "users/password-reset", protocol = PageCall<PostUrl>)]
pub async fn create_password_reset(user: UserId) -> Result<PasswordResetLink> {
    let (service, actor) = authenticated()?;
    with_status(service.create_password_reset(&actor, user).await)
}

/// Unlinks a user from the provider for single sign-on.
#[server(prefix = "/ui", endpoint = "users/unlink-single-sign-on", protocol = PageCall<PostUrl>)]
pub async fn unlink_single_sign_on(user: UserId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.unlink_identities(&actor, user).await)
}
