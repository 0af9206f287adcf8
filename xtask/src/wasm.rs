//! From the frontend's crate to the two files a browser loads: compile, bind, and for a release
//! optimise. Binding and optimising are skipped while the compiler's output stays the same.

use crate::build::Profile;
use crate::{node, paths, process, step::step};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// The bound WASM: a folder, and the names in it that carry a hash of their content.
pub struct Bound {
    pub folder: PathBuf,
    pub js: String,
    pub wasm: String,
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
    step("bindings", || bind(&compiled, &folder))?;
    if profile == Profile::Release {
        step("wasm-opt", || optimise(&folder.join("testbell_bg.wasm")))?;
    }
    let bound = name_by_content(folder)?;
    let record = json!({ "stamp": stamp, "js": bound.js, "wasm": bound.wasm });
    fs::write(bound.folder.join("stamp.json"), record.to_string())?;
    Ok(bound)
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
    let name = |key: &str| record[key].as_str().map(str::to_owned);
    (record["stamp"] == stamp).then_some(())?;
    Some(Bound { folder: folder.to_owned(), js: name("js")?, wasm: name("wasm")? })
}

fn bind(compiled: &Path, folder: &Path) -> Result<()> {
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(compiled)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .out_name("testbell")
                .typescript(false)
                .keep_debug(false)
                .generate(folder)
        })
        .map_err(|error| {
            anyhow!("{error:#}.\n  How to mend: wasm-bindgen and wasm-bindgen-cli-support must have the same version in Cargo.toml")
        })
}

fn optimise(wasm: &Path) -> Result<()> {
    let tool = node::binaryen()?;
    process::run(
        Command::new("node").arg(tool).arg("-Oz").arg(wasm).arg("-o").arg(wasm),
        "binaryen must be the version in xtask/node/binaryen/package.json: remove its node_modules and try again",
    )
}

/// Gives both files their final names. The script names the WASM, so it comes second.
fn name_by_content(folder: PathBuf) -> Result<Bound> {
    let plain = folder.join("testbell_bg.wasm");
    let wasm = format!("testbell_bg.{}.wasm", hash(&fs::read(&plain)?));
    fs::rename(plain, folder.join(&wasm))?;
    let plain = folder.join("testbell.js");
    let script = fs::read_to_string(&plain)?.replace("testbell_bg.wasm", &wasm);
    let js = format!("testbell.{}.js", hash(script.as_bytes()));
    fs::write(folder.join(&js), script)?;
    fs::remove_file(plain)?;
    Ok(Bound { folder, js, wasm })
}
