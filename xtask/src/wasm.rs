//! Builds the files that the browser loads from the frontend crate: compile, split into chunks
//! (`app/src/chunks.rs`), generate bindings, and optimize for a release. If the compiler's output is
//! unchanged, the steps after it are skipped.
//!
//! The files refer to each other in cycles, so they have plain names in a folder whose name contains the
//! hash of all of them.

mod chunk_files;
mod merge;

use crate::build::Profile;
use crate::{node, paths, process, step::step};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use chunk_files::SplitFiles;
pub use chunk_files::with_bases;

/// The script that refers to all other files.
pub const SCRIPT: &str = "testbell.js";
/// The WASM that is loaded at the start.
pub const MAIN: &str = "testbell_bg.wasm";
/// The script that loads chunks. The main script imports it by this name.
pub const LOADER: &str = "chunks.js";

/// The files of each chunk, by the name of its function in `app/src/chunks.rs`, without those of chunks that
/// are always loaded before it. Code that several chunks need can be in a file that each of them lists.
pub type Chunks = BTreeMap<String, Vec<String>>;

/// The browser's files: their folder, the folder's name in the site, and which files a chunk needs.
pub struct BrowserFiles {
    pub folder: PathBuf,
    pub name: String,
    pub chunks: Chunks,
}

/// Builds the WASM and its script if they are out of date.
pub fn build(profile: Profile) -> Result<BrowserFiles> {
    let compiled = step("WASM", || compile(profile))?;
    let folder = paths::target().join("xtask").join(profile.wasm().0);
    let stamp = stamp(&compiled)?;
    if let Some(browser_files) = earlier(&folder, &stamp) {
        return Ok(browser_files);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let files = folder.join("files");
    let (main, split) = split(&compiled, &files)?;
    let request_cost = match profile {
        Profile::Dev => chunk_files::DEV_REQUEST_COST_BYTES,
        Profile::Release => chunk_files::RELEASE_REQUEST_COST_BYTES,
    };
    let chunks = step("chunks", || chunk_files::assemble(&files, &files.join(LOADER), &split, request_cost))?;
    step("bindings", || bind(&main, &files))?;
    if profile == Profile::Release {
        step("wasm-opt", || optimize(&files))?;
    }
    let name = hash(&contents(&files)?);
    let record = json!({ "stamp": stamp, "name": name, "chunks": chunks });
    fs::write(folder.join("stamp.json"), record.to_string())?;
    Ok(BrowserFiles { folder: files, name, chunks })
}

/// A short hash for file names. The server recognizes hashed names by its 16 hex digits.
pub fn hash(content: &[u8]) -> String {
    let mut digest = hex::encode(Sha256::digest(content));
    digest.truncate(16);
    digest
}

fn compile(profile: Profile) -> Result<PathBuf> {
    let (name, folder) = profile.wasm();
    process::run(
        &mut process::cargo(&[
            "build",
            "--package",
            "testbell-frontend",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            name,
        ]),
        "fix the compiler errors above; if the wasm32 target is missing: rustup target add wasm32-unknown-unknown",
    )?;
    Ok(paths::target().join("wasm32-unknown-unknown").join(folder).join("frontend.wasm"))
}

/// Cargo doesn't touch an up-to-date file, so its size and time show whether it was rebuilt.
fn stamp(compiled: &Path) -> Result<String> {
    let file = fs::metadata(compiled).with_context(|| compiled.display().to_string())?;
    let time = file.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} {time} {}", file.len(), env!("CARGO_PKG_VERSION")))
}

fn earlier(folder: &Path, stamp: &str) -> Option<BrowserFiles> {
    let record = fs::read(folder.join("stamp.json")).ok()?;
    let record: Value = serde_json::from_slice(&record).ok()?;
    (record["stamp"] == stamp).then_some(())?;
    let chunks = serde_json::from_value(record["chunks"].clone()).ok()?;
    Some(BrowserFiles { folder: folder.join("files"), name: record["name"].as_str()?.to_owned(), chunks })
}

/// Splits the compiler's output. Returns the path of the main part, which still needs bindings, and the
/// files of each split function.
fn split(compiled: &Path, files: &Path) -> Result<(PathBuf, SplitFiles)> {
    let input = fs::read(compiled).with_context(|| compiled.display().to_string())?;
    let main = files.with_file_name("main.wasm");
    let script = format!("./{SCRIPT}");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = files;
    options.main_out_path = &main;
    options.main_module = &script;
    let loader = format!("./{LOADER}");
    options.link_name = &loader;
    let fix = "the split functions are in app/src/chunks.rs; wasm_split_cli_support must fit leptos in Cargo.toml";
    let parts = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:#}.\n  To fix: {fix}"))?;
    Ok((main, parts.prefetch_map.into_iter().collect()))
}

fn bind(main: &Path, files: &Path) -> Result<()> {
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(main)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .out_name("testbell")
                .typescript(false)
                .keep_debug(false)
                // The chunks import them.
                .keep_lld_exports(true)
                .demangle(false)
                .generate(files)
        })
        .map_err(|error| {
            anyhow!("{error:#}.\n  To fix: wasm-bindgen and wasm-bindgen-cli-support must have the same version in Cargo.toml")
        })
}

fn optimize(files: &Path) -> Result<()> {
    let tool = node::binaryen()?.join("wasm-opt");
    for file in paths_below(files)?.iter().filter(|file| file.extension().is_some_and(|ending| ending == "wasm")) {
        process::run(
            Command::new("node").arg(&tool).arg("-Oz").arg(file).arg("-o").arg(file),
            "binaryen must be the version in xtask/node/binaryen/package.json: remove its node_modules and try again",
        )?;
    }
    Ok(())
}

/// Names and contents of all files, ordered by name.
fn contents(folder: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for path in paths_below(folder)? {
        all.extend_from_slice(path.strip_prefix(folder)?.to_string_lossy().as_bytes());
        all.extend(fs::read(&path)?);
    }
    Ok(all)
}

/// Every file below a folder, ordered by path.
pub fn paths_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { paths.extend(paths_below(&path)?) } else { paths.push(path) }
    }
    paths.sort_unstable();
    Ok(paths)
}
