//! The user's notifications.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::NotificationId;
#[cfg(feature = "ssr")]
use crate::model::notification::ReadNotifications as Read;
use crate::model::notification::{Notification, UnreadNotifications};
use crate::model::page::{Page, PageQuery};

/// Lists the notifications, newest first.
#[server(prefix = "/ui", endpoint = "notifications/list", protocol = PageCall<GetUrl>)]
pub async fn list_notifications(#[server(default)] page: PageQuery) -> Result<Page<Notification>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_notifications(&actor, page).await)
}

/// The number of unread notifications.
#[server(prefix = "/ui", endpoint = "notifications/unread", protocol = PageCall<GetUrl>)]
pub async fn read_unread() -> Result<UnreadNotifications> {
    let (service, actor) = authenticated()?;
    with_status(service.unread_notifications(&actor).await)
}

/// Marks one notification as read, or all of them.
#[server(prefix = "/ui", endpoint = "notifications/read", protocol = PageCall<PostUrl>)]
pub async fn mark_read(#[server(default)] id: Option<NotificationId>) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.read_notifications(&actor, Read { ids: id.map(|id| vec![id]) }).await)
}
