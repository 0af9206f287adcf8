//! Measures a release build as operators run it: in its own process, over HTTP, with the load and the
//! receiver on the same machine. It prints a table and fails if a bound is exceeded that holds on any
//! machine: nothing acknowledged is lost, a hanging endpoint delays no other, and webhooks that don't get an
//! event cost nothing. Rates depend on the machine and are only printed.

mod burst;
mod connection;
mod crash;
mod idle;
mod instance;
mod isolation;
mod latency;
mod project;
mod receiver;
mod report;
mod scale;
mod subscribers;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use instance::{Database, Instance};
use report::Report;

/// Measures a release server.
#[derive(Parser)]
struct Options {
    /// Path of the server binary.
    #[arg(long, env = "TESTBELL_BIN", default_value = "target/release/testbell")]
    binary: PathBuf,

    /// An empty PostgreSQL database, to measure on it too. Its data is not removed.
    #[arg(long, env = "TESTBELL_TEST_DATABASE_URL", hide_env_values = true)]
    postgres: Option<String>,

    /// Measure only how hanging and slow endpoints affect a healthy one.
    #[arg(long)]
    only_isolation: bool,

    /// Measure only what an event costs beside many webhooks that don't get it.
    #[arg(long)]
    only_subscribers: bool,

    /// Measure only the throughput of accepted and delivered messages.
    #[arg(long)]
    only_burst: bool,

    /// Measure only a project with 100,000 cases and 1,000 runs.
    #[arg(long)]
    only_scale: bool,

    /// Results of that project. The default is 1,000,000 on SQLite and 10,000,000 on PostgreSQL.
    #[arg(long)]
    results: Option<u32>,

    /// Messages of the measured burst.
    #[arg(long, default_value_t = 15_000)]
    messages: usize,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let mut report = Report::default();
    report.section("SQLite");
    on_sqlite(&options, &mut report).await?;
    if let Some(url) = &options.postgres {
        report.section("PostgreSQL");
        on_postgres(&options, url, &mut report).await?;
    }
    Ok(report.print())
}

/// The one measurement that was asked for, if there is one.
async fn measure_only(options: &Options, instance: &Instance, results: u32, report: &mut Report) -> Option<Result<()>> {
    if options.only_isolation {
        return Some(isolation::measure(instance, report).await.context("isolation"));
    }
    if options.only_subscribers {
        return Some(subscribers::measure(instance, report).await.context("webhooks"));
    }
    if options.only_burst {
        return Some(burst::measure(instance, options.messages, report).await.context("throughput"));
    }
    if options.only_scale {
        return Some(scale::measure(instance, results, report).await.context("large project"));
    }
    None
}

async fn on_sqlite(options: &Options, report: &mut Report) -> Result<()> {
    let mut instance = Instance::start(&options.binary, Database::Sqlite).await?;
    let results = options.results.unwrap_or(1_000_000);
    if let Some(only) = measure_only(options, &instance, results, report).await {
        return only;
    }
    idle::measure(&instance, report).await.context("idle")?;
    latency::measure(&instance, report).await.context("reading")?;
    burst::measure(&instance, options.messages, report).await.context("throughput")?;
    isolation::measure(&instance, report).await.context("isolation")?;
    subscribers::measure(&Instance::start(&options.binary, Database::Sqlite).await?, report)
        .await
        .context("webhooks")?;
    scale::measure(&Instance::start(&options.binary, Database::Sqlite).await?, results, report)
        .await
        .context("large project")?;
    crash::measure(&mut instance, report).await.context("crash")?;
    Ok(())
}

/// Without the crash: on PostgreSQL another node may hold a claim, so those of a killed process last until
/// their lease expires, a minute later.
async fn on_postgres(options: &Options, url: &str, report: &mut Report) -> Result<()> {
    let instance = Instance::start(&options.binary, Database::Postgres(url.to_owned())).await?;
    let results = options.results.unwrap_or(10_000_000);
    if let Some(only) = measure_only(options, &instance, results, report).await {
        return only;
    }
    // First, because the other measurements leave webhooks behind.
    subscribers::measure(&instance, report).await.context("webhooks")?;
    idle::measure(&instance, report).await.context("idle")?;
    latency::measure(&instance, report).await.context("reading")?;
    burst::measure(&instance, options.messages, report).await.context("throughput")?;
    isolation::measure(&instance, report).await.context("isolation")?;
    scale::measure(&instance, results, report).await.context("large project")
}
