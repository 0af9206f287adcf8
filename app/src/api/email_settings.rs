//! The settings of the mail server.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
#[cfg(feature = "ssr")]
use crate::model::email_settings::PutEmailSettings;
use crate::model::email_settings::{EmailSettings, EmailTest, SmtpEncryption};

/// The settings; `None` if no emails are sent.
#[server(prefix = "/ui", endpoint = "email-settings/read", protocol = PageCall<GetUrl>)]
pub async fn read_email_settings() -> Result<Option<EmailSettings>> {
    let (service, actor) = authenticated()?;
    with_status(service.email_settings(&actor).await)
}

/// Replaces the settings. An empty password keeps the stored one.
#[server(prefix = "/ui", endpoint = "email-settings/save", protocol = PageCall<PostUrl>)]
pub async fn save_email_settings(
    host: String,
    port: String,
    encryption: SmtpEncryption,
    username: String,
    password: String,
    from: String,
) -> Result<EmailSettings> {
    let (service, actor) = authenticated()?;
    let port = with_status(port.trim().parse().map_err(|_| Error::field("port", "Use 1 to 65535.")))?;
    let (username, password) = (Some(username), Some(password));
    let new = PutEmailSettings { host, port, encryption, username, password, from };
    with_status(service.put_email_settings(&actor, new).await)
}

/// Removes the settings.
#[server(prefix = "/ui", endpoint = "email-settings/remove", protocol = PageCall<PostUrl>)]
pub async fn remove_email_settings() -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_email_settings(&actor).await)
}

/// Sends a test email to the user.
#[server(prefix = "/ui", endpoint = "email-settings/test", protocol = PageCall<PostUrl>)]
pub async fn send_test_email() -> Result<EmailTest> {
    let (service, actor) = authenticated()?;
    with_status(service.test_email(&actor).await)
}
