//! Chromium for the browser tests: the installed one, or one from apt-get or Playwright.

use crate::{node, paths, process, step::step};
use anyhow::{Result, bail};
use std::env;
use std::path::PathBuf;
use std::process::Command;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL: &str = "install Chromium manually, and set TESTBELL_CHROMIUM to its path if it is not on PATH";

/// The path of Chromium. Installs it if it is missing.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("TESTBELL_CHROMIUM") {
        return Ok(path.into());
    }
    if let Some(path) = process::on_path(&NAMES) {
        return Ok(path);
    }
    if is_root() && process::on_path(&["apt-get"]).is_some() {
        step("Chromium from apt-get", by_apt)?;
        match process::on_path(&NAMES) {
            Some(path) => return Ok(path),
            None => bail!("apt-get installed no Chromium.\n  To fix: {INSTALL}"),
        }
    }
    step("Chromium from Playwright", by_playwright)
}

fn by_apt() -> Result<()> {
    let apt = |args: &[&str]| {
        process::run(
            Command::new("apt-get")
                .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
                .args(args)
                .env("DEBIAN_FRONTEND", "noninteractive"),
            INSTALL,
        )
    };
    apt(&["update"])?;
    apt(&["install", "-y", "--no-install-recommends", "chromium"])
}

fn by_playwright() -> Result<PathBuf> {
    let folder = node::end2end()?;
    process::run(Command::new("npx").args(["playwright", "install", "chromium"]).current_dir(&folder), INSTALL)?;
    let script = "console.log(require('@playwright/test').chromium.executablePath())";
    let path = process::output(Command::new("node").args(["-e", script]).current_dir(&folder))?;
    Ok(path.into())
}

/// Whether this process may install packages.
pub fn is_root() -> bool {
    let id = process::output(Command::new("id").arg("-u").current_dir(paths::root()));
    id.is_ok_and(|id| id == "0")
}
