//! What a browser loads of a release: at the start, and later when a page of a chunk is opened.

use crate::build::{self, Profile};
use crate::{paths, wasm};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// The most of the WASM that is loaded at the start, compressed with brotli, in bytes.
const START_MAX: u64 = 450 * 1000;

/// Builds the release's site and prints the sizes of its WASM, compressed with brotli.
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
        "{:.1} KB at the start are more than {:.0} KB: put pages into a chunk in app/src/chunks.rs",
        kilobytes(start),
        kilobytes(START_MAX)
    );
    Ok(())
}

fn size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| path.display().to_string())?.len())
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}
