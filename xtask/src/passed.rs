//! Remembers which checks passed on which sources, so that a check runs again only after a change.
//! A record is the hash of everything a check can depend on: every file of the work tree that Git does
//! not ignore, the recorded payloads, and the compiler version.

use crate::{paths, process};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The sources that the checks of one run use.
pub struct Sources {
    hash: String,
}

impl Sources {
    /// Reads all sources. Fails if Git is missing or a file can't be read.
    pub fn read() -> Result<Self> {
        let mut digest = Sha256::new();
        let listed = process::output(
            Command::new("git")
                .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
                .current_dir(paths::root()),
        )?;
        for name in listed.split('\0').filter(|name| !name.is_empty()) {
            add(&mut digest, &paths::root().join(name))?;
        }
        if let Some(folder) = std::env::var_os("TESTBELL_FIXTURES") {
            for file in crate::wasm::paths_below(Path::new(&folder))? {
                add(&mut digest, &file)?;
            }
        }
        digest.update(process::output(Command::new("rustc").arg("--version"))?);
        Ok(Self { hash: hex::encode(digest.finalize()) })
    }

    /// Whether the check has passed on exactly these sources.
    pub fn passed(&self, check: &str) -> bool {
        fs::read_to_string(record(check)).is_ok_and(|hash| hash == self.hash)
    }

    /// Records that the check passed, unless the sources changed while it ran.
    pub fn record(&self, check: &str) -> Result<()> {
        if Self::read()?.hash != self.hash {
            return Ok(());
        }
        let file = record(check);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, &self.hash).with_context(|| file.display().to_string())
    }
}

/// A file's path and content. A deleted file that is not staged has no content.
fn add(digest: &mut Sha256, file: &Path) -> Result<()> {
    digest.update(file.as_os_str().as_encoded_bytes());
    digest.update([0]);
    if file.is_file() {
        let content = fs::read(file).with_context(|| file.display().to_string())?;
        digest.update(Sha256::digest(content));
    }
    Ok(())
}

fn record(check: &str) -> PathBuf {
    paths::target().join("xtask/passed").join(check)
}
