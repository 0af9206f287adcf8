//! The master key: from the settings, or from a file in the data folder that the first start
//! makes. A start with the wrong key ends at once, with words; otherwise every delivery and
//! every receipt would fail one by one.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use secrecy::ExposeSecret;

use super::StartError;
use crate::clock::Clock;
use crate::config::Config;
use crate::core::Core;
use crate::crypto::Keyring;
use crate::entity::{integration, webhook, webhook_secret};

const FILE: &str = "master.key";

/// Opens the database with the key that fits it.
pub async fn open(config: Config, clock: Clock) -> Result<Core, StartError> {
    let path = config.data_dir.join(FILE);
    let text = match &config.master_key {
        Some(key) => Some(key.expose_secret().to_owned()),
        None => read(&path)?,
    };
    match text {
        Some(text) => open_with(config, clock, &text).await,
        None => open_with_new(config, clock, path).await,
    }
}

async fn open_with(config: Config, clock: Clock, text: &str) -> Result<Core, StartError> {
    let core = Core::open(config, clock, text.trim().parse()?).await?;
    if samples(&core).await?.iter().all(|sealed| core.keys.knows(sealed)) {
        Ok(core)
    } else {
        Err(StartError::KeyUnknown)
    }
}

/// A key is made only where it can't be that one was lost.
async fn open_with_new(config: Config, clock: Clock, path: PathBuf) -> Result<Core, StartError> {
    let text = Keyring::mint();
    let mut core = Core::open(config, clock, text.parse()?).await?;
    if !samples(&core).await?.is_empty() {
        return Err(StartError::KeyMissing { path });
    }
    if !write_new(&path, &text)? {
        // Another process has made one meanwhile.
        core.keys = read(&path)?.unwrap_or_default().trim().parse()?;
    }
    Ok(core)
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

/// One encrypted value of each kind that there is.
async fn samples(core: &Core) -> Result<Vec<Vec<u8>>, DbErr> {
    let db = core.store.read();
    let secret = webhook_secret::Entity::find().one(db).await?.map(|row| row.secret);
    let url = webhook::Entity::find().filter(webhook::Column::Url.is_not_null()).one(db).await?;
    let credentials =
        integration::Entity::find().filter(integration::Column::Credentials.is_not_null()).one(db).await?;
    let url = url.and_then(|row| row.url);
    let credentials = credentials.and_then(|row| row.credentials);
    Ok([secret, url, credentials].into_iter().flatten().collect())
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
