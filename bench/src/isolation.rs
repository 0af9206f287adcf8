//! Isolation: 20 endpoints hang and 20 respond after nine seconds, while another one gets 50 deliveries per
//! second.

use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use crate::instance::Instance;
use crate::project::{Project, post_issue};
use crate::receiver::{ReceivedRequests, Receiver};
use crate::report::{Report, millis, percentile};

/// Endpoints that hang, and as many that are slow.
const ENDPOINTS: usize = 20;
/// Deliveries to each of them.
const DELIVERIES: usize = 40;
const SLOW_RESPONSE_DELAY: Duration = Duration::from_secs(9);
/// How long the deliveries to the slow endpoints may take in all.
const SLOW_TIMEOUT: Duration = Duration::from_secs(55);

const HEALTHY: usize = 1000;
const HEALTHY_INTERVAL: Duration = Duration::from_millis(20);
const HEALTHY_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_P99: Duration = Duration::from_millis(50);

pub async fn measure(instance: &Instance, report: &mut Report) -> Result<()> {
    let bad = Project::create(instance, "BAD").await?;
    let hanging = format!("http://{}/", Receiver::hanging().await?);
    let mut slow = Vec::new();
    for _ in 0..ENDPOINTS {
        bad.webhook(&hanging).await?;
        let receiver = Receiver::slow(SLOW_RESPONSE_DELAY).await?;
        bad.webhook(&receiver.url()).await?;
        slow.push(receiver);
    }
    let healthy = Receiver::start().await?;
    let good = Project::create(instance, "HEALTHY").await?;
    good.webhook(&healthy.url()).await?;
    let start = Instant::now();
    bad.post_issues(DELIVERIES).await?;

    let mut latencies = measure_latencies(&good, &healthy).await?;
    latencies.sort_unstable();
    let p99 = percentile(&latencies, 0.99);
    report.figure("beside 20 hanging, 20 slow: p50 to receipt", millis(percentile(&latencies, 0.5)), "");
    report.bound("beside 20 hanging, 20 slow: p99 to receipt", millis(p99), "< 50 ms", p99 < MAX_P99);

    let arrived = count_received(&slow, start + SLOW_TIMEOUT).await;
    let expected = ENDPOINTS * DELIVERIES;
    let value = format!("{arrived} of {expected}");
    report.bound("20 slow endpoints: arrived within 55 s", value, "all", arrived == expected);
    report.figure("20 slow endpoints: last request after", format!("{:.1} s", start.elapsed().as_secs_f64()), "");
    Ok(())
}

/// Posts issues to a healthy endpoint. Returns the times from acceptance to receipt.
async fn measure_latencies(project: &Project, receiver: &Receiver) -> Result<Vec<Duration>> {
    let (mut connection, path) = (project.connect().await?, project.issues_path());
    let mut pace = tokio::time::interval(HEALTHY_INTERVAL);
    let mut accepted = Vec::with_capacity(HEALTHY);
    for _ in 0..HEALTHY {
        pace.tick().await;
        accepted.push(post_issue(&mut connection, &path).await?);
    }
    let received = receiver.wait_for(HEALTHY, HEALTHY_TIMEOUT).await?;
    let wait = |issue: &str, at: Instant| Some(received.get(issue)?.at.saturating_duration_since(at));
    Ok(accepted.iter().filter_map(|accepted| wait(&accepted.issue, accepted.at)).collect())
}

/// Counts the received deliveries once all have arrived or the deadline has passed.
async fn count_received(receivers: &[Receiver], deadline: Instant) -> usize {
    let mut again = tokio::time::interval(Duration::from_millis(100));
    loop {
        again.tick().await;
        let arrived = receivers.iter().map(Receiver::received).map(|received: ReceivedRequests| received.len()).sum();
        if arrived >= receivers.len() * DELIVERIES || Instant::now() >= deadline {
            return arrived;
        }
    }
}
