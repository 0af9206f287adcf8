//! The master key: from the settings, or from a file in the data folder that the first start
//! makes. A start with the wrong key ends at once, with words; otherwise every delivery and
//! every receipt would fail one by one.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::StartError;
use crate::clock::Clock;
use crate::config::Config;
use crate::core::Core;
use crate::crypto::Keyring;
use crate::service::key_rotation;

const FILE: &str = "master.key";

/// Where the key is when the settings don't hold it.
#[must_use]
pub fn path(config: &Config) -> PathBuf {
    config.data_dir.join(FILE)
}

/// Opens the database with the key that fits it.
pub async fn open(config: Config, clock: Clock) -> Result<Core, StartError> {
    if let Some(key) = &config.master_key {
        let keys = key.expose_secret().trim().parse()?;
        return open_with(config, clock, keys).await;
    }
    let path = path(&config);
    match read(&path)? {
        Some(text) => open_with(config, clock, text.trim().parse::<Keyring>()?.following(path)).await,
        None => open_with_new(config, clock, path).await,
    }
}

async fn open_with(config: Config, clock: Clock, keys: Keyring) -> Result<Core, StartError> {
    let core = Core::open(config, clock, keys).await?;
    let used = key_rotation::usage(&core).await?;
    if used.keys().all(|&id| core.keys.knows(id)) { Ok(core) } else { Err(StartError::KeyUnknown) }
}

/// A key is made only where it can't be that one was lost.
async fn open_with_new(config: Config, clock: Clock, path: PathBuf) -> Result<Core, StartError> {
    let text = Keyring::mint();
    let mut core = Core::open(config, clock, text.parse()?).await?;
    if !key_rotation::usage(&core).await?.is_empty() {
        return Err(StartError::KeyMissing { path });
    }
    if !write_new(&path, &text)? {
        // Another process has made one meanwhile.
        core.keys = read(&path)?.unwrap_or_default().trim().parse()?;
    }
    core.keys = core.keys.following(path);
    Ok(core)
}

/// Puts a new key before those in the file, in one step: a running server that looks into it
/// sees either the old ones or all.
pub fn add(config: &Config) -> Result<(), StartError> {
    let path = path(config);
    let old = read(&path)?.unwrap_or_default();
    let next = path.with_extension("key.next");
    let failed = |source| StartError::File { path: next.clone(), source };
    if !write_new(&next, &format!("{},{}", Keyring::mint(), old.trim()))? {
        // Another rotation is about to do the same, or one was ended just before this.
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    std::fs::rename(&next, &path).map_err(failed)?;
    // What is encrypted with the new key must not be on disk before the key is.
    File::open(&config.data_dir).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn read(path: &Path) -> Result<Option<String>, StartError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StartError::File { path: path.to_owned(), source }),
    }
}

/// Writes the file, which only its owner may read; false when there is one already.
fn write_new(path: &Path, text: &str) -> Result<bool, StartError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(format!("{text}\n").as_bytes())?;
        // What is encrypted with it may be on disk before the next crash.
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(source) => Err(StartError::File { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert!(read(&path).unwrap().is_none());
        assert!(write_new(&path, "first").unwrap());
        assert!(!write_new(&path, "second").unwrap());
        assert_eq!(read(&path).unwrap().unwrap(), "first\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
