//! The real binary, killed in the middle of a burst and restarted with the same data: every
//! acknowledged event is applied, and delivered at least once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router, routing::post};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::Reply;
use crate::support::binary::{ServerProcess, create_admin_token_with, testbell};
use crate::support::database::Database;
use crate::support::inbound::sign;
use crate::support::{eventually, eventually_within};

/// Longer than a lease.
const LEASES: Duration = Duration::from_secs(90);

async fn call(server: &ServerProcess, token: &str, method: Method, path: &str, body: Value) -> Value {
    let request = server.http.request(method, format!("{}{path}", server.base)).bearer_auth(token).json(&body);
    let reply = Reply::send(request).await;
    assert!((200..300).contains(&reply.status), "{path}: {} {}", reply.status, reply.text);
    reply.json
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
            .header("x-hub-signature-256", sign(&secret, body.as_bytes()))
            .body(body);
        match request.send().await {
            Ok(response) if response.status().is_success() => acknowledged.lock().unwrap().push(number),
            // The server is down. A client would retry later.
            _ => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_acknowledged_event() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::empty().await;
    let command = || {
        let mut command = testbell(folder.path());
        command.env("DATABASE_URL", &database.url).env("RUST_LOG", "warn");
        command
    };
    let token = create_admin_token_with(command);
    let mut server = ServerProcess::run(&mut command());
    let (endpoint, received) = receiver().await;

    let project =
        call(&server, &token, Method::POST, "/api/v1/projects", json!({"key": "CRASH", "name": "Crash"})).await;
    let project = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let integration = json!({"provider": "github", "repository": "acme/checkout"});
    call(&server, &token, Method::PUT, &format!("{project}/integration"), integration).await;
    let inbound = call(&server, &token, Method::POST, &format!("{project}/webhooks/inbound"), json!({})).await;
    let secret = inbound["reveal"]["secret"].as_str().unwrap();
    let url = inbound["reveal"]["url"].as_str().unwrap().split_once("/api/").unwrap().1;
    let url = format!("{}/api/{url}", server.base);
    let webhook = json!({"name": "Receiver", "url": endpoint, "events": ["issue.created"]});
    call(&server, &token, Method::POST, &format!("{project}/webhooks"), webhook).await;

    const SENDERS: usize = 16;
    let stop = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let senders: Vec<_> = (1..=SENDERS)
        .map(|first| {
            let target = (url.clone(), secret.to_owned());
            let first = u32::try_from(first).unwrap();
            tokio::spawn(burst(server.http.clone(), target, first, SENDERS, stop.clone(), acknowledged.clone()))
        })
        .collect();
    eventually("the burst is under way in both directions", async || {
        let (accepted, delivered) = (acknowledged.lock().unwrap().len(), received.lock().unwrap().len());
        (accepted >= 200 && delivered >= 50).then_some(())
    })
    .await;
    // SIGKILL on Unix.
    server.kill();
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }

    let server = ServerProcess::run(&mut command());
    let accepted: Vec<String> =
        acknowledged.lock().unwrap().iter().map(|number| format!("acme/checkout#{number}")).collect();
    // On PostgreSQL, which other processes may share, the leases of the killed process have to
    // expire.
    eventually_within(LEASES, "everything that was acknowledged is delivered", async || {
        let received = received.lock().unwrap();
        accepted.iter().all(|key| received.contains_key(key)).then_some(())
    })
    .await;
    let stored = stored_keys(&server, &token, &project).await;
    let lost = accepted.iter().filter(|key| stored.get(*key) != Some(&1)).count();
    let twice = received.lock().unwrap().values().filter(|times| **times > 1).count();
    println!("kill -9: {} acknowledged, {lost} lost, {twice} sent twice", accepted.len());
    assert_eq!(lost, 0);
}

/// The number of issues with each key.
async fn stored_keys(server: &ServerProcess, token: &str, project: &str) -> HashMap<String, u32> {
    let mut keys = HashMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{project}/issues?limit=200{cursor}");
        let page = server.get(&path, token).await.json;
        for issue in page["items"].as_array().unwrap() {
            *keys.entry(issue["key"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return keys,
        }
    }
}
