//! The binary during a database outage: every entry point responds 503 in time, and the log has one
//! line for the start of the outage and one for its end.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use reqwest::RequestBuilder;
use sea_orm::sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use serde_json::json;
use tokio::time::Instant;

use crate::support::api::Reply;
use crate::support::binary::{ServerProcess, create_admin_token_with, testbell};
use crate::support::database::Database;
use crate::support::eventually_within;
use crate::support::proxy::{Mode, Proxy};
use crate::support::seed::PASSWORD;

/// Trackers give up after ten seconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(9);
const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A server, and the credentials for each of its entry points.
struct Instance {
    running: ServerProcess,
    token: String,
    issues: String,
    inbound: String,
    cookie: String,
    log: std::path::PathBuf,
}

impl Instance {
    async fn start(folder: &Path, database_url: Option<&str>, server_url: Option<&str>) -> Self {
        let command = |url: Option<&str>| {
            let mut command = testbell(folder);
            command.envs(url.map(|url| ("DATABASE_URL", url.to_owned())));
            command
        };
        let token = create_admin_token_with(|| command(database_url));
        let log = folder.join("log");
        let running = ServerProcess::run(command(server_url).stderr(File::create(&log).unwrap()));
        let project = running.post("/api/v1/projects", &token, &json!({"key": "OUT", "name": "Out"})).await;
        let project = format!("/api/v1/projects/{}", project.json["id"].as_str().unwrap());
        let integration = json!({"provider": "github", "repository": "acme/checkout"});
        let put = running.http.put(format!("{}{project}/integration", running.base)).bearer_auth(&token);
        assert_eq!(Reply::send(put.json(&integration)).await.status, 200);
        let inbound = running.post(&format!("{project}/webhooks/inbound"), &token, &json!({})).await;
        let inbound = inbound.json["reveal"]["url"].as_str().unwrap().split_once("/api/").unwrap().1.to_owned();
        let mut instance = Self {
            issues: format!("{}{project}/issues", running.base),
            inbound: format!("{}/api/{inbound}", running.base),
            cookie: String::new(),
            running,
            token,
            log,
        };
        let signed_in = Reply::send(instance.sign_in()).await;
        instance.cookie = signed_in.cookie().unwrap_or_else(|| panic!("{}: {}", signed_in.status, signed_in.text));
        instance
    }

    fn sign_in(&self) -> RequestBuilder {
        let body = serde_urlencoded::to_string([("email", "root@example.com"), ("password", PASSWORD)]).unwrap();
        self.form("/session", body).header("accept", "application/json")
    }

    fn form(&self, path: &str, body: String) -> RequestBuilder {
        let request = self.running.http.post(format!("{}{path}", self.running.base)).body(body);
        request.header("content-type", "application/x-www-form-urlencoded").header("sec-fetch-site", "same-origin")
    }

    /// Requests that write.
    fn writes(&self) -> Vec<(&'static str, RequestBuilder)> {
        let http = &self.running.http;
        let event = http.post(&self.inbound).header("x-github-event", "issues").json(&json!({}));
        vec![
            ("REST", http.post(&self.issues).bearer_auth(&self.token).json(&json!({"title": "x"}))),
            (
                "server function",
                self.form("/ui/projects/create", "key=NEW&name=New".into()).header("cookie", &self.cookie),
            ),
            ("sign-in", self.sign_in()),
            ("readiness", http.get(format!("{}/readyz", self.running.base))),
            // Refused for its signature if the database can be read.
            ("inbound", event),
        ]
    }

    /// Requests that read.
    fn reads(&self) -> Vec<(&'static str, RequestBuilder)> {
        let http = &self.running.http;
        let page = |accept| {
            http.get(format!("{}/", self.running.base)).header("cookie", &self.cookie).header("accept", accept)
        };
        let list = http.get(format!("{}/ui/projects/list", self.running.base)).header("cookie", &self.cookie);
        vec![
            ("REST", http.get(&self.issues).bearer_auth(&self.token)),
            ("page", page("text/html")),
            ("page for a script", page("*/*")),
            ("server function", list),
        ]
    }

