//! The latency of reads, one request after the other.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::Method;
use tokio::time::Instant;

use crate::instance::Instance;
use crate::project::{Project, post_issue};
use crate::report::{Report, millis, percentile};

const ISSUES: usize = 50;
const REQUESTS: usize = 500;
const PAGES: usize = 200;

pub async fn measure(instance: &Instance, report: &mut Report) -> Result<()> {
    let project = Project::create(instance, "READ").await?;
    let mut connection = project.connect().await?;
    for _ in 0..ISSUES {
        post_issue(&mut connection, &project.issues_path()).await?;
    }
    project.webhook("http://127.0.0.1:9/").await?;
    for (name, path, requests, aim) in [
        ("GET a project as JSON, median", format!("/api/v1/projects/{}", project.id), REQUESTS, ""),
        ("GET 50 issues as JSON, median", project.issues_path(), REQUESTS, ""),
        ("GET the Webhooks page, median", format!("/projects/{}/settings/webhooks", project.id), PAGES, "< 10 ms"),
    ] {
        let mut times = Vec::with_capacity(requests);
        for _ in 0..requests {
            let start = Instant::now();
            let (status, body) = connection.send(Method::GET, &path, Bytes::new()).await?;
            times.push(start.elapsed());
            ensure!(status.is_success() && !body.is_empty(), "GET {path} responded {status}");
        }
        times.sort_unstable();
        let median: Duration = percentile(&times, 0.5);
        report.figure(name, millis(median), aim);
    }
    Ok(())
}
