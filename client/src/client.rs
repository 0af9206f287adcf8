//! Sends requests.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Method;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use url::Url;

use crate::builder::ClientBuilder;
use crate::error::{Error, Problem, Result};
use crate::pages::Pages;
use crate::request::{PreparedRequest, RequestBuilder};
use crate::retry::RetryPolicy;

/// No response of Testbell is larger.
const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

/// A client of one Testbell server. Cloning it is cheap, and clones share their connections.
#[derive(Clone, Debug)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    http: reqwest::Client,
    base: String,
    retry: RetryPolicy,
    timeout: Duration,
}

impl Client {
    /// A client with an API token.
    ///
    /// # Errors
    /// See [`ClientBuilder::build`].
    pub fn new(server: &Url, token: impl Into<SecretString>) -> Result<Self> {
        Self::builder(server, token).build()
    }

    /// A client with other settings.
    pub fn builder(server: &Url, token: impl Into<SecretString>) -> ClientBuilder {
        ClientBuilder::new(server, token.into())
    }

    pub(crate) fn open(http: reqwest::Client, base: String, retry: RetryPolicy, timeout: Duration) -> Self {
        Self(Arc::new(Shared { http, base, retry, timeout }))
    }

    /// A request to a path below `/api/v1`, e.g. `/projects`. A POST gets an `Idempotency-Key`.
    pub fn request(&self, method: Method, path: impl Into<String>) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, path.into())
    }

    /// A list at a path below `/api/v1`.
    #[must_use]
    pub fn pages<T: DeserializeOwned>(&self, path: impl Into<String>) -> Pages<T> {
        Pages::new(self, Ok(path.into()))
    }

    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    /// Sends a request, again if the server asks for it. Returns the body of the response.
    pub(crate) async fn send(&self, request: &PreparedRequest) -> Result<Bytes> {
        let mut retries = 0;
        loop {
            let error = match self.send_once(request).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            let Some(wait) = self.0.retry.wait(retries, &request.method, &error) else { return Err(error) };
            tokio::time::sleep(wait).await;
            retries += 1;
        }
    }

    async fn send_once(&self, request: &PreparedRequest) -> Result<Bytes> {
        let sending = self.0.http.request(request.method.clone(), request.url.clone());
        let sending = sending.headers(request.headers.clone()).timeout(request.timeout.unwrap_or(self.0.timeout));
        let sending = match &request.body {
            Some(body) => sending.body(body.clone()),
            None => sending,
        };
        let mut response = sending.send().await.map_err(no_response)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(no_response)? {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(Error::Unexpected("The response is too large.".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            Ok(body.freeze())
        } else {
            Err(Error::Refused(Box::new(Problem::read(status, &headers, &body))))
        }
    }
}

/// The error with its causes, and without its URL.
fn no_response(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Error::NoResponse(format!("{text}."))
}
