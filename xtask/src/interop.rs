//! Checks interoperability with published packages: messages with those of the platforms, signatures
//! with those of Standard Webhooks, Stripe and GitHub. Tests store what their receivers got, and the packages verify it.
//! Schemathesis compares a real server with its OpenAPI document, and clients that generators made of it use that server.

use crate::build::{self, TESTED};
use crate::{node, paths, process, step::step};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder in `target/tmp`, which is also the name of the verifiers in `end2end/interop`, and the tests
/// that fill it.
const CASES: [(&str, &[&str]); 3] = [
    (
        "messages",
        &["destinations::every_event_arrives_on_every_platform", "digests::a_digest_sums_up_events_on_every_chat_tool"],
    ),
    ("schemes", &["signing::a_receiver_verifies_each_scheme_before_and_after_a_rotation"]),
    ("signatures", &["rotation::both_secrets_sign_until_the_old_one_retires"]),
];

/// Runs the tests, then the verifiers in Node and, where there is a Python, in Python.
pub fn check() -> Result<()> {
    let interop = node::end2end()?.join("interop");
    let python = python(&interop)?;
    if python.is_none() {
        eprintln!("– interop checks with PyPI packages skipped: python3 is not on PATH");
    }
    for (name, tests) in CASES {
        let folder = paths::target().join("tmp").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        process::run(
            process::cargo(&["test", "--quiet"])
                .args(TESTED)
                .args(["--test", "it", "--"])
                .args(tests)
                .env_remove("TESTBELL_TEST_DATABASE_URL"),
            "see the failed test above",
        )?;
        let fix = "the output no longer has its documented form; see end2end/interop";
        process::run(Command::new("node").arg(interop.join(name).with_extension("mjs")).arg(&folder), fix)?;
        if let Some(python) = &python {
            process::run(Command::new(python).arg(interop.join(name).with_extension("py")).arg(&folder), fix)?;
        }
    }
    rest_api(&interop, python.as_deref())
}

/// Generates clients from the OpenAPI document and uses them against a real server. Then compares the server's
/// responses with the document.
fn rest_api(interop: &Path, python: Option<&Path>) -> Result<()> {
    let folder = node::client()?;
    let binary = build::tests()?;
    let fix = "the OpenAPI document and the server disagree; see end2end/interop/README.md";
    process::run(Command::new("node").arg(folder.join("run.mjs")).arg(&binary), fix)?;
    let Some(python) = python else { return Ok(()) };
    process::run(Command::new(python).arg(interop.join("python_client.py")).arg(&binary), fix)?;
    step("schemathesis", || process::run(Command::new(python).arg(interop.join("contract.py")).arg(&binary), fix))
}

/// A Python environment with the packages; `None` without Python.
fn python(interop: &Path) -> Result<Option<PathBuf>> {
    let Some(python) = process::on_path(&["python3", "python"]) else { return Ok(None) };
    let wanted = interop.join("requirements.txt");
    let folder = paths::target().join("interop");
    let binary = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = folder.join("requirements.txt");
    if fs::read(&installed).is_ok_and(|before| fs::read(&wanted).is_ok_and(|now| before == now)) {
        return Ok(Some(binary));
    }
    step("interop packages from PyPI", || {
        let fix = "python3 needs its venv module (Debian: apt-get install python3-venv) and must reach PyPI";
        process::run(Command::new(&python).args(["-m", "venv"]).arg(&folder), fix)?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        process::run(Command::new(&binary).args(install).arg(&wanted), fix)
    })?;
    fs::copy(wanted, installed)?;
    Ok(Some(binary))
}
