//! Kills the server in the middle of a burst and restarts it. Everything that it accepted must arrive. What
//! was sent but not recorded arrives twice.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::instance::Instance;
use crate::project::Project;
use crate::receiver::Receiver;
use crate::report::{Report, millis};

/// More than are posted before the crash.
const MAX_BURST: usize = 1_000_000;
/// Received requests after which the server is killed.
const KILL_AFTER: usize = 2_000;
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(20);

pub async fn measure(instance: &mut Instance, report: &mut Report) -> Result<()> {
    let receiver = Receiver::start().await?;
    let project = Project::create(instance, "CRASH").await?;
    project.webhook(&receiver.url()).await?;
    let burst = tokio::spawn(async move { project.post_issues(MAX_BURST).await });
    receiver.wait_for(KILL_AFTER, RECEIVE_TIMEOUT).await?;
    instance.kill().await?;
    let accepted = burst.await??;
    ensure!(!accepted.is_empty(), "nothing was accepted before the crash");

    let ready = instance.restart().await?;
    // Some issues may be stored without a response, so the total is unknown.
    let mut quiet = tokio::time::interval(Duration::from_secs(1));
    let (mut before, mut rounds) = (usize::MAX, 0);
    let received = loop {
        quiet.tick().await;
        let received = receiver.received();
        let missing = accepted.iter().filter(|accepted| !received.contains_key(&accepted.issue)).count();
        rounds += 1;
        if (missing == 0 && received.len() == before) || rounds > RECEIVE_TIMEOUT.as_secs() {
            break received;
        }
        before = received.len();
    };
    let lost = accepted.iter().filter(|accepted| !received.contains_key(&accepted.issue)).count();
    let duplicates = received.values().filter(|request| request.times > 1).count();
    report.figure("kill -9 in a burst: accepted before", accepted.len().to_string(), "");
    report.figure("  ready again after", millis(ready), "");
    report.bound("  lost", lost.to_string(), "0", lost == 0);
    report.figure("  sent twice, with the same webhook-id", duplicates.to_string(), "");
    Ok(())
}
