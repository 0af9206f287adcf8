//! The REST API of a Testbell server, as far as the command needs it.

use std::time::Duration;

use app::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use app::model::inspector::{InspectorRequest, InspectorRequestDetail, InspectorUrl};
use app::model::page::Page;
use app::model::project::Project;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::net::{Http, Limits, Request};

const LIMITS: Limits = Limits { time: Duration::from_secs(15), read: 8 << 20, keep: 8 << 20 };

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// There was no response.
    #[error("{0}")]
    NoResponse(String),
    /// The server refused the call, with its explanation.
    #[error("{detail} (status {status})")]
    Refused {
        /// The status.
        status: StatusCode,
        /// What the server says.
        detail: String,
    },
}

impl ApiError {
    /// Whether the same call may work later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NoResponse(_) => true,
            Self::Refused { status, .. } => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::NOT_FOUND, .. })
    }
}

/// A client with an API token.
pub struct Api {
    pub http: Http,
    pub server: Url,
    pub token: SecretString,
}

impl Api {
    /// The ID of a project that is named by its ID or its key.
    pub async fn project(&self, name: &str) -> Result<ProjectId, ApiError> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        let mut cursor = String::new();
        loop {
            let page: Page<Project> = self.get(&format!("/projects?limit=200{cursor}")).await?;
            if let Some(found) = page.items.into_iter().find(|project| project.key.eq_ignore_ascii_case(name)) {
                return Ok(found.id);
            }
            let Some(next) = page.next_cursor else {
                let detail = format!("There is no project with the key {name}.");
                return Err(ApiError::Refused { status: StatusCode::NOT_FOUND, detail });
            };
            cursor = format!("&cursor={next}");
        }
    }

    /// The inspector URL with a token, of a project.
    pub async fn find_url(&self, project: ProjectId, token: &str) -> Result<InspectorUrl, ApiError> {
        let page: Page<InspectorUrl> = self.get(&format!("/projects/{project}/inspector-urls?limit=200")).await?;
        let found = page.items.into_iter().find(|url| url.url.rsplit('/').next() == Some(token));
        let detail = || "The project has no such inspector URL.".to_owned();
        found.ok_or_else(|| ApiError::Refused { status: StatusCode::NOT_FOUND, detail: detail() })
    }

    /// Creates an inspector URL.
    pub async fn create_url(&self, project: ProjectId) -> Result<InspectorUrl, ApiError> {
        self.call(Method::POST, &format!("/projects/{project}/inspector-urls"), Some("{}")).await
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

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.call(Method::GET, path, None).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&'static str>,
    ) -> Result<T, ApiError> {
        let url = format!("{}/api/v1{path}", self.server.as_str().trim_end_matches('/'));
        let url = url.parse().map_err(|_| ApiError::NoResponse(format!("{url} is not a URL.")))?;
        let mut headers = HeaderMap::new();
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.token.expose_secret()));
        let mut bearer = bearer.map_err(|_| ApiError::NoResponse("The token has invalid characters.".to_owned()))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.unwrap_or_default().into();
        let sent = self.http.send(Request { method, url, headers, body, limits: LIMITS, allow_insecure: false });
        let sent = sent.await;
        let response = sent.map_err(|failed| ApiError::NoResponse(failed.reason.to_string()))?;
        let status = response.status;
        if !status.is_success() {
            let problem: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            let detail = problem["detail"].as_str().unwrap_or("The server refused the call.").to_owned();
            return Err(ApiError::Refused { status, detail });
        }
        let body = if response.body.is_empty() { b"null" } else { &*response.body };
        let unexpected = |_| ApiError::NoResponse("The server's response is not that of Testbell.".to_owned());
        serde_json::from_slice(body).map_err(unexpected)
    }
}
