//! Installs what a machine lacks. Each build and test calls the part it needs; `setup` calls all.

use crate::{browser, node, postgres, process, step::step};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Everything that builds and tests need, so that later steps work offline.
pub fn all() -> Result<()> {
    wasm_target()?;
    components()?;
    node::binaryen()?;
    node::end2end()?;
    let chromium = browser::chromium()?;
    eprintln!("  Chromium: {}", chromium.display());
    let programs = postgres::programs()?;
    eprintln!("  PostgreSQL: {}", programs.display());
    Ok(())
}

/// The standard library for WASM. rust-toolchain.toml names it, but rustup adds it only to a
/// toolchain that it installs itself.
pub fn wasm_target() -> Result<()> {
    let target = "wasm32-unknown-unknown";
    let library = process::output(
        Command::new("rustc").args(["--print", "target-libdir", "--target", target]).current_dir(crate::paths::root()),
    )?;
    if Path::new(&library).exists() {
        return Ok(());
    }
    rustup(&["target", "add", target])
}

/// rustfmt and clippy.
pub fn components() -> Result<()> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if process::output(&mut process::cargo(&[command, "--version"])).is_err() {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(args: &[&str]) -> Result<()> {
    step(&format!("rustup {}", args.join(" ")), || {
        process::run(
            Command::new("rustup").args(args).current_dir(crate::paths::root()),
            "install Rust with rustup, which can add targets and components",
        )
    })
}
