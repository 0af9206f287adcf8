//! Rejects words that the project no longer uses. The list is in `xtask/retired-words.txt`.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const LIST: &str = "xtask/retired-words.txt";
/// The files that people write.
const EXTENSIONS: [&str; 13] =
    ["rs", "ts", "mjs", "py", "css", "md", "toml", "yaml", "yml", "sh", "sql", "html", "svg"];
/// Longer lists would hide the first ones.
const MAX_REPORTED: usize = 50;

/// Fails when a tracked file has a retired word, alone or as a part of a name.
pub fn check() -> Result<()> {
    let list = fs::read_to_string(paths::root().join(LIST)).with_context(|| LIST.to_owned())?;
    let retired = words(&list.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n"));
    let mut found = Vec::new();
    for file in tracked()? {
        // A file may be deleted and not yet committed.
        let Ok(text) = fs::read_to_string(paths::root().join(&file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let hits = words(line).intersection(&retired).cloned().collect::<Vec<_>>();
            if !hits.is_empty() {
                found.push(format!("  {file}:{}: {}", number + 1, hits.join(", ")));
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let count = found.len();
    found.truncate(MAX_REPORTED);
    bail!(
        "{count} lines have retired words:\n{}\n  To fix: use the field's words; {LIST} has the list",
        found.join("\n")
    )
}

fn tracked() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files"]).current_dir(paths::root());
    let output = git.output().context("git ls-files")?;
    let files = String::from_utf8(output.stdout)?;
    let is_written = |file: &&str| file.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
    Ok(files.lines().filter(is_written).map(str::to_owned).collect())
}

/// The words of a text in lower case, with the parts of names such as `read_soon` and `ReadSoon`.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for name in text.split(|c: char| !c.is_ascii_alphabetic()) {
        let mut start = 0;
        let bytes = name.as_bytes();
        for at in 1..=bytes.len() {
            let ends = at == bytes.len() || (bytes[at].is_ascii_uppercase() && !bytes[at - 1].is_ascii_uppercase());
            if ends {
                words.insert(name[start..at].to_ascii_lowercase());
                start = at;
            }
        }
    }
    words.remove("");
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_names_are_words() {
        let found = words("fn read_soon(ReadLater, HTTPServer) // It's done.");
        let expected = ["fn", "read", "soon", "later", "httpserver", "it", "s", "done"].map(str::to_owned);
        assert_eq!(found, BTreeSet::from(expected));
    }
}
