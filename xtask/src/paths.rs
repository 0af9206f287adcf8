//! Paths in the workspace. The site is always below `target`, where the server's `assets.rs` expects it.

use crate::build::Profile;
use std::env;
use std::path::{Path, PathBuf};

/// The workspace folder.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The static files that the server serves.
pub fn site(profile: Profile) -> PathBuf {
    root().join(match profile {
        Profile::Dev => "target/site",
        Profile::Release => "target/site-release",
    })
}

/// The browser tests and their npm packages.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}
