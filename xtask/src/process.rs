//! Runs other programs. An error says how to fix it.

use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The compiler of the workspace's packages, if not rustc.
static LINTING_COMPILER: OnceLock<PathBuf> = OnceLock::new();

/// From now on, builds also run clippy, and its warnings are errors: a separate run of clippy would compile
/// everything once more. Dependencies are shared with other builds, but packages of the workspace are not.
pub fn lint_builds() -> Result<()> {
    let toolchain = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(crate::paths::root()))?;
    let driver = Path::new(&toolchain).join("bin/clippy-driver").with_extension(env::consts::EXE_EXTENSION);
    LINTING_COMPILER.get_or_init(|| driver);
    Ok(())
}

/// `cargo` in the workspace folder, without the variables that `cargo run` added to the environment, so
/// that a build from here and a manual build share their artifacts.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(crate::paths::root()).args(args);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    if let Some(compiler) = LINTING_COMPILER.get() {
        // What `cargo clippy -- -D warnings` sets.
        command.env("RUSTC_WORKSPACE_WRAPPER", compiler).env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings");
    }
    command
}

/// Runs to the end. A failure is an error that says how to fix it.
pub fn run(command: &mut Command, fix: &str) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| format!("`{shown}` could not be started.\n  To fix: {fix}"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}.\n  To fix: {fix}");
    }
    Ok(())
}

/// Runs to the end and returns the trimmed output.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.output().with_context(|| format!("`{shown}` could not be started"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` ended with {}: {}", output.status, stderr.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of these programs on PATH.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
            .find(|file| file.is_file())
    })
}

fn show(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
