//! Builds the files that the browser loads from the frontend crate: compile, split into chunks
//! (`app/src/chunks.rs`), generate bindings, and optimise for a release. If the compiler's output is
//! unchanged, the steps after it are skipped.
//!
//! The files refer to each other in cycles, so they have plain names in a folder whose name contains the
//! hash of all of them.

use crate::build::Profile;
use crate::{node, paths, process, step::step};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// The script that refers to all other files.
pub const SCRIPT: &str = "testbell.js";
/// The WASM that is loaded at the start.
pub const MAIN: &str = "testbell_bg.wasm";
/// The chunk loader. The WASM imports it by this name.
const CHUNKS: &str = "./chunks.js";

/// The browser's files: their folder, and the folder's name in the site.
pub struct Bound {
    pub folder: PathBuf,
    pub name: String,
}

/// Builds the WASM and its script if they are out of date.
pub fn build(profile: Profile) -> Result<Bound> {
    let compiled = step("WASM", || compile(profile))?;
    let folder = paths::target().join("xtask").join(profile.wasm().0);
    let stamp = stamp(&compiled)?;
    if let Some(bound) = earlier(&folder, &stamp) {
        return Ok(bound);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let files = folder.join("files");
    step("bindings", || bind(&split(&compiled, &files)?, &files))?;
    if profile == Profile::Release {
        step("wasm-opt", || optimise(&files))?;
    }
    let name = hash(&contents(&files)?);
    fs::write(folder.join("stamp.json"), json!({ "stamp": stamp, "name": name }).to_string())?;
    Ok(Bound { folder: files, name })
}

/// A short hash for file names. The server recognises hashed names by its 16 hex digits.
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

fn earlier(folder: &Path, stamp: &str) -> Option<Bound> {
    let record = fs::read(folder.join("stamp.json")).ok()?;
    let record: Value = serde_json::from_slice(&record).ok()?;
    (record["stamp"] == stamp).then_some(())?;
    Some(Bound { folder: folder.join("files"), name: record["name"].as_str()?.to_owned() })
}

/// Splits the compiler's output and returns the path of the main part, which still needs bindings.
fn split(compiled: &Path, files: &Path) -> Result<PathBuf> {
    let input = fs::read(compiled).with_context(|| compiled.display().to_string())?;
    let main = files.with_file_name("main.wasm");
    let script = format!("./{SCRIPT}");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = files;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = CHUNKS;
    let fix = "the split functions are in app/src/chunks.rs; wasm_split_cli_support must fit leptos in Cargo.toml";
    wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:#}.\n  To fix: {fix}"))?;
    Ok(main)
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

fn optimise(files: &Path) -> Result<()> {
    let tool = node::binaryen()?;
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
