//! The service of the inspector.

use async_trait::async_trait;

use crate::error::Result;
use crate::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use crate::model::inspector::{
    ClearedRequests, InspectorRequest, InspectorRequestDetail, InspectorRequestQuery, InspectorUrl, UpdateInspectorUrl,
};
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;

/// Inspector URLs and their requests, for project admins.
#[async_trait]
pub trait Inspector {
    /// The project's inspector URLs, newest first.
    async fn list_inspector_urls(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<InspectorUrl>>;
    /// One inspector URL.
    async fn inspector_url(&self, actor: &Actor, id: InspectorUrlId) -> Result<InspectorUrl>;
    /// Creates a URL that accepts requests for seven days.
    async fn create_inspector_url(
        &self,
        actor: &Actor,
        project: ProjectId,
        new: UpdateInspectorUrl,
    ) -> Result<InspectorUrl>;
    /// Changes its response or the secret that signatures are checked with.
    async fn update_inspector_url(
        &self,
        actor: &Actor,
        id: InspectorUrlId,
        change: UpdateInspectorUrl,
    ) -> Result<InspectorUrl>;
    /// Extends it by seven days, also after it has expired.
    async fn extend_inspector_url(&self, actor: &Actor, id: InspectorUrlId) -> Result<InspectorUrl>;
    /// Deletes it with its requests.
    async fn delete_inspector_url(&self, actor: &Actor, id: InspectorUrlId) -> Result<()>;
    /// Its requests, newest first.
    async fn list_inspector_requests(
        &self,
        actor: &Actor,
        id: InspectorUrlId,
        query: InspectorRequestQuery,
    ) -> Result<Page<InspectorRequest>>;
    /// Deletes its requests.
    async fn clear_inspector_requests(&self, actor: &Actor, id: InspectorUrlId) -> Result<ClearedRequests>;
    /// One request with its headers and its body.
    async fn inspector_request(&self, actor: &Actor, id: InspectorRequestId) -> Result<InspectorRequestDetail>;
}
