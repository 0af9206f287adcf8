//! From the frontend's crate to the files a browser loads: compile, split off what is loaded later
//! (`app/src/chunks.rs`), bind, and for a release optimise. All but the first is skipped while the
//! compiler's output stays the same.
//!
//! The files name each other in circles, so they have plain names and live in a folder whose name
//! carries the hash of them all.

use crate::build::Profile;
use crate::{node, paths, process, step::step};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// The name of the script, which names all other files.
pub const SCRIPT: &str = "testbell.js";
/// The name of the WASM that is loaded at the start.
pub const MAIN: &str = "testbell_bg.wasm";
/// What knows the chunks; the WASM imports it by this name.
const CHUNKS: &str = "./chunks.js";

/// What the browser loads: the folder where it is, and the folder's name in the site.
pub struct Bound {
    pub folder: PathBuf,
    pub name: String,
}

/// Builds the WASM and its script, as far as they are out of date.
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

/// A short hash for a file's name; the server tells hashed names by its 16 hex digits.
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
        "mend the code the compiler points at; if the wasm32 target is missing: rustup target add wasm32-unknown-unknown",
    )?;
    Ok(paths::target().join("wasm32-unknown-unknown").join(folder).join("frontend.wasm"))
}

/// Cargo leaves a fresh file alone, so its size and time tell whether it was built anew.
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

/// Splits the compiler's output; gives the path of the part that is still to be bound.
fn split(compiled: &Path, files: &Path) -> Result<PathBuf> {
    let input = fs::read(compiled).with_context(|| compiled.display().to_string())?;
    let main = files.with_file_name("main.wasm");
    let script = format!("./{SCRIPT}");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = files;
    options.main_out_path = &main;
    options.main_module = &script;
    options.link_name = CHUNKS;
    let mend = "the split functions are in app/src/chunks.rs; wasm_split_cli_support must fit leptos in Cargo.toml";
    wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:#}.\n  How to mend: {mend}"))?;
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
            anyhow!("{error:#}.\n  How to mend: wasm-bindgen and wasm-bindgen-cli-support must have the same version in Cargo.toml")
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

/// Names and contents of all files, in the order of their names.
fn contents(folder: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for path in paths_below(folder)? {
        all.extend_from_slice(path.strip_prefix(folder)?.to_string_lossy().as_bytes());
        all.extend(fs::read(&path)?);
    }
    Ok(all)
}

/// Every file below a folder, in the order of their paths.
pub fn paths_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { paths.extend(paths_below(&path)?) } else { paths.push(path) }
    }
    paths.sort_unstable();
    Ok(paths)
}
