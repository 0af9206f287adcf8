//! A client of the REST API of a Testbell server, for the commands that work on a running one.

use std::time::Duration;

use app::error::Error;
use app::model::id::ProjectId;
use app::model::page::Page;
use app::model::project::Project;
use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::clock::Clock;
use crate::net::{Guard, Http, Limits, Request};
use crate::start::StartError;

const LIMITS: Limits = Limits { time: Duration::from_secs(15), read: 8 << 20, keep: 8 << 20 };

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FILE: HeaderValue = HeaderValue::from_static("application/octet-stream");

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

impl From<ApiError> for StartError {
    fn from(error: ApiError) -> Self {
        Self::Refused(Error::invalid(error.to_string()))
    }
}

/// The server, and who calls it.
#[derive(Args)]
pub struct ServerOptions {
    /// URL of the Testbell server.
    #[arg(long, env = "TESTBELL_SERVER")]
    server: Url,
    /// API token. Webhooks need one of a project admin, with the "admin" scope; reports and imports need the "write" scope.
    #[arg(long, env = "TESTBELL_TOKEN", hide_env_values = true)]
    token: SecretString,
}

/// A client with an API token.
pub struct Api {
    /// Also for other calls of the command.
    pub http: Http,
    server: Url,
    token: SecretString,
}

impl Api {
    /// A client without limits on addresses: the developer names the server.
    ///
    /// # Errors
    /// [`StartError::Refused`] if the system has no root certificates.
    pub fn open(options: ServerOptions, clock: Clock) -> Result<Self, StartError> {
        let http = Http::new(Guard::unrestricted(), clock)
            .map_err(|error| StartError::Refused(Error::invalid(error.to_string())))?;
        Ok(Self { http, server: options.server, token: options.token })
    }

    /// The ID of a project that is named by its ID or its key.
    pub async fn project(&self, name: &str) -> Result<ProjectId, ApiError> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        let all: Vec<Project> = self.all("/projects").await?;
        let found = all.into_iter().find(|project| project.key.eq_ignore_ascii_case(name));
        let detail = || format!("There is no project with the key {name}.");
        let missing = || ApiError::Refused { status: StatusCode::NOT_FOUND, detail: detail() };
        found.map(|project| project.id).ok_or_else(missing)
    }

    /// All items of a list.
    pub async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, ApiError> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page: Page<T> = self.get(&format!("{path}?limit=200{cursor}")).await?;
            all.extend(page.items);
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// The JSON at a path below `/api/v1`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.call(Method::GET, path, None).await
    }

    /// Calls a path below `/api/v1`, with a JSON body if there is one.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, ApiError> {
        let body = body.map(|body| (JSON, Bytes::from(body.to_string())));
        self.send(method, path, body, LIMITS).await
    }

    /// Posts a file.
    pub async fn upload<T: DeserializeOwned>(&self, path: &str, file: Bytes, time: Duration) -> Result<T, ApiError> {
        self.send(Method::POST, path, Some((FILE, file)), Limits { time, ..LIMITS }).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<(HeaderValue, Bytes)>,
        limits: Limits,
    ) -> Result<T, ApiError> {
        let url = format!("{}/api/v1{path}", self.server.as_str().trim_end_matches('/'));
        let url = url.parse().map_err(|_| ApiError::NoResponse(format!("{url} is not a URL.")))?;
        let mut headers = HeaderMap::new();
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.token.expose_secret()));
        let mut bearer = bearer.map_err(|_| ApiError::NoResponse("The token has invalid characters.".to_owned()))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        let body = body.map_or_else(Bytes::new, |(content_type, body)| {
            headers.insert(header::CONTENT_TYPE, content_type);
            body
        });
        let sent = self.http.send(Request { method, url, headers, body, limits, allow_insecure: false });
        let sent = sent.await;
        let response = sent.map_err(|failed| ApiError::NoResponse(failed.reason.to_string()))?;
        let status = response.status;
        if !status.is_success() {
            let problem: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            return Err(ApiError::Refused { status, detail: explanation(&problem) });
        }
        let body = if response.body.is_empty() { b"null" } else { &*response.body };
        let unexpected = |_| ApiError::NoResponse("The server's response is not that of Testbell.".to_owned());
        serde_json::from_slice(body).map_err(unexpected)
    }
}

/// What problem details say, with the errors of fields.
fn explanation(problem: &Value) -> String {
    let detail = problem["detail"].as_str().unwrap_or("The server refused the call.");
    let fields = problem["errors"].as_object().into_iter().flatten();
    let fields: String = fields.map(|(name, why)| format!(" {name}: {}", why.as_str().unwrap_or_default())).collect();
    printable(&format!("{detail}{fields}"))
}

/// Text from elsewhere, without what a terminal would interpret.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn control_characters_are_not_printed() {
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }

    #[test]
    fn an_explanation_names_the_fields() {
        let problem =
            json!({"detail": "Check the fields.", "errors": {"name": "Enter a name.", "url": "Enter a URL."}});
        assert_eq!(explanation(&problem), "Check the fields. name: Enter a name. url: Enter a URL.");
        assert_eq!(explanation(&Value::Null), "The server refused the call.");
    }
}
