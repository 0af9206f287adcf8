//! Throughput: a closed loop of 32 connections, from the first accept to the last receipt.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::instance::Instance;
use crate::project::Project;
use crate::receiver::Receiver;
use crate::report::{Report, millis, percentile};

const WARM_UP: usize = 500;
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(20);

pub async fn measure(instance: &Instance, messages: usize, report: &mut Report) -> Result<()> {
    let receiver = Receiver::start().await?;
    let project = Project::create(instance, "BURST").await?;
    project.webhook(&receiver.url()).await?;
    project.post_issues(WARM_UP).await?;
    receiver.wait_for(WARM_UP, RECEIVE_TIMEOUT).await?;

    let cpu_before = instance.cpu_time().await?;
    let accepted = project.post_issues(messages).await?;
    ensure!(accepted.len() == messages, "{} of {messages} were accepted", accepted.len());
    let received = receiver.wait_for(WARM_UP + messages, RECEIVE_TIMEOUT).await?;
    let cpu = instance.cpu_time().await? - cpu_before;

    let first = accepted.iter().map(|accepted| accepted.at).min().context("a first")?;
    let last_accept = accepted.iter().map(|accepted| accepted.at).max().context("a last")?;
    let last = received.values().map(|request| request.at).max().context("a last")?;
    let mut latencies: Vec<_> = accepted
        .iter()
        .filter_map(|accepted| Some(received.get(&accepted.issue)?.at.saturating_duration_since(accepted.at)))
        .collect();
    latencies.sort_unstable();
    let per_second = |span: Duration| {
        #[allow(clippy::cast_precision_loss, reason = "a rate")]
        let rate = messages as f64 / span.as_secs_f64();
        format!("{rate:.0} /s")
    };
    report.figure("accept to delivered, 32 connections", per_second(last - first), ">= 1,500 /s on 2 cores");
    report.figure("  accepted", per_second(last_accept - first), "");
    let each = cpu / u32::try_from(messages)?;
    report.figure("  processor time of the server a message", format!("{} µs", each.as_micros()), "");
    report.figure("  accept to receipt, p50", millis(percentile(&latencies, 0.5)), "");
    report.figure("  accept to receipt, p99", millis(percentile(&latencies, 0.99)), "");
    report.figure("  memory afterwards", format!("{} MiB", instance.memory().await?), "");
    Ok(())
}
