//! The download size of a release in the browser, and the size of its binary.
//!
//! The first load of a page is everything that its script and styles need: the files of every page
//! (WASM, scripts, style sheet) and the files of the page's chunk. All of it is counted as it is sent to
//! a browser that accepts brotli.

use crate::build::{self, Profile};
use crate::{paths, wasm};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Maximum size of what every page loads, in bytes.
const MAX_SHELL_BYTES: u64 = 320 * 1000;
/// Maximum size of the first load of any page with its chunk, in bytes. To be lowered with each chunk that
/// becomes smaller.
const MAX_FIRST_LOAD_BYTES: u64 = 640 * 1000;

/// Builds the release site, prints its sizes, and fails if the first load of a page is too large.
pub fn print() -> Result<()> {
    build::site(Profile::Release)?;
    let pkg = paths::site(Profile::Release).join("pkg");
    let manifest: Value = serde_json::from_slice(&fs::read(pkg.join("manifest.json"))?)?;
    let chunks: wasm::Chunks = serde_json::from_value(manifest["chunks"].clone())?;
    let sizes = sizes(&pkg)?;
    let in_a_chunk = |file: &str| chunks.values().flatten().any(|of_chunk| of_chunk == file);

    println!("Every page loads:");
    let mut shell = 0;
    for (file, size) in sizes.iter().filter(|(file, _)| !in_a_chunk(file)) {
        shell += size;
        println!("{:>8.1} KB  {}", kilobytes(*size), file.rsplit('/').next().unwrap_or(file));
    }
    println!("{:>8.1} KB  in total", kilobytes(shell));

    println!("The first load of a page, with its chunk:");
    let mut largest = shell;
    for (chunk, files) in &chunks {
        let own: u64 = files.iter().filter_map(|file| sizes.get(file)).sum();
        largest = largest.max(shell + own);
        println!("{:>8.1} KB  {chunk}: {:.1} KB in {} files", kilobytes(shell + own), kilobytes(own), files.len());
    }
    print_binary()?;
    limit("what every page loads", shell, MAX_SHELL_BYTES)?;
    limit("the largest first load of a page", largest, MAX_FIRST_LOAD_BYTES)
}

fn limit(what: &str, size: u64, max: u64) -> Result<()> {
    ensure!(
        size <= max,
        "{what} has {:.1} KB, more than {:.0} KB: move code into a chunk of its own in app/src/chunks.rs",
        kilobytes(size),
        kilobytes(max)
    );
    Ok(())
}

/// The size of each file as it is sent, by its path below `pkg`.
fn sizes(pkg: &Path) -> Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
    for path in wasm::paths_below(pkg)? {
        let name = path.strip_prefix(pkg)?.to_string_lossy().replace('\\', "/");
        if name == "manifest.json" || name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let compressed = pkg.join(format!("{name}.br"));
        let sent = if compressed.exists() { compressed } else { path };
        sizes.insert(name, fs::metadata(&sent).with_context(|| sent.display().to_string())?.len());
    }
    Ok(sizes)
}

/// Prints the size of the release binary, if there is one.
fn print_binary() -> Result<()> {
    let binary = build::binary(Profile::Release);
    if !binary.exists() {
        return Ok(());
    }
    let megabytes = kilobytes(fs::metadata(&binary)?.len()) / 1000.0;
    println!("The release binary has {megabytes:.1} MB (built by `make release`; it may be older than the site).");
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "for display only")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}
