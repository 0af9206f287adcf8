//! Isolation: 200 deliveries hang at one endpoint while another gets 50 a second.

use std::time::Duration;

use anyhow::Result;

use crate::instance::Instance;
use crate::project::{Project, post_issue};
use crate::receiver::Receiver;
use crate::report::{Report, millis, percentile};

const HANGING: usize = 200;
const HEALTHY: usize = 300;
const EVERY: Duration = Duration::from_millis(20);
const BOUND: Duration = Duration::from_millis(100);

pub async fn measure(instance: &Instance, report: &mut Report) -> Result<()> {
    let bad = Project::create(instance, "HANGS").await?;
    bad.webhook(&format!("http://{}/", Receiver::hanging().await?)).await?;
    let receiver = Receiver::start().await?;
    let good = Project::create(instance, "HEALTHY").await?;
    good.webhook(&receiver.url()).await?;
    bad.post_issues(HANGING).await?;

    let (mut connection, path) = (good.connect().await?, good.issues_path());
    let mut pace = tokio::time::interval(EVERY);
    let mut accepted = Vec::with_capacity(HEALTHY);
    for _ in 0..HEALTHY {
        pace.tick().await;
        accepted.push(post_issue(&mut connection, &path).await?);
    }
    let arrivals = receiver.until(HEALTHY, Duration::from_secs(15)).await?;
    let mut waits: Vec<_> = accepted
        .iter()
        .filter_map(|accepted| Some(arrivals.get(&accepted.issue)?.at.saturating_duration_since(accepted.at)))
        .collect();
    waits.sort_unstable();
    let p99 = percentile(&waits, 0.99);
    report.figure("beside 200 that hang: accept to receipt, p50", millis(percentile(&waits, 0.5)), "");
    report.bound("beside 200 that hang: accept to receipt, p99", millis(p99), "< 100 ms", p99 < BOUND);
    Ok(())
}
