//! The calls about inspector URLs.

use app::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use app::model::inspector::{InspectorRequest, InspectorRequestDetail, InspectorUrl};
use app::model::page::Page;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::api::{Api, ApiError};

impl Api {
    /// The inspector URL with a token, of a project.
    pub async fn find_url(&self, project: ProjectId, token: &str) -> Result<InspectorUrl, ApiError> {
        let page: Page<InspectorUrl> = self.get(&format!("/projects/{project}/inspector-urls?limit=200")).await?;
        let found = page.items.into_iter().find(|url| url.url.rsplit('/').next() == Some(token));
        let detail = || "The project has no such inspector URL.".to_owned();
        found.ok_or_else(|| ApiError::Refused { status: StatusCode::NOT_FOUND, detail: detail() })
    }

    /// Creates an inspector URL.
    pub async fn create_url(&self, project: ProjectId) -> Result<InspectorUrl, ApiError> {
        self.call(Method::POST, &format!("/projects/{project}/inspector-urls"), Some(&json!({}))).await
    }

    /// Deletes an inspector URL.
    pub async fn delete_url(&self, id: InspectorUrlId) -> Result<(), ApiError> {
        self.call::<Value>(Method::DELETE, &format!("/inspector-urls/{id}"), None).await.map(drop)
    }

    /// The newest request, or an ID that is older than all.
    pub async fn newest(&self, id: InspectorUrlId) -> Result<InspectorRequestId, ApiError> {
        let page: Page<InspectorRequest> = self.get(&format!("/inspector-urls/{id}/requests?limit=1")).await?;
        Ok(page.items.first().map_or(InspectorRequestId(Uuid::nil()), |request| request.id))
    }

    /// Requests that arrived after another one, oldest first.
    pub async fn after(
        &self,
        id: InspectorUrlId,
        after: InspectorRequestId,
    ) -> Result<Vec<InspectorRequest>, ApiError> {
        let page: Page<InspectorRequest> =
            self.get(&format!("/inspector-urls/{id}/requests?after={after}&limit=200")).await?;
        Ok(page.items)
    }

    /// A request with its headers and its body.
    pub async fn request(&self, id: InspectorRequestId) -> Result<InspectorRequestDetail, ApiError> {
        self.get(&format!("/inspector-requests/{id}")).await
    }
}
