//! Assembles the site: the hashed files in `pkg` with their manifest, and the files of `public/`.
//!
//! Only changed files are written, so that a release is not relinked without need. Files of earlier
//! builds are removed, so that a release doesn't embed them.

use crate::build::Profile;
use crate::wasm::{self, BrowserFiles, hash};
use crate::{compress, paths, style};
use anyhow::{Context, Result};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The content of each file by its path in the site.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Updates the site of a profile.
pub fn assemble(profile: Profile, browser_files: &BrowserFiles) -> Result<()> {
    let site = paths::site(profile);
    let mut files = Files::new();
    collect(&paths::root().join("public"), Path::new(""), &mut files)?;
    let pkg = Path::new("pkg").join(&browser_files.name);
    collect(&browser_files.folder, &pkg, &mut files)?;
    let css = style::join(&paths::root().join("style/main.css"))?;
    let css_name = format!("testbell.{}.css", hash(css.as_bytes()));
    files.insert(Path::new("pkg").join(&css_name), css.into_bytes());

    let mut all = files.clone();
    if profile == Profile::Release {
        for (path, content) in &files {
            compressed(&site, path, content, &mut all)?;
        }
    }
    let within = |file: &str| format!("{}/{file}", browser_files.name);
    let chunks: wasm::Chunks = browser_files
        .chunks
        .iter()
        .map(|(name, files)| (name.clone(), files.iter().map(|file| within(file)).collect()))
        .collect();
    let manifest = json!({
        "js": within(wasm::SCRIPT),
        "loader": within(wasm::LOADER),
        "wasm": within(wasm::MAIN),
        "css": css_name,
        "chunks": chunks,
    });
    all.insert("pkg/manifest.json".into(), manifest.to_string().into());
    write(&site, &all)
}

/// Reads every file below a folder into memory: a site is a few megabytes.
fn collect(folder: &Path, prefix: &Path, files: &mut Files) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let path = prefix.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Adds `.br` and `.gz` files. They are reused from the last build if the hashed name is the same.
fn compressed(site: &Path, path: &Path, content: &[u8], all: &mut Files) -> Result<()> {
    let same = fs::read(site.join(path)).is_ok_and(|before| before == content);
    for (suffix, compress) in compress::ENCODINGS {
        let beside = PathBuf::from(format!("{}.{suffix}", path.display()));
        let small = match fs::read(site.join(&beside)) {
            Ok(before) if same => before,
            _ => compress(content)?,
        };
        if small.len() < content.len() {
            all.insert(beside, small);
        }
    }
    Ok(())
}

fn write(site: &Path, files: &Files) -> Result<()> {
    for (path, content) in files {
        let path = site.join(path);
        if fs::read(&path).is_ok_and(|before| before == *content) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, content).with_context(|| path.display().to_string())?;
    }
    let mut there = Files::new();
    collect(site, Path::new(""), &mut there)?;
    for path in there.keys().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(site.join(path))?;
        // Succeeds only if the folder is empty.
        let _ = site.join(path).parent().map(fs::remove_dir);
    }
    Ok(())
}
