//! The real binary, killed in the middle of a burst and restarted with the same data: every
//! acknowledged event is applied, and delivered at least once.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router, routing::post};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::database::Database;
use crate::support::{eventually, eventually_within};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "a long enough password";
/// Longer than a lease.
const LEASES: Duration = Duration::from_secs(90);

/// The binary's folder, with the same data for each start.
struct CrashFixture {
    folder: TempDir,
    database: Database,
    address: SocketAddr,
    http: reqwest::Client,
}

impl CrashFixture {
    async fn new() -> Self {
        let free = StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        #[allow(clippy::disallowed_methods, reason = "a test's own client")]
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), database: Database::empty().await, address: free, http }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_testbell"));
        command
            .args(arguments)
            .env("TESTBELL_LISTEN", self.address.to_string())
            .env("TESTBELL_PUBLIC_URL", self.url(""))
            .env("TESTBELL_DATA_DIR", self.folder.path())
            .env("DATABASE_URL", &self.database.url)
            .env("TESTBELL_ADMIN_EMAIL", EMAIL)
            .env("TESTBELL_ADMIN_PASSWORD", PASSWORD)
            .env("TESTBELL_ALLOW_HTTP", "true")
            .env("TESTBELL_ALLOW_NETWORKS", "127.0.0.0/8")
            .env("RUST_LOG", "warn")
            .kill_on_drop(true);
        command
    }

    async fn start(&self) -> Child {
        let child = self.command(&["serve"]).stdout(Stdio::null()).spawn().unwrap();
        eventually("the server is ready", async || {
            let ready = self.http.get(self.url("/readyz")).send().await.ok()?;
            ready.status().is_success().then_some(())
        })
        .await;
        child
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn token(&self) -> String {
        let output = self.command(&["token", "create", "--email", EMAIL, "--name", "crash"]).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().find(|word| word.starts_with("tb_")).unwrap().to_owned()
    }

    async fn call(&self, token: &str, method: &str, path: &str, body: Value) -> Value {
        let method = method.parse().unwrap();
        let request = self.http.request(method, self.url(path)).bearer_auth(token).json(&body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let answer = response.json::<Value>().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }
}

/// The number of deliveries of each issue, by key.
type ReceivedRequest = Arc<Mutex<HashMap<String, u32>>>;

async fn receiver() -> (String, ReceivedRequest) {
    async fn take(State(received): State<ReceivedRequest>, Json(event): Json<Value>) -> StatusCode {
        let key = event["data"]["key"].as_str().unwrap_or_default().to_owned();
        *received.lock().unwrap().entry(key).or_default() += 1;
        StatusCode::NO_CONTENT
    }
    let received = ReceivedRequest::default();
    let router = Router::new().route("/hook", post(take)).with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

fn payload(number: u32) -> String {
    json!({
        "action": "opened",
        "issue": {
            "id": 9_000_000 + number,
            "number": number,
            "title": format!("Issue {number}"),
            "state": "open",
            "html_url": format!("https://github.com/acme/checkout/issues/{number}"),
            "updated_at": "2026-01-05T10:00:00Z",
            "labels": [],
        },
        "repository": {"full_name": "acme/checkout"},
    })
    .to_string()
}

fn signature(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// Posts issues `first`, `first + step`, ... until told to stop or refused; returns the
/// acknowledged ones.
async fn burst(
    http: reqwest::Client,
    (url, secret): (String, String),
    first: u32,
    step: usize,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<u32>>>,
) {
    for number in (first..).step_by(step) {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let body = payload(number);
        let request = http
            .post(&url)
            .header("content-type", "application/json")
            .header("x-github-event", "issues")
            .header("x-hub-signature-256", signature(&secret, &body))
            .body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => acknowledged.lock().unwrap().push(number),
            // The server is down. A client would retry later.
            _ => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_a_burst_loses_no_acknowledged_event() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let rig = CrashFixture::new().await;
    let mut server = rig.start().await;
    let token = rig.token().await;
    let (endpoint, received) = receiver().await;

    let project = rig.call(&token, "POST", "/api/v1/projects", json!({"key": "CRASH", "name": "Crash"})).await;
    let project = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let integration = json!({"provider": "github", "repository": "acme/checkout"});
    rig.call(&token, "PUT", &format!("{project}/integration"), integration).await;
    let inbound = rig.call(&token, "POST", &format!("{project}/webhooks/inbound"), json!({})).await;
    let reveal = |name: &str| inbound["reveal"][name].as_str().unwrap().to_owned();
    let webhook = json!({"name": "Receiver", "url": endpoint, "events": ["issue.created"]});
    rig.call(&token, "POST", &format!("{project}/webhooks"), webhook).await;

    const SENDERS: usize = 16;
    let stop = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let senders: Vec<_> = (1..=SENDERS)
        .map(|first| {
            let target = (reveal("url"), reveal("secret"));
            let first = u32::try_from(first).unwrap();
            tokio::spawn(burst(rig.http.clone(), target, first, SENDERS, stop.clone(), acknowledged.clone()))
        })
        .collect();
    eventually("the burst is under way in both directions", async || {
        let (accepted, delivered) = (acknowledged.lock().unwrap().len(), received.lock().unwrap().len());
        (accepted >= 200 && delivered >= 50).then_some(())
    })
    .await;
    // SIGKILL on Unix.
    server.kill().await.unwrap();
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }

    let mut server = rig.start().await;
    let accepted: Vec<String> =
        acknowledged.lock().unwrap().iter().map(|number| format!("acme/checkout#{number}")).collect();
    // On PostgreSQL, which other processes may share, the leases of the killed process have to
    // expire.
    eventually_within(LEASES, "everything that was acknowledged is delivered", async || {
        let received = received.lock().unwrap();
        accepted.iter().all(|key| received.contains_key(key)).then_some(())
    })
    .await;
    let stored = stored_keys(&rig, &token, &project).await;
    let lost = accepted.iter().filter(|key| stored.get(*key) != Some(&1)).count();
    let twice = received.lock().unwrap().values().filter(|times| **times > 1).count();
    println!("kill -9: {} acknowledged, {lost} lost, {twice} sent twice", accepted.len());
    assert_eq!(lost, 0);
    server.kill().await.unwrap();
}

/// The number of issues with each key.
async fn stored_keys(rig: &CrashFixture, token: &str, project: &str) -> HashMap<String, u32> {
    let mut keys = HashMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{project}/issues?limit=200{cursor}");
        let response = rig.http.get(rig.url(&path)).bearer_auth(token).send().await.unwrap();
        let page: Value = response.json().await.unwrap();
        for issue in page["items"].as_array().unwrap() {
            *keys.entry(issue["key"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return keys,
        }
    }
}
