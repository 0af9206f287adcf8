//! A request before it is sent.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::client::Client;
use crate::error::{Error, Result};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request to a path below `/api/v1`.
#[derive(Debug)]
#[must_use = "nothing is sent before `send`"]
pub struct RequestBuilder {
    client: Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    timeout: Option<Duration>,
    /// The first error of a setting.
    invalid: Option<Error>,
}

/// A request that can be sent several times.
pub(crate) struct PreparedRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    pub timeout: Option<Duration>,
}

impl RequestBuilder {
    pub(crate) fn new(client: Client, method: Method, path: String) -> Self {
        let (query, headers) = (Vec::new(), HeaderMap::new());
        Self { client, method, path, query, headers, body: None, timeout: None, invalid: None }
    }

    /// Adds a parameter to the query. It is left out if there is no value.
    pub fn query(mut self, name: &str, value: impl Into<Option<String>>) -> Self {
        self.query.extend(value.into().map(|value| (name.to_owned(), value)));
        self
    }

    /// Sends JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => self.bytes("application/json", body.into()),
            Err(error) => {
                self.invalid = Some(Error::Invalid(error.to_string()));
                self
            }
        }
    }

    /// Sends a file.
    pub fn file(self, body: Bytes) -> Self {
        self.bytes("application/octet-stream", body)
    }

    fn bytes(mut self, content_type: &'static str, body: Bytes) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = Some(body);
        self
    }

    /// How long the response may take, if not as long as the client waits.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the `Idempotency-Key` of a POST: 1 to 255 visible ASCII characters. A script that is started again can use
    /// the same key, and the request takes effect once. By default, each call has a random key.
    pub fn idempotency_key(mut self, key: &str) -> Self {
        match HeaderValue::from_str(key) {
            Ok(key) => drop(self.headers.insert(IDEMPOTENCY_KEY, key)),
            Err(_) => self.invalid = Some(Error::Invalid("The Idempotency-Key has invalid characters.".to_owned())),
        }
        self
    }

    /// Sends the request, and reads the response as JSON.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        let (client, request) = self.prepare()?;
        let body = client.send(&request).await?;
        let body = if body.is_empty() { b"null" } else { &*body };
        serde_json::from_slice(body)
            .map_err(|error| Error::Unexpected(format!("The server's response is not that of Testbell: {error}.")))
    }

    /// Sends the request, and ignores the body of the response.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send_ignoring_body(self) -> Result<()> {
        let (client, request) = self.prepare()?;
        client.send(&request).await.map(drop)
    }

    fn prepare(self) -> Result<(Client, PreparedRequest)> {
        let Self { client, method, path, query, mut headers, body, timeout, invalid } = self;
        if let Some(error) = invalid {
            return Err(error);
        }
        let mut url = Url::parse(&format!("{}{path}", client.base()))
            .map_err(|_| Error::Invalid(format!("{path} is not a path of the API.")))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        if method == Method::POST && !headers.contains_key(IDEMPOTENCY_KEY) {
            headers.insert(IDEMPOTENCY_KEY, random_key()?);
        }
        Ok((client, PreparedRequest { method, url, headers, body, timeout }))
    }
}

#[allow(clippy::disallowed_methods, reason = "the module of the server is not available here")]
fn random_key() -> Result<HeaderValue> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Invalid(error.to_string()))?;
    HeaderValue::try_from(format!("{:032x}", u128::from_be_bytes(bytes)))
        .map_err(|error| Error::Invalid(error.to_string()))
}

/// An ID, as a part of a path.
///
/// # Errors
/// [`Error::Invalid`] for other text, which could lead to another path.
pub(crate) fn id(text: &str) -> Result<&str> {
    let is_id = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_id { Ok(text) } else { Err(Error::Invalid(format!("{text:?} is not an ID."))) }
}
