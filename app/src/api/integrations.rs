//! The connection to the tracker.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, filled, told};
use crate::error::Result;
use crate::model::id::ProjectId;
use crate::model::integration::{ConnectionTest, Integration, Provider};
#[cfg(feature = "ssr")]
use crate::model::integration::{Credentials, PutIntegration as NewIntegration};

/// The project's integration, if it has one.
#[server(prefix = "/ui", endpoint = "integration/get", input = GetUrl, output = Text)]
pub async fn read_integration(project: ProjectId) -> Result<Option<Integration>> {
    let (service, actor) = caller()?;
    told(service.integration(&actor, project).await)
}

/// Sets it up or replaces it. Neither token nor address of an account keeps what is stored.
#[server(prefix = "/ui", endpoint = "integration/put", output = Text)]
pub async fn put_integration(
    project: ProjectId,
    provider: Provider,
    #[server(default)] base_url: String,
    #[server(default)] repository: String,
    #[server(default)] email: String,
    #[server(default)] token: String,
) -> Result<Integration> {
    let (service, actor) = caller()?;
    let (email, token) = (filled(email), filled(token).unwrap_or_default());
    let credentials = (email.is_some() || !token.is_empty()).then_some(Credentials { email, token });
    told(service.put_integration(&actor, project, NewIntegration { provider, base_url, repository, credentials }).await)
}

/// Removes it, and the inbound webhook with it.
#[server(prefix = "/ui", endpoint = "integration/delete", output = Text)]
pub async fn delete_integration(project: ProjectId) -> Result<()> {
    let (service, actor) = caller()?;
    told(service.delete_integration(&actor, project).await)
}

/// Reads from the tracker with what is stored.
#[server(prefix = "/ui", endpoint = "integration/test", output = Text)]
pub async fn test_integration(project: ProjectId) -> Result<ConnectionTest> {
    let (service, actor) = caller()?;
    told(service.test_integration(&actor, project).await)
}
