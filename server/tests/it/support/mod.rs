//! A server for one test: new database, mock clock, real sockets on loopback.

pub mod accounts;
pub mod any_tracker;
pub mod api;
pub mod binary;
pub mod certificate;
pub mod contract;
pub mod database;
pub mod fake_tracker;
pub mod forward_proxy;
pub mod history;
pub mod identity_provider;
pub mod inbound;
pub mod leaks;
pub mod live;
pub mod outbound;
pub mod platform;
pub mod postgres;
pub mod proxy;
pub mod raw;
pub mod receiver;
pub mod scope;
pub mod scripted;
pub mod seed;
pub mod single_sign_on;
pub mod smtp_server;
pub mod tracker;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use server::app_state::AppState;
use server::clock::Clock;
use server::config::Config;
use server::crypto::Keyring;
use server::dispatch::Load;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use database::Database;

/// For something that has to happen, in real time.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Allows http to loopback.
const TEST_ARGS: [&str; 3] = ["--allow-http", "--allow-networks", "127.0.0.0/8"];

#[derive(Parser)]
#[command(args_override_self = true)]
struct Cli {
    #[command(flatten)]
    config: Config,
}

/// A running server.
pub struct TestServer {
    pub state: AppState,
    pub address: SocketAddr,
    pub http: reqwest::Client,
    pub keys: String,
    settings: Vec<String>,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
    // Dropped last: it removes the database.
    database: Database,
}

/// The start of the mock clocks.
pub fn start_time() -> DateTime<Utc> {
    "2026-01-05T10:00:00Z".parse().unwrap()
}

impl TestServer {
    /// A server that may send to loopback over http.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more arguments.
    pub async fn start_with(settings: &[&str]) -> Self {
        let settings: Vec<_> = TEST_ARGS.iter().chain(settings).map(ToString::to_string).collect();
        Self::start_on(Database::migrated().await, Clock::mock(start_time()), Keyring::generate(), settings).await
    }

    /// A server with default settings: it sends only to public addresses over https.
    pub async fn start_strict() -> Self {
        Self::start_strict_with(&[]).await
    }

    /// The same with more arguments.
    pub async fn start_strict_with(settings: &[&str]) -> Self {
        let settings = settings.iter().map(ToString::to_string).collect();
        Self::start_on(Database::migrated().await, Clock::mock(start_time()), Keyring::generate(), settings).await
    }

    /// A server that may send to loopback, but not over http.
    pub async fn start_without_http() -> Self {
        let settings = ["--allow-networks", "127.0.0.0/8"].map(str::to_owned).to_vec();
        Self::start_on(Database::migrated().await, Clock::mock(start_time()), Keyring::generate(), settings).await
    }

    /// Another node on the same database, with the same clock and keys. Prints a note and returns `None` on
    /// SQLite, which has one process.
    pub async fn second_node(&self) -> Option<Self> {
        let Some(database) = self.database.shared() else {
            eprintln!("NOT RUN: several nodes need PostgreSQL; set TESTBELL_TEST_DATABASE_URL");
            return None;
        };
        Some(Self::start_on(database, self.state.clock.clone(), self.keys.clone(), self.settings.clone()).await)
    }

    /// Restarts the server on the same database, with the same clock and keys. `meanwhile` gets the state of
    /// the stopped server.
    pub async fn restart(self, meanwhile: impl AsyncFnOnce(&AppState)) -> Self {
        let settings = self.settings.clone();
        self.restart_with(settings, meanwhile).await
    }

    /// The same, with default settings.
    pub async fn restart_strict(self) -> Self {
        self.restart_with(Vec::new(), async |_| {}).await
    }

    async fn restart_with(self, settings: Vec<String>, meanwhile: impl AsyncFnOnce(&AppState)) -> Self {
        let (state, keys) = (self.state.clone(), self.keys.clone());
        let database = self.stop_keeping_database().await;
        meanwhile(&state).await;
        Self::start_on(database, state.clock.for_new_process(), keys, settings).await
    }

    async fn start_on(database: Database, clock: Clock, keys: String, settings: Vec<String>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let public_url = format!("http://{address}");
        // PostgreSQL starts a process for each connection, which would take a third of the time of the tests.
        let mut args = vec!["test", "--database-url", &database.url, "--max-database-connections", "5"];
        args.extend(settings.iter().map(String::as_str));
        if !args.contains(&"--public-url") {
            args.extend(["--public-url", &public_url]);
        }
        let config = Cli::try_parse_from(args).unwrap().config;
        let state = AppState::open(config, clock, keys.parse().unwrap()).await.unwrap();
        let mut gap_signal = state.hub.gap_signal();
        let shutdown = CancellationToken::new();
        let serving = tokio::spawn({
            let (state, shutdown) = (state.clone(), shutdown.clone());
            async move { server::run(state, listener, shutdown).await }
        });
        if state.nodes.is_some() {
            // A node reports a gap when it starts to listen. A stream that is open by then skips the changes before it.
            let listening = tokio::time::timeout(TEST_TIMEOUT, gap_signal.changed()).await;
            listening.expect("the node listens in time").unwrap();
        }
        #[allow(clippy::disallowed_methods, reason = "a test's own client")]
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { state, address, http, keys, settings, shutdown, serving, database }
    }

    /// A URL of the server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// For verifiers that use the system clock.
    #[allow(clippy::disallowed_methods, reason = "the time is the machine's")]
    pub fn advance_to_system_time(&self) {
        let ahead = Utc::now() - self.state.clock.now();
        self.state.clock.advance(Duration::from_secs(ahead.num_seconds().unsigned_abs()));
    }

    /// Waits until the dispatcher has sent everything that may be sent at this time, and has recorded
    /// all results but those of `in_flight` requests. What has not been sent by then is not sent before the
    /// clock advances or something changes.
    pub async fn dispatch_idle(&self, in_flight: usize) {
        let what = format!("an idle dispatcher with {in_flight} requests in flight");
        self.wait_for_load(&what, |load| load.running == 0 && load.in_flight == in_flight).await;
    }

    /// Waits until the dispatcher only waits for the results of requests.
    pub async fn dispatch_waits(&self) {
        self.wait_for_load("a dispatcher that waits for results", |load| load.running == 0).await;
    }

    async fn wait_for_load(&self, what: &str, is: impl Fn(Load) -> bool) {
        let activity = self.state.dispatch.activity();
        eventually(what, async || {
            let before = activity.load();
            // Before the first sweep, nothing has started.
            let is_reached = before.begun > 0 && is(before);
            run_ready_tasks().await;
            (is_reached && activity.load() == before).then_some(())
        })
        .await;
    }

    /// Stops the server gracefully and waits for its end.
    pub async fn stop(self) {
        self.stop_keeping_database().await;
    }

    async fn stop_keeping_database(self) -> Database {
        self.shutdown.cancel();
        tokio::time::timeout(TEST_TIMEOUT, self.serving).await.expect("the server ends in time").unwrap();
        self.database
    }
}

/// Lets every task run that a notification or the clock has woken: they are ready at once, and all run on the
/// one thread of the test. It does not wait for tasks that wait for I/O or for the database.
pub async fn run_ready_tasks() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

/// Polls every few milliseconds until there is a result. Fails the test after a timeout.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(TEST_TIMEOUT, what, ask).await
}

/// [`eventually`] with another timeout.
pub async fn eventually_within<T>(timeout: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut again = tokio::time::interval(Duration::from_millis(5));
    let asking = async {
        loop {
            again.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(timeout, asking).await.unwrap_or_else(|_| panic!("timed out: {what}"))
}
