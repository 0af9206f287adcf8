//! A crash: the server is killed in the middle of a burst and started again. What it had answered
//! for must arrive; what had been sent but not noted arrives twice.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::instance::Instance;
use crate::project::Project;
use crate::receiver::Receiver;
use crate::report::{Report, millis};

/// More than are posted before the end.
const BURST: usize = 1_000_000;
/// Arrivals after which the server is killed.
const KILL_AFTER: usize = 2_000;
const PATIENCE: Duration = Duration::from_secs(20);

pub async fn measure(instance: &mut Instance, report: &mut Report) -> Result<()> {
    let receiver = Receiver::start().await?;
    let project = Project::create(instance, "CRASH").await?;
    project.webhook(&receiver.url()).await?;
    let burst = tokio::spawn(async move { project.post_issues(BURST).await });
    receiver.until(KILL_AFTER, PATIENCE).await?;
    instance.kill().await?;
    let accepted = burst.await??;
    ensure!(!accepted.is_empty(), "nothing was accepted before the crash");

    let ready = instance.start_again().await?;
    // Something may have been stored without an answer, so that there is no number to wait for.
    let mut quiet = tokio::time::interval(Duration::from_secs(1));
    let (mut before, mut rounds) = (usize::MAX, 0);
    let arrivals = loop {
        quiet.tick().await;
        let arrivals = receiver.arrivals();
        let missing = accepted.iter().filter(|accepted| !arrivals.contains_key(&accepted.issue)).count();
        rounds += 1;
        if (missing == 0 && arrivals.len() == before) || rounds > PATIENCE.as_secs() {
            break arrivals;
        }
        before = arrivals.len();
    };
    let lost = accepted.iter().filter(|accepted| !arrivals.contains_key(&accepted.issue)).count();
    let twice = arrivals.values().filter(|arrival| arrival.times > 1).count();
    report.figure("kill -9 in a burst: accepted before", accepted.len().to_string(), "");
    report.figure("  ready again after", millis(ready), "");
    report.bound("  lost", lost.to_string(), "0", lost == 0);
    report.figure("  sent twice, with the same webhook-id", twice.to_string(), "");
    Ok(())
}
