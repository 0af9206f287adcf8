//! What is sent, judged by packages that others publish: messages by Slack's own, signatures by
//! those of Standard Webhooks. Tests leave behind what their receivers got; the judges look at it.

use crate::{node, paths, process, step::step};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is judged: the folder in `target/tmp`, which is also the name of the judges in
/// `end2end/judges`, and the test that fills it.
const CASES: [(&str, &str); 2] = [
    ("messages", "slack::every_event_of_the_catalogue_arrives_as_a_message"),
    ("signatures", "rotation::both_secrets_sign_in_the_window_the_newer_first_and_only_the_new_one_after_it"),
];

/// Makes what is judged, and has it judged by Node's packages and, where there is a Python, by its.
pub fn check() -> Result<()> {
    let judges = node::end2end()?.join("judges");
    let python = python(&judges)?;
    if python.is_none() {
        eprintln!("– the packages of PyPI judge nothing: python3 is not on PATH");
    }
    for (name, test) in CASES {
        let folder = paths::target().join("tmp").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        process::run(
            process::cargo(&["test", "--quiet", "--package", "testbell-server", "--test", "it", test])
                .env_remove("TESTBELL_TEST_DATABASE_URL"),
            "what is to be judged could not be made; read what failed above",
        )?;
        let mend = "what is sent no longer has its documented form; see end2end/judges";
        process::run(Command::new("node").arg(judges.join(name).with_extension("mjs")).arg(&folder), mend)?;
        if let Some(python) = &python {
            process::run(Command::new(python).arg(judges.join(name).with_extension("py")).arg(&folder), mend)?;
        }
    }
    Ok(())
}

/// A Python with the judges' packages in an environment of its own; `None` where there is no Python.
fn python(judges: &Path) -> Result<Option<PathBuf>> {
    let Some(python) = process::on_path(&["python3", "python"]) else { return Ok(None) };
    let wanted = judges.join("requirements.txt");
    let folder = paths::target().join("judges");
    let binary = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let installed = folder.join("requirements.txt");
    if fs::read(&installed).is_ok_and(|before| fs::read(&wanted).is_ok_and(|now| before == now)) {
        return Ok(Some(binary));
    }
    step("the judges' packages from PyPI", || {
        let mend = "python3 needs its venv module (Debian: apt-get install python3-venv) and must reach PyPI";
        process::run(Command::new(&python).args(["-m", "venv"]).arg(&folder), mend)?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        process::run(Command::new(&binary).args(install).arg(&wanted), mend)
    })?;
    fs::copy(wanted, installed)?;
    Ok(Some(binary))
}
