//! A server of one's own for a test: fresh database, mock clock, real sockets on loopback.

pub mod api;
pub mod binary;
pub mod database;
pub mod fake_tracker;
pub mod inbound;
pub mod leaks;
pub mod live;
pub mod outbound;
pub mod raw;
pub mod receiver;
pub mod seed;
pub mod tracker;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use server::clock::Clock;
use server::config::Config;
use server::core::Core;
use server::crypto::Keyring;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use database::Database;

/// How long a test waits for something that has to happen, in real time.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a rig may do and an operator should not: http to loopback.
const RIG: [&str; 3] = ["--allow-http", "--allow-networks", "127.0.0.0/8"];

#[derive(Parser)]
#[command(args_override_self = true)]
struct Cli {
    #[command(flatten)]
    config: Config,
}

/// A running server.
pub struct TestServer {
    pub core: Core,
    pub address: SocketAddr,
    pub http: reqwest::Client,
    pub keys: String,
    settings: Vec<String>,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
    // Dropped last: it removes the database.
    database: Database,
}

/// When the mock clocks begin.
pub fn start_time() -> DateTime<Utc> {
    "2026-01-05T10:00:00Z".parse().unwrap()
}

impl TestServer {
    /// A server with a mock clock that may reach loopback over http.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more command-line settings.
    pub async fn start_with(settings: &[&str]) -> Self {
        let settings: Vec<_> = RIG.iter().chain(settings).map(ToString::to_string).collect();
        Self::start_on(Database::create().await, Clock::mock(start_time()), Keyring::mint(), settings).await
    }

    /// A server as operators run it: it reaches public addresses over https and nothing else.
    pub async fn start_strict() -> Self {
        Self::start_on(Database::create().await, Clock::mock(start_time()), Keyring::mint(), Vec::new()).await
    }

    /// Another node on the same database, with the same clock and keys; `None`, and a word about it,
    /// on SQLite, which has one process.
    pub async fn second_node(&self) -> Option<Self> {
        let Some(database) = self.database.shared() else {
            eprintln!("NOT RUN: several nodes need PostgreSQL; set TESTBELL_TEST_DATABASE_URL");
            return None;
        };
        Some(Self::start_on(database, self.core.clock.clone(), self.keys.clone(), self.settings.clone()).await)
    }

    /// Ends the server and starts it anew on the same database, with the same clock and keys.
    /// `meanwhile` is given the parts of the ended one.
    pub async fn restart(self, meanwhile: impl AsyncFnOnce(&Core)) -> Self {
        let settings = self.settings.clone();
        self.restart_with(settings, meanwhile).await
    }

    /// The same, but as operators run it.
    pub async fn restart_strict(self) -> Self {
        self.restart_with(Vec::new(), async |_| {}).await
    }

    async fn restart_with(self, settings: Vec<String>, meanwhile: impl AsyncFnOnce(&Core)) -> Self {
        let (core, keys) = (self.core.clone(), self.keys.clone());
        let database = self.stop_but_keep().await;
        meanwhile(&core).await;
        Self::start_on(database, core.clock.clone(), keys, settings).await
    }

    async fn start_on(database: Database, clock: Clock, keys: String, settings: Vec<String>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let public_url = format!("http://{address}");
        let mut args = vec!["test", "--database-url", &database.url];
        args.extend(settings.iter().map(String::as_str));
        if !args.contains(&"--public-url") {
            args.extend(["--public-url", &public_url]);
        }
        let config = Cli::try_parse_from(args).unwrap().config;
        let core = Core::open(config, clock, keys.parse().unwrap()).await.unwrap();
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn({
            let (core, shutdown) = (core.clone(), shutdown.clone());
            async move { server::run(core, listener, shutdown).await }
        });
        #[allow(clippy::disallowed_methods, reason = "a test's own client")]
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { core, address, http, keys, settings, shutdown, serving, database }
    }

    /// An address on the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// For verifiers, which go by the machine's clock.
    #[allow(clippy::disallowed_methods, reason = "the time is the machine's")]
    pub fn move_to_the_time_of_the_machine(&self) {
        let ahead = Utc::now() - self.core.clock.now();
        self.core.clock.advance(Duration::from_secs(ahead.num_seconds().unsigned_abs()));
    }

    /// Ends the server as an operator would, and waits until it has ended.
    pub async fn stop(self) {
        self.stop_but_keep().await;
    }

    async fn stop_but_keep(self) -> Database {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.serving).await.expect("the server ends in time").unwrap();
        self.database
    }
}

/// Asks again, at most every few milliseconds, until there is an answer; fails the test when there
/// is none in time.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, ask).await
}

/// [`eventually`] with a patience of its own.
pub async fn within<T>(patience: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut again = tokio::time::interval(Duration::from_millis(5));
    let asking = async {
        loop {
            again.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(patience, asking).await.unwrap_or_else(|_| panic!("in vain: {what}"))
}
