//! How a client is made.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, header};
use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::retry::RetryPolicy;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Settings of a client.
#[derive(Debug)]
pub struct ClientBuilder {
    server: Url,
    token: SecretString,
    retry: RetryPolicy,
    timeout: Duration,
}

impl ClientBuilder {
    pub(crate) fn new(server: &Url, token: SecretString) -> Self {
        Self { server: server.clone(), token, retry: RetryPolicy::default(), timeout: DEFAULT_TIMEOUT }
    }

    /// How often calls are sent again.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// How long a response may take; 30 seconds by default. Uploads of reports may take two minutes.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Makes the client. It connects when it is first used.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the URL is not http or https, or the token has invalid characters.
    pub fn build(self) -> Result<Client> {
        let Self { server, token, retry, timeout } = self;
        if !matches!(server.scheme(), "http" | "https") || server.host_str().is_none() {
            return Err(Error::Invalid(format!("{server} is not an http or https URL.")));
        }
        let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
        let mut bearer = bearer.map_err(|_| Error::Invalid("The token has invalid characters.".to_owned()))?;
        bearer.set_sensitive(true);
        #[allow(clippy::disallowed_methods, reason = "the user names the server")]
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .default_headers([(header::AUTHORIZATION, bearer)].into_iter().collect())
            .user_agent(concat!("testbell-client/", env!("CARGO_PKG_VERSION")))
            // A redirected POST would become a GET, and the token would go to another server.
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let base = format!("{}/api/v1", server.as_str().trim_end_matches('/'));
        Ok(Client::open(http, base, retry, timeout))
    }
}

/// Trusts Mozilla's authorities, so that a container without certificates works, and the system's.
fn tls() -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
