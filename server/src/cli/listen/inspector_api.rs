//! The calls about inspector URLs.

use app::model::id::{InspectorRequestId, InspectorUrlId};
use app::model::inspector::{InspectorRequest, InspectorRequestDetail, InspectorUrl};
use http::Method;
use serde_json::json;
use testbell_client::model::Page;
use testbell_client::{Client, Error, Result};
use uuid::Uuid;

/// The inspector URL with a token, of a project.
pub async fn find_url(client: &Client, project: &str, token: &str) -> Result<InspectorUrl> {
    let urls = client.pages::<InspectorUrl>(format!("/projects/{project}/inspector-urls")).all().await?;
    let found = urls.into_iter().find(|url| url.url.rsplit('/').next() == Some(token));
    found.ok_or_else(|| Error::NotFound("The project has no such inspector URL.".to_owned()))
}

/// Creates an inspector URL.
pub async fn create_url(client: &Client, project: &str) -> Result<InspectorUrl> {
    client.request(Method::POST, format!("/projects/{project}/inspector-urls")).json(&json!({})).send().await
}

/// Deletes an inspector URL.
pub async fn delete_url(client: &Client, id: InspectorUrlId) -> Result<()> {
    client.request(Method::DELETE, format!("/inspector-urls/{id}")).send_ignoring_body().await
}

/// The newest request, or an ID that is older than all.
pub async fn newest(client: &Client, id: InspectorUrlId) -> Result<InspectorRequestId> {
    let request = client.request(Method::GET, format!("/inspector-urls/{id}/requests")).query("limit", "1".to_owned());
    let page: Page<InspectorRequest> = request.send().await?;
    Ok(page.items.first().map_or(InspectorRequestId(Uuid::nil()), |request| request.id))
}

/// Requests that arrived after another one, oldest first.
pub async fn after(client: &Client, id: InspectorUrlId, after: InspectorRequestId) -> Result<Vec<InspectorRequest>> {
    let request = client.request(Method::GET, format!("/inspector-urls/{id}/requests"));
    let request = request.query("after", after.to_string()).query("limit", "200".to_owned());
    Ok(request.send::<Page<InspectorRequest>>().await?.items)
}

/// A request with its headers and its body.
pub async fn read_request(client: &Client, id: InspectorRequestId) -> Result<InspectorRequestDetail> {
    client.request(Method::GET, format!("/inspector-requests/{id}")).send().await
}
