//! Every check that CI runs, in the order in which they fail fastest.

use crate::build::{self, EXCEPT_EXAMPLES, Profile, TESTED};
use crate::passed::Sources;
use crate::postgres::Cluster;
use crate::step::{self, step};
use crate::{browser, docs, interop, node, process, setup, statements, structure, wording};
use anyhow::Result;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// One kind of check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// rustfmt
    Format,
    /// import cycles, retired words, promises without a test; by its name also clippy on all code, which the builds of
    /// a full run do
    Lint,
    /// licenses and sources of the dependencies, where cargo-deny is installed
    Deny,
    /// unit and integration tests, on SQLite
    Unit,
    /// the same server tests, on a temporary PostgreSQL
    Postgres,
    /// interoperability of messages, signatures and the API with slack-sdk, @slack/types, standardwebhooks, stripe, generated clients and Schemathesis
    Interop,
    /// rustdoc without warnings
    Docs,
    /// Playwright in Chromium, server on SQLite
    Browser,
    /// Playwright in Chromium, server on a temporary PostgreSQL: what the database can change
    BrowserPostgres,
}

/// How a check ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CheckOutcome {
    Passed,
    /// A tool is missing. It runs again, because the tool may be installed by then.
    Skipped,
}

/// The suites in which the database can make a difference: lists with filters, search and pages, states
/// that are counted in it, and the full path of an event. The other suites test only the browser and run
/// on SQLite.
const DATABASE_SPECS: [&str; 5] = ["deliveries", "health", "story", "testware", "webhooks"];
const READ: &str = "see the failures above; run one check with `cargo xtask test <check>`";

/// Runs the named checks, or all checks that have not passed on these sources yet.
pub fn run(checks: &[Check], playwright: &[String]) -> Result<()> {
    let start = Instant::now();
    let outcome = if checks.is_empty() { run_all(playwright) } else { run_named(checks, playwright) };
    if outcome.is_ok() {
        // Only then: the names of failed tests must stay among the last lines.
        step::summary(start);
    }
    outcome
}

fn run_named(checks: &[Check], playwright: &[String]) -> Result<()> {
    setup::components()?;
    process::lint_builds()?;
    let mut cluster = None;
    for check in Check::value_variants().iter().filter(|check| checks.contains(check)) {
        check.run(&mut cluster, playwright)?;
        if *check == Check::Lint {
            step("clippy", clippy)?;
        }
    }
    Ok(())
}

fn run_all(playwright: &[String]) -> Result<()> {
    setup::components()?;
    process::lint_builds()?;
    // Without Git the sources are unknown, so everything runs.
    let sources = Sources::read().ok();
    let mut cluster = None;
    for check in Check::value_variants() {
        let name = check.name();
        if sources.as_ref().is_some_and(|sources| sources.passed(&name)) {
            eprintln!("– {name}: already passed on these sources (`cargo xtask test {name}` runs it again)");
            continue;
        }
        let outcome = check.run(&mut cluster, playwright)?;
        if outcome == CheckOutcome::Passed
            && let Some(sources) = &sources
        {
            sources.record(&name)?;
        }
    }
    Ok(())
}

impl Check {
    /// The name on the command line.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn run(self, cluster: &mut Option<Cluster>, playwright: &[String]) -> Result<CheckOutcome> {
        match self {
            Self::Format => step("format", format),
            Self::Lint => step("lint", lint),
            Self::Deny => return deny(),
            Self::Unit => {
                build::tests()?;
                step("tests on SQLite", unit)
            }
            Self::Postgres => {
                build::tests()?;
                let url = shared(cluster)?;
                step("tests on PostgreSQL", || on_postgres(&url))
            }
            Self::Interop => step("interop", interop::check),
            Self::Docs => step("docs", docs::check),
            Self::Browser => in_browser("Playwright on SQLite", None, playwright),
            Self::BrowserPostgres => {
                let url = shared(cluster)?;
                let all = DATABASE_SPECS.map(|name| format!("tests/{name}.spec.ts"));
                let args = if playwright.is_empty() { &all[..] } else { playwright };
                in_browser("Playwright on PostgreSQL", Some(&url), args)
            }
        }?;
        Ok(CheckOutcome::Passed)
    }
}

