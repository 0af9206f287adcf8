//! Sends the requests of the library `openidconnect` through [`Http`].

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::Url;

use crate::net::{Failed, Http, Limits, Request};

const LIMITS: Limits = Limits { time: Duration::from_secs(10), read: 1024 * 1024, keep: 1024 * 1024 };

/// A request without a response.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The provider names an http URL.
    #[error("the provider names the URL {0}, which is not https")]
    NotHttps(Url),
    /// The provider names something that is no URL.
    #[error("the provider names an invalid URL")]
    InvalidUrl,
    /// The response is too long.
    #[error("the response is larger than 1 MiB")]
    TooLong,
    /// There is no response.
    #[error("{0}")]
    Failed(#[from] Failed),
}

/// The client for the provider. The operator has named it, so it may have a private address.
pub(super) struct OidcHttp {
    pub http: Http,
    pub allow_http: bool,
}

impl<'c> AsyncHttpClient<'c> for OidcHttp {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl OidcHttp {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let url: Url = head.uri.to_string().parse().map_err(|_| HttpError::InvalidUrl)?;
        if url.scheme() != "https" && !self.allow_http {
            return Err(HttpError::NotHttps(url));
        }
        let mut headers = head.headers;
        headers.remove(HOST);
        headers.remove(CONTENT_LENGTH);
        let request =
            Request { method: head.method, url, headers, body: body.into(), limits: LIMITS, allow_insecure: false };
        let response = self.http.send(request).await?;
        if response.truncated {
            return Err(HttpError::TooLong);
        }
        let mut sent = HttpResponse::new(response.body);
        *sent.status_mut() = response.status;
        *sent.headers_mut() = response.headers;
        Ok(sent)
    }
}
