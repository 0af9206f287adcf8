//! Watches the sources, rebuilds what a change affects, and restarts the server.

use crate::build::{self, Profile};
use crate::paths;
use anyhow::{Context, Result};
use notify::{Event, EventKind, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Editors write a file in several steps, and a branch switch changes many files: wait for a pause.
const DEBOUNCE_INTERVAL: Duration = Duration::from_millis(200);

/// What to rebuild after a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Rebuild {
    site: bool,
    server: bool,
}

impl Rebuild {
    fn any(self) -> bool {
        self.site || self.server
    }

    fn and(self, other: Self) -> Self {
        Self { site: self.site || other.site, server: self.server || other.server }
    }
}

/// Which part a file belongs to. `app` belongs to both.
fn touched(relative: &Path) -> Rebuild {
    let part = relative.components().next();
    let part = part.and_then(|part| part.as_os_str().to_str());
    let (site, server) = match part {
        Some("app" | "Cargo.toml" | "Cargo.lock") => (true, true),
        Some("frontend" | "style" | "public") => (true, false),
        Some("server" | "migrations") => (false, true),
        _ => (false, false),
    };
    Rebuild { site, server }
}

pub fn watch() -> Result<()> {
    let (sender, events) = channel();
    let mut watcher = notify::recommended_watcher(sender)?;
    for part in ["app", "frontend", "style", "public", "server", "migrations"] {
        let folder = paths::root().join(part);
        watcher
            .watch(&folder, RecursiveMode::Recursive)
            .with_context(|| format!("{} cannot be watched", folder.display()))?;
    }
    let everything = Rebuild { site: true, server: true };
    let mut running = Running(None);
    running.renew(everything);
    loop {
        let change = next_change(&events)?;
        running.renew(change);
    }
}

/// The running server. It stops when this program ends.
struct Running(Option<Child>);

impl Running {
    /// Builds, then replaces the server. If the code does not compile, the last server keeps running.
    fn renew(&mut self, change: Rebuild) {
        let built = rebuild(change).and_then(|binary| {
            self.stop();
            let server = build::serving(&binary, "serve").spawn();
            server.with_context(|| format!("{} could not be started", binary.display()))
        });
        match built {
            Ok(server) => self.0 = Some(server),
            Err(error) => eprintln!("\n✗ {error:#}\n  Waiting for the next change."),
        }
    }

    /// Kills the server, because open pages would delay a graceful stop. The server is crash-safe.
    fn stop(&mut self) {
        if let Some(mut server) = self.0.take() {
            server.kill().ok();
            server.wait().ok();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn rebuild(change: Rebuild) -> Result<PathBuf> {
    if change.site {
        build::site(Profile::Dev)?;
    }
    build::server(Profile::Dev)
}

/// Waits for a relevant change, then for a pause.
fn next_change(events: &Receiver<notify::Result<Event>>) -> Result<Rebuild> {
    let mut change = Rebuild::default();
    while !change.any() {
        change = change.and(rebuild_for(&events.recv()??));
    }
    loop {
        match events.recv_timeout(DEBOUNCE_INTERVAL) {
            Ok(event) => change = change.and(rebuild_for(&event?)),
            Err(RecvTimeoutError::Timeout) => return Ok(change),
            Err(error) => return Err(error.into()),
        }
    }
}

fn rebuild_for(event: &Event) -> Rebuild {
    if matches!(event.kind, EventKind::Access(_)) {
        return Rebuild::default();
    }
    let root = paths::root();
    let paths = event.paths.iter();
    paths.filter_map(|path| path.strip_prefix(&root).ok()).map(touched).fold(Rebuild::default(), Rebuild::and)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_change_touches_is_built() {
        let both = |path| {
            let change = touched(Path::new(path));
            (change.site, change.server)
        };
        assert_eq!(both("app/src/lib.rs"), (true, true));
        assert_eq!(both("style/tokens.css"), (true, false));
        assert_eq!(both("server/src/main.rs"), (false, true));
        assert_eq!(both("README.md"), (false, false));
    }
}
