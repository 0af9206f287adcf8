//! The master key, from the settings or from a file in the data folder that the first start creates. A
//! start with the wrong key fails at once. Otherwise every delivery and receipt would fail one by one.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::StartError;
use crate::app_state::AppState;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::service::key_rotation;

const FILE: &str = "master.key";

/// The path of the key file, if the settings have no key.
#[must_use]
pub fn path(config: &Config) -> PathBuf {
    config.data_dir.join(FILE)
}

/// Opens the database and checks that the key decrypts its secrets.
pub async fn open(config: Config, clock: Clock) -> Result<AppState, StartError> {
    if let Some(key) = &config.master_key {
        let keys = key.expose_secret().trim().parse()?;
        return open_with(config, clock, keys).await;
    }
    let path = path(&config);
    match read(&path)? {
        Some(text) => open_with(config, clock, text.trim().parse::<Keyring>()?.with_key_file(path)).await,
        None => open_with_new(config, clock, path).await,
    }
}

async fn open_with(config: Config, clock: Clock, keys: Keyring) -> Result<AppState, StartError> {
    let state = AppState::open(config, clock, keys).await?;
    let used = key_rotation::usage(&state).await?;
    if used.keys().all(|&id| state.keys.has_key(id)) { Ok(state) } else { Err(StartError::KeyUnknown) }
}

/// Creates a key only if the database has no secrets: otherwise the key was lost.
async fn open_with_new(config: Config, clock: Clock, path: PathBuf) -> Result<AppState, StartError> {
    let text = Keyring::generate();
    let mut state = AppState::open(config, clock, text.parse()?).await?;
    if !key_rotation::usage(&state).await?.is_empty() {
        return Err(StartError::KeyMissing { path });
    }
    if !write_new(&path, &text)? {
        // Another process created it first.
        state.keys = read(&path)?.unwrap_or_default().trim().parse()?;
    }
    state.keys = state.keys.with_key_file(path);
    Ok(state)
}

/// Adds a new key before those in the file. The file is replaced atomically: a running server reads either
/// the old keys or all.
pub fn add(config: &Config) -> Result<(), StartError> {
    let path = path(config);
    let old = read(&path)?.unwrap_or_default();
    let next = path.with_extension("key.next");
    let failed = |source| StartError::File { path: next.clone(), source };
    if !write_new(&next, &format!("{},{}", Keyring::generate(), old.trim()))? {
        // Another rotation is running, or was interrupted here.
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    std::fs::rename(&next, &path).map_err(failed)?;
    // The key must be on disk before anything is encrypted with it.
    File::open(&config.data_dir).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn read(path: &Path) -> Result<Option<String>, StartError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StartError::File { path: path.to_owned(), source }),
    }
}

/// Creates the file, readable by its owner only. False if it exists already.
fn write_new(path: &Path, text: &str) -> Result<bool, StartError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(format!("{text}\n").as_bytes())?;
        // Otherwise a crash could lose the key after something was encrypted with it.
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
