//! The connection to the tracker.
#![allow(clippy::too_many_arguments, reason = "the arguments are the fields of a form")]

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, filled, with_status};
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::integration::{ConnectionTest, Integration};
#[cfg(feature = "ssr")]
use crate::model::integration::{Credentials, PutIntegration as NewIntegration};
use crate::model::provider::Provider;

/// The project's integration, if it has one.
#[server(prefix = "/ui", endpoint = "integration/get", protocol = PageCall<GetUrl>)]
pub async fn read_integration(project: ProjectId) -> Result<Option<Integration>> {
    let (service, actor) = authenticated()?;
    with_status(service.integration(&actor, project).await)
}

/// Creates or replaces the integration. Without a token and an email address, the stored ones are
/// kept.
#[server(prefix = "/ui", endpoint = "integration/put", protocol = PageCall<PostUrl>)]
pub async fn put_integration(
    project: ProjectId,
    provider: Provider,
    #[server(default)] base_url: String,
    #[server(default)] repository: String,
    // Browsers don't send an unchecked box.
    #[server(default)] only_from_repository: bool,
    #[server(default)] sync_milestones: bool,
    #[server(default)] email: String,
    #[server(default)] token: String,
) -> Result<Integration> {
    let (service, actor) = authenticated()?;
    let (email, token) = (filled(email), filled(token).unwrap_or_default());
    let credentials = (email.is_some() || !token.is_empty()).then_some(Credentials { email, token });
    let only_from_repository = Some(only_from_repository && provider.has_inbound());
    let sync_milestones = Some(sync_milestones && provider.has_milestones());
    let new = NewIntegration { provider, base_url, repository, only_from_repository, sync_milestones, credentials };
    with_status(service.put_integration(&actor, project, new).await)
}

/// Deletes the integration and its inbound webhook.
#[server(prefix = "/ui", endpoint = "integration/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_integration(project: ProjectId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_integration(&actor, project).await)
}

/// Tests the stored connection.
#[server(prefix = "/ui", endpoint = "integration/test", protocol = PageCall<PostUrl>)]
pub async fn test_integration(project: ProjectId) -> Result<ConnectionTest> {
    let (service, actor) = authenticated()?;
    with_status(service.test_integration(&actor, project).await)
}
