//! The download size of a release in the browser: at the start, and for each chunk.

use crate::build::{self, Profile};
use crate::{paths, wasm};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Maximum size of the WASM that is loaded at the start, in bytes of brotli.
const START_MAX: u64 = 450 * 1000;

/// Builds the release site and prints the brotli sizes of its WASM.
pub fn print() -> Result<()> {
    build::site(Profile::Release)?;
    let mut start = None;
    for path in wasm::paths_below(&paths::site(Profile::Release).join("pkg"))? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".wasm.br"))
        else {
            continue;
        };
        let size = size(&path)?;
        let when = if format!("{name}.wasm") == wasm::MAIN {
            start = Some(size);
            "at the start"
        } else {
            "when first needed"
        };
        println!("{:>8.1} KB of brotli, {when}: {name}", kilobytes(size));
    }
    let start = start.context("the release has no WASM")?;
    ensure!(
        start <= START_MAX,
        "{:.1} KB at the start exceed {:.0} KB: move pages into a chunk in app/src/chunks.rs",
        kilobytes(start),
        kilobytes(START_MAX)
    );
    Ok(())
}

fn size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| path.display().to_string())?.len())
}

#[allow(clippy::cast_precision_loss, reason = "for display only")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}
