//! The settings, from the command line or the environment. `Debug` prints no secrets.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::net::{HostOverride, OutboundProxy, ProxyException, ProxyUrlError};
use crate::oidc::OidcArgs;

/// The settings of an instance.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "TESTBELL_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// URL at which browsers and trackers reach Testbell, used in links and inbound webhook URLs. Cookies
    /// are Secure if it is https.
    #[arg(long, env = "TESTBELL_PUBLIC_URL", default_value = "http://localhost:3000")]
    pub public_url: Url,

    /// Folder for the embedded database and the master key.
    #[arg(long, env = "TESTBELL_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// `postgres://...` or `sqlite:...`. Default: an embedded database in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// 32 bytes in base64 that encrypt the secrets in the database. Separate several keys by commas, the
    /// newest first. Default: a key is created in the data folder.
    #[arg(long, env = "TESTBELL_MASTER_KEY", hide_env_values = true)]
    pub master_key: Option<SecretString>,

    /// Email of the first admin, who is created at the first start instead of on the setup page.
    #[arg(long, env = "TESTBELL_ADMIN_EMAIL", requires = "admin_password")]
    pub admin_email: Option<String>,

    /// Password of the first admin.
    #[arg(long, env = "TESTBELL_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<SecretString>,

    /// Allow http for outbound webhooks. For test environments only.
    #[arg(long, env = "TESTBELL_ALLOW_HTTP", default_value_t = false)]
    pub allow_http: bool,

    /// Private networks that outbound requests may reach, e.g. 127.0.0.0/8. For test environments only.
    #[arg(long, env = "TESTBELL_ALLOW_NETWORKS", value_delimiter = ',')]
    pub allow_networks: Vec<IpNet>,

    /// Fixed addresses for host names, e.g. hooks.slack.com=127.0.0.1. For test environments only.
    #[arg(long, env = "TESTBELL_HOST_OVERRIDES", value_delimiter = ',')]
    pub host_overrides: Vec<HostOverride>,

    /// Proxy for requests to webhooks, trackers and the provider of single sign-on, e.g.
    /// `http://user:password@proxy.example.com:3128`. It resolves the host names, so it has to refuse private addresses.
    /// Default: no proxy.
    // Parsed later: the command line would print an invalid one with its password.
    #[arg(long, env = "TESTBELL_OUTBOUND_PROXY", hide_env_values = true)]
    pub outbound_proxy: Option<SecretString>,

    /// Hosts (with their subdomains), addresses and networks that are reached without the proxy, e.g.
    /// gitlab.example.com,10.0.0.0/8. Networks match addresses in URLs, not those of host names.
    #[arg(long, env = "TESTBELL_OUTBOUND_PROXY_EXCEPT", value_delimiter = ',')]
    pub outbound_proxy_except: Vec<ProxyException>,

    /// Networks of the reverse proxies whose `X-Forwarded-For` is trusted, e.g. 10.0.0.0/8.
    #[arg(long, env = "TESTBELL_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,

    /// Single sign-on.
    #[command(flatten)]
    pub oidc: OidcArgs,

    /// Days until a session expires. An unused session expires after 14 days.
    #[arg(long, env = "TESTBELL_SESSION_MAX_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub session_max_days: u32,

    /// Bearer token that Prometheus must send to read /metrics. Default: no token is needed.
    #[arg(long, env = "TESTBELL_METRICS_TOKEN", hide_env_values = true, value_parser = metrics_token)]
    pub metrics_token: Option<SecretString>,

    /// Separate address that serves only /metrics. Default: /metrics is on the main address.
    #[arg(long, env = "TESTBELL_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,

    /// Log as JSON, one object per line.
    #[arg(long, env = "TESTBELL_LOG_JSON", default_value_t = false)]
    pub log_json: bool,

    /// Maximum number of connections to PostgreSQL. One of them listens for the changes of other nodes. Two more are
    /// opened when API requests have `If-Match`.
    #[arg(long, env = "TESTBELL_MAX_DATABASE_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=64))]
    pub max_database_connections: u32,

    /// Maximum number of requests of each user to the REST API per minute, counted by each node. 0 turns the limit off.
    #[arg(long, env = "TESTBELL_API_REQUESTS_PER_MINUTE", default_value_t = 3000)]
    pub api_requests_per_minute: u32,

    /// Maximum number of open live streams.
    #[arg(long, env = "TESTBELL_MAX_STREAMS", default_value_t = 1000, value_parser = at_least_one)]
    pub max_streams: usize,

    /// Maximum number of open live streams per user. A new one closes the oldest.
    #[arg(long, env = "TESTBELL_MAX_STREAMS_PER_USER", default_value_t = 20, value_parser = at_least_one)]
    pub max_streams_per_user: usize,

    /// Days until deliveries and events are deleted.
    #[arg(long, env = "TESTBELL_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub retention_days: u32,
}

/// A limit of zero would allow nothing.
fn at_least_one(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("must be a number of at least 1")
}

/// An empty token would protect nothing.
fn metrics_token(text: &str) -> Result<SecretString, &'static str> {
    if text.trim().is_empty() { Err("must not be empty") } else { Ok(text.into()) }
}

impl Config {
    /// The URL of a page. `path` begins with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The maximum age of a session.
    #[must_use]
    pub fn max_session_age(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.session_max_days))
    }

    /// The proxy for outbound requests.
    ///
    /// # Errors
    /// See [`ProxyUrlError`].
    pub fn outbound_proxy(&self) -> Result<Option<OutboundProxy>, ProxyUrlError> {
        let Some(url) = &self.outbound_proxy else { return Ok(None) };
        OutboundProxy::parse(url.expose_secret(), self.outbound_proxy_except.clone()).map(Some)
    }

    /// Whether browsers reach the instance over https.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
