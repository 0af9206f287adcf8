//! Inspector URLs and their requests, for project admins.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, normalize_newlines, with_status};
use crate::error::Result;
#[cfg(feature = "ssr")]
use crate::error::{Checks, Error};
use crate::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use crate::model::inspector::{ClearedRequests, InspectorPage, InspectorUrl, ResponseContentType};
#[cfg(feature = "ssr")]
use crate::model::inspector::{InspectorRequestQuery, MAX_KEPT_REQUESTS, UpdateInspectorUrl};
#[cfg(feature = "ssr")]
use crate::model::page::{MAX_LIMIT, PageQuery};

/// The project's URLs, and the requests of one of them: the given one, or else the newest.
#[server(prefix = "/ui", endpoint = "inspector/get", protocol = PageCall<GetUrl>)]
pub async fn read_inspector(
    project: ProjectId,
    #[server(default)] url: Option<InspectorUrlId>,
    #[server(default)] request: Option<InspectorRequestId>,
) -> Result<InspectorPage> {
    let (service, actor) = authenticated()?;
    let read = async {
        let all = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
        let urls = service.list_inspector_urls(&actor, project, all).await?.items;
        let selected = urls.iter().find(|listed| Some(listed.id) == url).or(urls.first()).map(|listed| listed.id);
        let Some(id) = selected else { return Ok(InspectorPage::default()) };
        let limit = u32::try_from(MAX_KEPT_REQUESTS).ok();
        let query = InspectorRequestQuery { limit, ..InspectorRequestQuery::default() };
        let requests = service.list_inspector_requests(&actor, id, query).await?.items;
        let shown = requests.iter().find(|listed| Some(listed.id) == request).or(requests.first());
        let detail = match shown {
            // It may have been dropped meanwhile.
            Some(shown) => match service.inspector_request(&actor, shown.id).await {
                Err(Error::NotFound) => None,
                read => Some(read?),
            },
            None => None,
        };
        Ok(InspectorPage { urls, selected, requests, detail })
    };
    with_status(read.await)
}

/// Creates a URL.
#[server(prefix = "/ui", endpoint = "inspector/create", protocol = PageCall<PostUrl>)]
pub async fn create_inspector_url(project: ProjectId) -> Result<InspectorUrl> {
    let (service, actor) = authenticated()?;
    with_status(service.create_inspector_url(&actor, project, UpdateInspectorUrl::default()).await)
}

/// Changes the response of a URL.
#[server(prefix = "/ui", endpoint = "inspector/response", protocol = PageCall<PostUrl>)]
pub async fn edit_inspector_response(
    id: InspectorUrlId,
    status: String,
    delay_ms: String,
    content_type: ResponseContentType,
    #[server(default)] body: String,
) -> Result<InspectorUrl> {
    let (service, actor) = authenticated()?;
    let mut checks = Checks::default();
    let mut number =
        |field, text: &str| checks.take(field, text.trim().parse::<u32>().map_err(|_| "Enter a whole number."));
    let (status, delay_ms) = (number("status", &status), number("delayMs", &delay_ms));
    with_status(checks.finish())?;
    let body = Some(normalize_newlines(&body));
    let change = UpdateInspectorUrl {
        status,
        delay_ms,
        content_type: Some(content_type),
        body,
        ..UpdateInspectorUrl::default()
    };
    with_status(service.update_inspector_url(&actor, id, change).await)
}

/// Sets or removes the secret that signatures are checked with.
#[server(prefix = "/ui", endpoint = "inspector/secret", protocol = PageCall<PostUrl>)]
pub async fn set_inspector_secret(
    id: InspectorUrlId,
    #[server(default)] signing_secret: String,
) -> Result<InspectorUrl> {
    let (service, actor) = authenticated()?;
    let change = UpdateInspectorUrl { signing_secret: Some(signing_secret), ..UpdateInspectorUrl::default() };
    with_status(service.update_inspector_url(&actor, id, change).await)
}

/// Extends a URL by seven days.
#[server(prefix = "/ui", endpoint = "inspector/extend", protocol = PageCall<PostUrl>)]
pub async fn extend_inspector_url(id: InspectorUrlId) -> Result<InspectorUrl> {
    let (service, actor) = authenticated()?;
    with_status(service.extend_inspector_url(&actor, id).await)
}

/// Deletes the requests of a URL.
#[server(prefix = "/ui", endpoint = "inspector/clear", protocol = PageCall<PostUrl>)]
pub async fn clear_inspector_requests(id: InspectorUrlId) -> Result<ClearedRequests> {
    let (service, actor) = authenticated()?;
    with_status(service.clear_inspector_requests(&actor, id).await)
}

/// Deletes a URL with its requests.
#[server(prefix = "/ui", endpoint = "inspector/delete", protocol = PageCall<PostUrl>)]
pub async fn delete_inspector_url(id: InspectorUrlId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_inspector_url(&actor, id).await)
}
