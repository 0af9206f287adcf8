//! Summaries for the pages of a project.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::dashboard::Dashboard;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::overview::{ProjectCounts, RecentDeliveries};
use crate::model::search::SearchHit;
#[cfg(feature = "ssr")]
use crate::model::search::SearchQuery;

/// The counts in the navigation.
#[server(prefix = "/ui", endpoint = "overview/counts", protocol = PageCall<GetUrl>)]
pub async fn read_project_counts(project: ProjectId) -> Result<ProjectCounts> {
    let (service, actor) = authenticated()?;
    with_status(service.project_counts(&actor, project).await)
}

/// The issues and testware of a project that match.
#[server(prefix = "/ui", endpoint = "overview/search", protocol = PageCall<GetUrl>)]
pub async fn search_project(project: ProjectId, text: String) -> Result<Vec<SearchHit>> {
    let (service, actor) = authenticated()?;
    with_status(service.search(&actor, project, SearchQuery { search: Some(text) }).await)
}

/// What a team needs to know now.
#[server(prefix = "/ui", endpoint = "overview/dashboard", protocol = PageCall<GetUrl>)]
pub async fn read_dashboard(project: ProjectId) -> Result<Dashboard> {
    let (service, actor) = authenticated()?;
    with_status(service.dashboard(&actor, project).await)
}

/// The latest deliveries of each of these webhooks. Webhooks of other projects are left out.
#[server(prefix = "/ui", endpoint = "overview/recent-deliveries", protocol = PageCall<Json>)]
pub async fn read_recent_deliveries(project: ProjectId, webhooks: Vec<WebhookId>) -> Result<Vec<RecentDeliveries>> {
    let (service, actor) = authenticated()?;
    with_status(service.recent_deliveries(&actor, project, webhooks).await)
}
