//! Restricts the file of an embedded database to its owner, in any folder: it has password hashes, session
//! hashes and the team's data. SQLite gives `-wal` and `-shm` files the mode of the database file.

use std::io;
use std::path::{Path, PathBuf};

/// Creates the file of a `sqlite:` URL if it is missing, and removes the permissions of others.
///
/// # Errors
/// When the file system refuses.
pub fn protect(url: &str) -> io::Result<()> {
    let Some(path) = file_of(url) else { return Ok(()) };
    create(&path)?;
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        restrict(Path::new(&name))?;
    }
    Ok(())
}

/// The path in a URL: `sqlite:data/testbell.db?mode=rwc`.
fn file_of(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next().unwrap_or_default();
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;

    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Adds no permissions: a file that its owner may only read stays so.
#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if mode & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o700))
}

#[cfg(not(unix))]
fn create(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_url_names_its_file() {
        for (url, expected) in [
            ("sqlite:data/testbell.db", Some("data/testbell.db")),
            ("sqlite:///var/lib/t.db?mode=rwc", Some("/var/lib/t.db")),
            ("sqlite::memory:", None),
            ("sqlite:", None),
            ("postgres://x/y", None),
        ] {
            assert_eq!(file_of(url), expected.map(PathBuf::from), "{url}");
        }
    }

    #[test]
    fn others_lose_their_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let url = format!("sqlite:{}", path.display());
        protect(&url).unwrap();
        assert_eq!(mode(&path), 0o600);
        let wal = folder.path().join("t.db-wal");
        std::fs::write(&wal, "").unwrap();
        for (path, before, after) in [(&path, 0o644, 0o600), (&wal, 0o666, 0o600), (&path, 0o444, 0o400)] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(before)).unwrap();
            protect(&url).unwrap();
            assert_eq!(mode(path), after);
        }
    }
}
