//! The messages for Slack, judged by Slack's own packages.

use crate::{node, paths, process, step::step};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MEND: &str = "a message no longer has the form that Slack documents; see end2end/messages";

/// Writes the message of every event, and has both packages look at them.
pub fn check() -> Result<()> {
    let folder = paths::target().join("tmp/messages");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let test = "slack::every_event_of_the_catalogue_arrives_as_a_message";
    process::run(
        process::cargo(&["test", "--quiet", "--package", "testbell-server", "--test", "it", test])
            .env_remove("TESTBELL_TEST_DATABASE_URL"),
        "the messages could not be made; read what failed above",
    )?;
    let checks = node::end2end()?.join("messages");
    process::run(Command::new("node").arg(checks.join("check.mjs")).arg(&folder), MEND)?;
    match python(&checks)? {
        Some(python) => process::run(Command::new(python).arg(checks.join("check.py")).arg(&folder), MEND),
        None => {
            eprintln!("– slack-sdk did not look at the messages: python3 is not on PATH");
            Ok(())
        }
    }
}

/// A Python with slack-sdk in an environment of its own; `None` where there is no Python.
fn python(checks: &Path) -> Result<Option<PathBuf>> {
    let Some(python) = process::on_path(&["python3", "python"]) else { return Ok(None) };
    let wanted = checks.join("requirements.txt");
    let folder = paths::target().join("slack-sdk");
    let binary = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = folder.join("requirements.txt");
    if fs::read(&installed).is_ok_and(|before| fs::read(&wanted).is_ok_and(|now| before == now)) {
        return Ok(Some(binary));
    }
    step("slack-sdk from PyPI", || {
        let mend = "python3 needs its venv module (Debian: apt-get install python3-venv) and must reach PyPI";
        process::run(Command::new(&python).args(["-m", "venv"]).arg(&folder), mend)?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        process::run(Command::new(&binary).args(install).arg(&wanted), mend)
    })?;
    fs::copy(wanted, installed)?;
    Ok(Some(binary))
}
