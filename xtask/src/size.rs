//! The download size of a release in the browser, and the size of its binary.
//!
//! The first load of a page is everything that its script and styles need: the files of every page
//! (WASM, scripts, style sheet) and the files of the page's chunk. All of it is counted as it is sent to
//! a browser that accepts brotli.

use crate::build::{self, Profile};
use crate::{paths, wasm};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Maximum size of what every page loads, in bytes.
const MAX_SHELL_BYTES: u64 = 175 * 1000;

/// Maximum size of the first load of a page that shows a chunk, in bytes: close above its size, so that it can
/// only shrink unnoticed. The first page of a new visitor stays below 300 KB.
fn max_first_load_bytes(chunk: &str) -> u64 {
    1000 * match chunk {
        "signed_out" => 275,
        "frame" | "live" => 335,
        "account" | "audit" | "instance_settings" | "project_settings" | "projects" => 400,
        "custom_events" | "testware" | "tokens" | "users" => 425,
        "integration" | "issues" | "members" => 455,
        "issue" => 465,
        "new_testware" => 490,
        "webhooks" => 520,
        "shared_webhooks" => 540,
        "add_shared_webhook" => 640,
        "case" | "execution" | "review" | "testware_item" => 545,
        "webhook_detail" => 570,
        "webhook_dialogs" => 595,
        "deliveries" => 590,
        "inspector" => 575,
        "delivery" => 645,
        // A chunk without a limit of its own.
        _ => 400,
    }
}

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

    println!("The first load of a page, with its chunks:");
    let mut first_loads = Vec::new();
    for chunk in chunks.keys() {
        let files: BTreeSet<&String> =
            wasm::with_bases(chunk).filter_map(|chunk| chunks.get(chunk)).flatten().collect();
        let size = shell + files.iter().filter_map(|file| sizes.get(*file)).sum::<u64>();
        println!("{:>8.1} KB  {chunk}: {:.1} KB in {} files", kilobytes(size), kilobytes(size - shell), files.len());
        first_loads.push((chunk, size));
    }
    print_binary()?;
    limit("what every page loads", shell, MAX_SHELL_BYTES)?;
    first_loads.into_iter().try_for_each(|(chunk, size)| {
        limit(&format!("the first load of a page with the chunk {chunk}"), size, max_first_load_bytes(chunk))
    })
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
