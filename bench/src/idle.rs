//! The start and the idle use of a server.

use std::time::Duration;

use anyhow::Result;

use crate::instance::Instance;
use crate::report::{Report, millis};

/// Long enough for every background job to run.
const IDLE_DURATION: Duration = Duration::from_secs(2);

pub async fn measure(instance: &Instance, report: &mut Report) -> Result<()> {
    report.figure("ready after, with an empty database", millis(instance.first_ready), "");
    report.figure("ready after", millis(instance.ready), "< 500 ms");
    let (before, start) = (instance.cpu_time().await?, tokio::time::Instant::now());
    tokio::time::sleep(IDLE_DURATION).await;
    let idle = (instance.cpu_time().await? - before).as_secs_f64() / start.elapsed().as_secs_f64();
    report.figure("idle memory", format!("{} MiB", instance.memory().await?), "< 40 MiB");
    report.figure("idle processor time", format!("{:.1} %", idle * 100.0), "");
    Ok(())
}
