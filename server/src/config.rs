//! Settings, from the command line or the environment. Its `Debug` shows no secret.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::net::Resolve;

/// How an instance is set up.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "TESTBELL_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,

    /// The address that browsers and trackers reach Testbell by; it is part of the links and of
    /// the inbound addresses. An https address makes the cookies Secure.
    #[arg(long, env = "TESTBELL_PUBLIC_URL", default_value = "http://localhost:3000")]
    pub public_url: Url,

    /// Folder of the embedded database and of the master key.
    #[arg(long, env = "TESTBELL_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,

    /// `postgres://...` or `sqlite:...`; the embedded database in the data folder when absent.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,

    /// 32 bytes as base64 that encrypt what is secret in the database; several are separated by
    /// commas, the newest first. When absent, one is made in the data folder.
    #[arg(long, env = "TESTBELL_MASTER_KEY", hide_env_values = true)]
    pub master_key: Option<SecretString>,

    /// Address of the first admin, made at the first start instead of by the setup page.
    #[arg(long, env = "TESTBELL_ADMIN_EMAIL", requires = "admin_password")]
    pub admin_email: Option<String>,

    /// Password of the first admin.
    #[arg(long, env = "TESTBELL_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<SecretString>,

    /// Lets outbound webhooks use http. For test rigs only.
    #[arg(long, env = "TESTBELL_ALLOW_HTTP", default_value_t = false)]
    pub allow_http: bool,

    /// Networks that outbound requests may reach although they are private, such as 127.0.0.0/8.
    /// For test rigs only.
    #[arg(long, env = "TESTBELL_ALLOW_NETWORKS", value_delimiter = ',')]
    pub allow_networks: Vec<IpNet>,

    /// Names that lead to a fixed address, such as hooks.slack.com=127.0.0.1. For test rigs only.
    #[arg(long, env = "TESTBELL_RESOLVE", value_delimiter = ',')]
    pub resolve: Vec<Resolve>,

    /// Networks of the reverse proxies whose `X-Forwarded-For` is believed, such as 10.0.0.0/8.
    #[arg(long, env = "TESTBELL_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,

    /// Logs as JSON, a line each, instead of text.
    #[arg(long, env = "TESTBELL_LOG_JSON", default_value_t = false)]
    pub log_json: bool,

    /// Live streams that may be open at once over the whole instance.
    #[arg(long, env = "TESTBELL_MAX_STREAMS", default_value_t = 1000)]
    pub max_streams: usize,

    /// Live streams that one user may have open at once; the oldest gives way.
    #[arg(long, env = "TESTBELL_MAX_STREAMS_PER_USER", default_value_t = 20)]
    pub max_streams_per_user: usize,

    /// Days for which deliveries and events are kept.
    #[arg(long, env = "TESTBELL_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub retention_days: u32,
}

impl Config {
    /// A page of this instance: `path` begins with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Whether browsers reach the instance over https.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