/// The temporary PostgreSQL of this run, started when it is first needed.
fn shared(cluster: &mut Option<Cluster>) -> Result<String> {
    if let Some(cluster) = cluster {
        return Ok(cluster.url());
    }
    let started = step("temporary PostgreSQL", Cluster::start)?;
    Ok(cluster.insert(started).url())
}

fn format() -> Result<()> {
    process::run(&mut process::cargo(&["fmt", "--all", "--check"]), "make fmt")
}

fn lint() -> Result<()> {
    structure::check()?;
    wording::check()?;
    statements::check()
}

/// Quicker than the builds, which do the same.
fn clippy() -> Result<()> {
    setup::wasm_target()?;
    let deny = ["--", "-D", "warnings"];
    process::run(
        process::cargo(&["clippy", "--workspace", "--all-targets"]).args(deny),
        "fix the clippy warnings above",
    )?;
    process::run(
        process::cargo(&["clippy", "--package", "testbell-frontend", "--package", "testbell-app"])
            .args(["--features", "testbell-app/hydrate"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(deny),
        "fix the clippy warnings above; this is the code for the browser",
    )
}

/// Compiling cargo-deny takes minutes, so it only runs where it is installed. The public CI always runs it.
fn deny() -> Result<CheckOutcome> {
    if process::on_path(&["cargo-deny"]).is_none() {
        eprintln!("– deny skipped: cargo-deny is not installed (cargo install cargo-deny --locked)");
        return Ok(CheckOutcome::Skipped);
    }
    step("deny", || {
        process::run(
            &mut process::cargo(&["deny", "check", "licenses", "bans", "sources"]),
            "replace the dependency, or allow it in deny.toml with a reason",
        )
    })?;
    Ok(CheckOutcome::Passed)
}

fn unit() -> Result<()> {
    let no_url = |mut command: Command| {
        command.env_remove("TESTBELL_TEST_DATABASE_URL");
        command
    };
    let mut tests = no_url(process::cargo(&["test", "--quiet", "--no-fail-fast"]));
    process::run(tests.args(TESTED).arg(EXCEPT_EXAMPLES).args(without_recordings()), READ)?;
    process::run(&mut process::cargo(&["test", "--quiet", "--package", "xtask"]), READ)
}

/// Tests that replay recorded payloads have `recorded` in their names. The payloads are not part of the
/// repository. Without them, everything else runs.
fn without_recordings() -> &'static [&'static str] {
    if std::env::var_os("TESTBELL_FIXTURES").is_some() {
        return &[];
    }
    eprintln!("– tests with recorded payloads skipped: TESTBELL_FIXTURES is not set");
    &["--", "--skip", "recorded"]
}

fn on_postgres(url: &str) -> Result<()> {
    process::run(
        process::cargo(&["test", "--quiet"])
            .args(TESTED)
            // What else is in the packages knows no database server.
            .args(["--test", "it"])
            .args(without_recordings())
            .env("TESTBELL_TEST_DATABASE_URL", url),
        READ,
    )
}

fn in_browser(name: &str, database: Option<&str>, args: &[String]) -> Result<()> {
    let folder = node::end2end()?;
    let chromium = browser::chromium()?;
    build::site(Profile::Dev)?;
    let binary = build::tests()?;
    step(name, || {
        process::run(
            playwright(folder, args)
                .env("TESTBELL_BIN", binary)
                .env("TESTBELL_CHROMIUM", chromium)
                .envs(database.map(|url| ("TESTBELL_TEST_DATABASE_URL", url))),
            "open end2end/playwright-report; TESTBELL_TRACE=1 also records a trace of each failed test",
        )
    })
}

fn playwright(folder: PathBuf, args: &[String]) -> Command {
    let mut command = Command::new("node");
    command
        .arg("node_modules/@playwright/test/cli.js")
        .arg("test")
        .args(args)
        .current_dir(folder)
        .env_remove("TESTBELL_TEST_DATABASE_URL");
    command
}
