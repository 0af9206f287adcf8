//! The caller's own account.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, filled, service, with_status};
use crate::error::Result;
use crate::model::account::{BrowserSession, PasswordResetOffer};
#[cfg(feature = "ssr")]
use crate::model::account::{ChangePassword as PasswordChange, UpdateProfile as ProfileChange};
use crate::model::id::BrowserSessionId;
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;

/// Changes the caller's name, email address and choice of emails. A new address requires the current password.
#[server(prefix = "/ui", endpoint = "account/update", protocol = PageCall<PostUrl>)]
pub async fn update_profile(
    name: String,
    email: String,
    #[server(default)] password: String,
    #[server(default)] webhook_emails: bool,
) -> Result<Actor> {
    let (service, actor) = authenticated()?;
    let change = ProfileChange {
        name: Some(name),
        email: Some(email),
        current_password: filled(password),
        webhook_emails: Some(webhook_emails),
    };
    with_status(service.update_profile(&actor, change).await)
}

/// Changes the caller's password.
#[server(prefix = "/ui", endpoint = "account/password", protocol = PageCall<PostUrl>)]
pub async fn change_password(current_password: String, new_password: String) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.change_password(&actor, PasswordChange { current_password, new_password }).await)
}

/// Lists the browsers in which the caller is signed in.
#[server(prefix = "/ui", endpoint = "account/sessions", protocol = PageCall<GetUrl>)]
pub async fn list_browser_sessions(#[server(default)] page: PageQuery) -> Result<Page<BrowserSession>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_browser_sessions(&actor, page).await)
}

/// Ends one of the caller's sessions.
#[server(prefix = "/ui", endpoint = "account/sessions/end", protocol = PageCall<PostUrl>)]
pub async fn end_browser_session(id: BrowserSessionId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.end_browser_session(&actor, id).await)
}

/// Ends the caller's other sessions.
#[server(prefix = "/ui", endpoint = "account/sessions/end-others", protocol = PageCall<PostUrl>)]
pub async fn end_other_browser_sessions() -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.end_other_browser_sessions(&actor).await)
}

/// Reads the account of a password reset link.
#[server(prefix = "/ui", endpoint = "account/reset-offer", protocol = PageCall<GetUrl>)]
pub async fn read_reset_offer(token: String) -> Result<PasswordResetOffer> {
    with_status(service()?.password_reset_offer(&token).await)
}
