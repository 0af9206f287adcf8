//! The binary with a low limit of open files.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::api::Reply;
use crate::support::binary::{ServerProcess, create_admin_token, testbell};
use crate::support::eventually_within;
use crate::support::receiver::Receiver;

/// A limit that connections alone would use up.
const LIMIT: usize = 256;
const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// The binary, started by a shell that sets a limit.
fn limited(folder: &std::path::Path, ulimit: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{ulimit}; exec \"$0\""), env!("CARGO_BIN_EXE_testbell")]);
    let plain = testbell(folder);
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[tokio::test]
async fn the_soft_limit_of_open_files_is_raised_at_start() {
    let folder = tempfile::tempdir().unwrap();
    create_admin_token(folder.path());
    let running = ServerProcess::run(&mut limited(folder.path(), "ulimit -Sn 100"));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let [soft, hard] = [3, 4].map(|column| line.split_whitespace().nth(column).unwrap());
    assert_eq!(soft, hard, "{line}");
    assert_ne!(soft, "100", "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_and_deliveries_survive_the_connection_limit() {
    let folder = tempfile::tempdir().unwrap();
    let token = create_admin_token(folder.path());
    let log = folder.path().join("log");
    let mut command = limited(folder.path(), &format!("ulimit -n {LIMIT}"));
    command.env("TESTBELL_MAX_STREAMS_PER_USER", "1000");
    let running = ServerProcess::run(command.stderr(File::create(&log).unwrap()));
    let receiver = Receiver::start().await;
    let project = running.post("/api/v1/projects", &token, &json!({"key": "FD", "name": "Files"})).await;
    let project_id = project.json["id"].as_str().unwrap().to_owned();
    let project = format!("/api/v1/projects/{project_id}");
    let webhook = json!({"name": "w", "url": receiver.url("/hook"), "events": ["issue.created"]});
    assert_eq!(running.post(&format!("{project}/webhooks"), &token, &webhook).await.status, 201);

    let mut streams = Vec::new();
    let mut refused = 0;
    for _ in 0..LIMIT {
        let url = format!("{}/api/issues/stream?projectId={project_id}", running.base);
        let opened = running.http.get(url).bearer_auth(&token).send();
        let response = timeout(TEST_TIMEOUT, opened).await.expect("an answer").unwrap();
        if response.status() == 200 { streams.push(response) } else { refused += 1 }
    }
    let address = running.base.strip_prefix("http://").unwrap();
    let mut idle = Vec::new();
    for _ in 0..LIMIT {
        idle.extend(timeout(Duration::from_millis(200), TcpStream::connect(address)).await.into_iter().flatten());
    }
    assert!(idle.len() >= LIMIT / 2, "{} connections", idle.len());
    let issues = format!("{}{project}/issues", running.base);
    for n in 0..5 {
        let request = running.http.post(&issues).bearer_auth(&token).json(&json!({"title": format!("Issue {n}")}));
        let reply = timeout(TEST_TIMEOUT, Reply::send(request)).await.expect("an answer");
        assert_eq!(reply.status, 201, "{}", reply.text);
    }
    eventually_within(TEST_TIMEOUT, "the deliveries", async || (receiver.requests_so_far().len() >= 5).then_some(()))
        .await;
    println!("{} streams, {refused} refused, {} idle connections", streams.len(), idle.len());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("the limit of open files (ulimit -n) is too low"), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}
