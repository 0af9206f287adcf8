//! Every check that CI runs, in the order in which they fail fastest.

use crate::build::{self, Profile};
use crate::postgres::Cluster;
use crate::{browser, judges, node, process, setup, step::step};
use anyhow::Result;
use clap::ValueEnum;
use std::path::PathBuf;
use std::process::Command;

/// One kind of check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// rustfmt
    Format,
    /// clippy on the workspace, and on the frontend as WASM
    Lint,
    /// licences and sources of the dependencies, where cargo-deny is installed
    Deny,
    /// unit and integration tests, on SQLite
    Unit,
    /// the same tests of the server, on a temporary PostgreSQL
    Postgres,
    /// what is sent, judged by slack-sdk, @slack/types and standardwebhooks
    Judges,
    /// rustdoc without warnings
    Docs,
    /// Playwright in Chromium, server on SQLite
    Browser,
    /// Playwright in Chromium, server on a temporary PostgreSQL
    BrowserPostgres,
}

/// What builds the packages that hold tests beside the build tool's own. The frontend is only WASM.
const TESTED: [&str; 5] = ["--workspace", "--exclude", "xtask", "--exclude", "testbell-frontend"];
const READ: &str = "read what failed above; run one kind alone with `cargo xtask test <check>`";

/// Runs the named checks, or all.
pub fn run(checks: &[Check], playwright: &[String]) -> Result<()> {
    setup::components()?;
    let all = Check::value_variants();
    let chosen = all.iter().filter(|check| checks.is_empty() || checks.contains(check));
    let mut cluster = None;
    for check in chosen {
        match check {
            Check::Format => step("format", format)?,
            Check::Lint => step("lint", lint)?,
            Check::Deny => deny()?,
            Check::Unit => step("tests on SQLite", unit)?,
            Check::Postgres => {
                let url = shared(&mut cluster)?;
                step("tests on PostgreSQL", || on_postgres(&url))?;
            }
            Check::Judges => step("judges", judges::check)?,
            Check::Docs => step("docs", docs)?,
            Check::Browser => in_browser("Playwright on SQLite", None, playwright)?,
            Check::BrowserPostgres => {
                let url = shared(&mut cluster)?;
                in_browser("Playwright on PostgreSQL", Some(&url), playwright)?;
            }
        }
    }
    Ok(())
}

/// The one temporary PostgreSQL of this run, started when it is first wanted.
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
    setup::wasm_target()?;
    let deny = ["--", "-D", "warnings"];
    process::run(process::cargo(&["clippy", "--workspace", "--all-targets"]).args(deny), "mend what clippy points at")?;
    process::run(
        process::cargo(&["clippy", "--package", "testbell-frontend", "--package", "testbell-app"])
            .args(["--features", "testbell-app/hydrate"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(deny),
        "mend what clippy points at; this is the browser's half of the code",
    )
}

/// Compiling cargo-deny takes minutes, so it is used where it is, and always in the public CI.
fn deny() -> Result<()> {
    if process::on_path(&["cargo-deny"]).is_none() {
        eprintln!("– deny skipped: cargo-deny is not installed (cargo install cargo-deny --locked)");
        return Ok(());
    }
    step("deny", || {
        process::run(
            &mut process::cargo(&["deny", "check", "licenses", "bans", "sources"]),
            "replace the dependency, or allow it in deny.toml with a reason",
        )
    })
}

fn unit() -> Result<()> {
    let no_url = |mut command: Command| {
        command.env_remove("TESTBELL_TEST_DATABASE_URL");
        command
    };
    let mut tests = no_url(process::cargo(&["test", "--quiet"]));
    process::run(tests.args(TESTED).args(without_recordings()), READ)?;
    process::run(&mut process::cargo(&["test", "--quiet", "--package", "xtask"]), READ)
}

/// The tests that replay recorded payloads say so in their names. The payloads are not part of the
/// repository: whoever has none runs everything else.
fn without_recordings() -> &'static [&'static str] {
    if std::env::var_os("TESTBELL_FIXTURES").is_some() {
        return &[];
    }
    eprintln!("– recorded payloads are not replayed: TESTBELL_FIXTURES names no folder of them");
    &["--", "--skip", "recorded"]
}

/// Built with the same packages as on SQLite, so that nothing is compiled twice.
fn on_postgres(url: &str) -> Result<()> {
    process::run(
        process::cargo(&["test", "--quiet"])
            .args(TESTED)
            .args(["--exclude", "testbell-app"])
            .args(without_recordings())
            .env("TESTBELL_TEST_DATABASE_URL", url),
        READ,
    )
}

fn docs() -> Result<()> {
    process::run(
        process::cargo(&["doc", "--no-deps", "--document-private-items"])
            .args(TESTED)
            // Private items are documented too, so that links to them lead somewhere.
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"),
        "mend the doc comment that rustdoc points at",
    )
}

fn in_browser(name: &str, database: Option<&str>, args: &[String]) -> Result<()> {
    let folder = node::end2end()?;
    let chromium = browser::chromium()?;
    let binary = build::all(Profile::Dev)?;
    step(name, || {
        process::run(
            playwright(folder, args)
                .env("TESTBELL_BIN", binary)
                .env("TESTBELL_CHROMIUM", chromium)
                .envs(database.map(|url| ("TESTBELL_TEST_DATABASE_URL", url))),
            "open end2end/playwright-report, or the trace that a failed test names",
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