    /// Sends the requests at once and checks that each gets 503 in time. Returns the responses.
    async fn refuses(&self, requests: Vec<(&'static str, RequestBuilder)>) -> Vec<(&'static str, Reply)> {
        let calls = requests.into_iter().map(async |(name, request)| {
            let began = Instant::now();
            let reply = Reply::send(request).await;
            (name, reply, began.elapsed())
        });
        let replies = join_all(calls).await;
        for (name, reply, took) in &replies {
            assert_eq!(reply.status, 503, "{name}: {}", reply.text);
            assert!(*took < ANSWER_TIMEOUT, "{name}: {took:?}");
            let wait: u32 = reply.header("retry-after").parse().unwrap_or_default();
            assert!(wait > 0 || *name == "readiness", "{name}: {:?}", reply.headers);
        }
        println!("answered after {:?}", replies.iter().map(|(name, _, took)| (*name, *took)).collect::<Vec<_>>());
        replies.into_iter().map(|(name, reply, _)| (name, reply)).collect()
    }

    async fn wait_until_ready(&self) {
        eventually_within(TEST_TIMEOUT, "readiness", async || {
            (self.running.get("/readyz", "").await.status == 200).then_some(())
        })
        .await;
    }

    /// Waits for the line that ends the outage. No other failure was logged.
    async fn logged_one_outage(&self) {
        let log = eventually_within(TEST_TIMEOUT, "the end of the outage in the log", async || {
            let log = std::fs::read_to_string(&self.log).unwrap();
            log.contains("the database outage is over").then_some(log)
        })
        .await;
        let begin = log.find("database outage: ").expect("the begin of the outage");
        assert_eq!(log.matches("ERROR").count(), 1, "{log}");
        assert_eq!(log[begin..].lines().filter(|line| line.contains("WARN")).count(), 1, "{log}");
        // No line comes from sqlx itself. The text of an error may contain a source location.
        assert!(!log.contains(" sqlx"), "{log}");
        let end = log.lines().find(|line| line.contains("outage is over")).unwrap();
        assert!(end.contains("seconds=") && end.contains("failures="), "{end}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_gets_503_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), None, None).await;
    let url = format!("sqlite:{}", folder.path().join("testbell.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    for _ in 0..2 {
        let mut requests = instance.writes();
        // An event without a signature is refused before anything is written.
        requests.retain(|(name, _)| *name != "inbound");
        for (name, reply) in instance.refuses(requests).await {
            // The readiness check responds before the lock is released.
            let named = reply.text.contains("locked by another process") || name == "readiness";
            assert!(named, "{name}: {}", reply.text);
        }
    }
    for (name, request) in instance.reads() {
        assert_eq!(Reply::send(request).await.status, 200, "{name}: reading goes on");
    }
    other.close().await.unwrap();
    instance.wait_until_ready().await;
    instance.logged_one_outage().await;
    let log = std::fs::read_to_string(&instance.log).unwrap();
    assert!(log.contains("database outage: The database is locked by another process."), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_table_gets_503_with_the_reason() {
    let Some(database) = Database::empty().await.shared() else {
        eprintln!("NOT RUN: a lock on a table needs PostgreSQL; set TESTBELL_TEST_DATABASE_URL");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), Some(&database.url), Some(&database.url)).await;
    let mut other = PgConnection::connect(&database.url).await.unwrap();
    // Reading goes on, and new rows that refer to a project wait.
    other.execute("BEGIN; LOCK TABLE projects IN EXCLUSIVE MODE").await.unwrap();
    let mut requests = instance.writes();
    requests.retain(|(name, _)| matches!(*name, "REST" | "server function"));
    for (name, reply) in instance.refuses(requests).await {
        assert!(reply.text.contains("locked by another process"), "{name}: {}", reply.text);
    }
    for (name, request) in instance.reads() {
        assert_eq!(Reply::send(request).await.status, 200, "{name}: reading goes on");
    }
    other.close().await.unwrap();
    instance.wait_until_ready().await;
}

/// The database accepts connections but doesn't respond. This is the worst case, because nothing
/// fails by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_database_gets_503_in_time() {
    outage(Mode::Silent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_gets_503_in_time() {
    outage(Mode::Closed).await;
}

async fn outage(mode: Mode) {
    let Some(database) = Database::empty().await.shared() else {
        eprintln!("NOT RUN: a database that goes away needs PostgreSQL; set TESTBELL_TEST_DATABASE_URL");
        return;
    };
    let proxy = Proxy::to(&database.url).await;
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), Some(&database.url), Some(&proxy.url)).await;
    proxy.set(mode);
    for _ in 0..2 {
        let requests = instance.reads().into_iter().chain(instance.writes()).collect();
        for (name, reply) in instance.refuses(requests).await {
            let kind = reply.header("content-type");
            match name {
                "REST" | "inbound" | "page for a script" | "sign-in" => {
                    assert_eq!(kind, "application/problem+json", "{name}")
                }
                "page" => assert!(kind.starts_with("text/html") && reply.text.contains("Reload"), "{}", reply.text),
                _ => {}
            }
        }
    }
    proxy.set(Mode::Open);
    instance.wait_until_ready().await;
    for (name, request) in instance.reads() {
        assert_eq!(Reply::send(request).await.status, 200, "{name}");
    }
    instance.logged_one_outage().await;
}
