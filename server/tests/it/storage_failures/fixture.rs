//! A server under a load of writes, the acknowledged writes, and a disk that can be filled.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::support::api::Reply;
use crate::support::binary::{ServerProcess, create_admin_token};
use crate::support::eventually_within;

/// Concurrent requests that write.
const WRITERS: usize = 4;
/// The number of responses to wait for: enough for several failed or successful groups.
const ANSWERS: usize = 12;
/// The server waits seconds for a lock before it refuses a write.
const TEST_TIMEOUT: Duration = Duration::from_secs(60);

/// The responses to the writers.
#[derive(Default)]
struct Answers {
    acknowledged: Mutex<Vec<String>>,
    refused: AtomicU32,
    next: AtomicU32,
    stop: AtomicBool,
}

pub struct Fixture {
    pub running: ServerProcess,
    folder: PathBuf,
    token: String,
    project: String,
    answers: Arc<Answers>,
    writers: JoinSet<()>,
}

impl Fixture {
    pub async fn start(folder: &Path) -> Self {
        let token = create_admin_token(folder);
        Self::with_load(ServerProcess::start(folder), folder, token).await
    }

    /// Puts a running server under load.
    pub async fn with_load(running: ServerProcess, folder: &Path, token: String) -> Self {
        let project = running.post("/api/v1/projects", &token, &json!({"key": "LOAD", "name": "Load"})).await;
        let project = format!("/api/v1/projects/{}/issues", project.json["id"].as_str().unwrap());
        let answers = Arc::new(Answers::default());
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let url = format!("{}{project}", running.base);
            writers.spawn(write(running.http.clone(), url, token.clone(), answers.clone()));
        }
        let fixture = Self { running, folder: folder.to_owned(), token, project, answers, writers };
        fixture.wait_for_acknowledged().await;
        fixture
    }

    pub fn database(&self) -> PathBuf {
        self.folder.join("testbell.db")
    }

    async fn ready(&self) -> u16 {
        self.running.get("/readyz", "").await.status
    }

    async fn wait_for_acknowledged(&self) {
        let before = self.answers.acknowledged.lock().unwrap().len();
        eventually_within(TEST_TIMEOUT, "acknowledged writes", async || {
            (self.answers.acknowledged.lock().unwrap().len() >= before + ANSWERS).then_some(())
        })
        .await;
    }

    pub async fn wait_until_writes_fail(&self) {
        self.make_writes_fail(async || {}).await;
    }

    /// Tries `action` until writes are refused.
    pub async fn make_writes_fail(&self, action: impl AsyncFn()) {
        let before = self.answers.refused.load(Ordering::SeqCst) as usize;
        eventually_within(TEST_TIMEOUT, "refused writes", async || {
            let refused = self.answers.refused.load(Ordering::SeqCst) as usize;
            if refused == before {
                action().await;
            }
            (refused >= before + ANSWERS).then_some(())
        })
        .await;
        assert_eq!(self.ready().await, 503);
    }

    /// Nothing is done to the server: it recovers by itself.
    pub async fn wait_until_writes_work(&self) {
        self.wait_for_acknowledged().await;
        eventually_within(TEST_TIMEOUT, "readiness", async || (self.ready().await == 200).then_some(())).await;
    }

    /// Kills the server, restarts it, and compares.
    pub async fn assert_nothing_lost(&mut self) {
        self.answers.stop.store(true, Ordering::SeqCst);
        while let Some(writer) = self.writers.join_next().await {
            writer.unwrap();
        }
        self.running.kill();
        self.running = ServerProcess::start(&self.folder);
        let stored = self.stored().await;
        let acknowledged = self.answers.acknowledged.lock().unwrap().clone();
        let lost = acknowledged.iter().filter(|title| !stored.contains(*title)).count();
        assert_eq!(lost, 0, "of {} acknowledged writes", acknowledged.len());
        println!("{} acknowledged writes, none lost", acknowledged.len());
    }

    async fn stored(&self) -> HashSet<String> {
        let (mut titles, mut cursor) = (HashSet::new(), String::new());
        loop {
            let page = self.running.get(&format!("{}?limit=100{cursor}", self.project), &self.token).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let title = |issue: &Value| issue["title"].as_str().unwrap().to_owned();
            titles.extend(page.json["items"].as_array().unwrap().iter().map(title));
            match page.json["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return titles,
            }
        }
    }
}

/// Creates issues, large enough that the file has to grow, until told to stop.
async fn write(http: reqwest::Client, url: String, token: String, answers: Arc<Answers>) {
    let description = "x".repeat(20_000);
    while !answers.stop.load(Ordering::SeqCst) {
        let title = format!("Issue {}", answers.next.fetch_add(1, Ordering::SeqCst));
        let body = json!({"title": title, "description": description});
        let reply = Reply::send(http.post(&url).bearer_auth(&token).json(&body)).await;
        match reply.status {
            201 => answers.acknowledged.lock().unwrap().push(title),
            503 => _ = answers.refused.fetch_add(1, Ordering::SeqCst),
            other => panic!("{other}: {}", reply.text),
        }
    }
}

/// A small disk, unmounted when dropped.
pub struct Tmpfs(TempDir);

impl Tmpfs {
    /// `None` if mounting is not allowed.
    pub fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    pub fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        for size in [1 << 20, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    pub fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: the server of a failed test may still have files open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
