//! A project to load, and a closed loop that loads it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::instance::Instance;
use crate::receiver::issue_id;

/// Connections of the closed loop.
const CONNECTIONS: usize = 32;
/// Bytes of each post.
const PAYLOAD_BYTES: usize = 440;

/// An issue that the server accepted.
pub struct Accepted {
    /// Its ID.
    pub issue: String,
    /// When the response arrived.
    pub at: Instant,
}

/// A project of an instance.
pub struct Project {
    address: SocketAddr,
    token: String,
    /// Its ID.
    pub id: String,
}

impl Project {
    /// Creates a project.
    pub async fn create(instance: &Instance, key: &str) -> Result<Self> {
        let answer = instance.connect().await?.post("/api/v1/projects", &json!({"key": key, "name": key})).await?;
        let id = answer["id"].as_str().context("the project's id")?.to_owned();
        Ok(Self { address: instance.address, token: instance.token.clone(), id })
    }

    /// Creates a webhook for new issues.
    pub async fn webhook(&self, url: &str) -> Result<()> {
        let new = json!({"name": "bench", "url": url, "events": ["issue.created"]});
        self.connect().await?.post(&format!("/api/v1/projects/{}/webhooks", self.id), &new).await?;
        Ok(())
    }

    /// A new connection.
    pub async fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, &self.token).await
    }

    /// Posts `count` issues over several connections. A connection that fails stops; returns what was
    /// accepted.
    pub async fn post_issues(&self, count: usize) -> Result<Vec<Accepted>> {
        let left = Arc::new(AtomicUsize::new(count));
        let mut workers = JoinSet::new();
        for _ in 0..CONNECTIONS.min(count) {
            let mut connection = self.connect().await?;
            let (left, path) = (left.clone(), self.issues_path());
            workers.spawn(async move {
                let mut accepted = Vec::new();
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    match post_issue(&mut connection, &path).await {
                        Ok(issue) => accepted.push(issue),
                        Err(_) => break,
                    }
                }
                accepted
            });
        }
        Ok(workers.join_all().await.into_iter().flatten().collect())
    }

    /// The path of the issues.
    pub fn issues_path(&self) -> String {
        format!("/api/v1/projects/{}/issues", self.id)
    }
}

/// Posts one issue.
pub async fn post_issue(connection: &mut Connection, path: &str) -> Result<Accepted> {
    let (status, answer) = connection.send(Method::POST, path, payload()).await?;
    let at = Instant::now();
    ensure!(status == 201, "{status}: {}", String::from_utf8_lossy(&answer));
    Ok(Accepted { issue: issue_id(&answer).context("the issue's id")?, at })
}

fn payload() -> Bytes {
    let issue = |description: &str| json!({"title": "A test failed", "description": description}).to_string();
    let rest = PAYLOAD_BYTES - issue("").len();
    Bytes::from(issue(&"d".repeat(rest)))
}
