//! Where things are. The site is always below `target`, where the server's `assets.rs` looks for it.

use crate::build::Profile;
use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// What the server serves beside its pages.
pub fn site(profile: Profile) -> PathBuf {
    root().join(match profile {
        Profile::Dev => "target/site",
        Profile::Release => "target/site-release",
    })
}

/// The browser tests and their packages.
pub fn end2end() -> PathBuf {
    root().join("end2end")
}
