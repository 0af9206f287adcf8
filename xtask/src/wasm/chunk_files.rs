//! Decides which files the chunks are in. The splitter makes one file for each set of chunks that share
//! code, which can be hundreds. They are merged into a few files per page, so that little is loaded in vain.

use super::merge;
use anyhow::{Context, Result, ensure};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The most bytes that a page of a release loads in vain to save one request: about 2 KB when sent. The
/// splitter's files contain names and are not optimized yet, so they have about 14 times as many bytes.
pub const RELEASE_REQUEST_COST_BYTES: u64 = 28_000;
/// The same for a development build, which the browser loads from this machine.
pub const DEV_REQUEST_COST_BYTES: u64 = 500_000;

/// The page of new visitors has no frame to fill while it loads, so what it loads in vain counts for this many pages.
const FIRST_PAGE: &str = "signed_out";
const FIRST_PAGE_WEIGHT: u64 = 4;

/// The files of each split function, by its name, as the splitter makes them: without their ending.
pub type SplitFiles = BTreeMap<String, Vec<String>>;

/// The chunk that is always loaded before another one.
fn base(chunk: &str) -> Option<&'static str> {
    match chunk {
        "signed_out" | "public_run" | "frame" => None,
        "deliveries" | "inspector" | "webhook_detail" | "webhook_dialogs" => Some("webhooks"),
        "delivery" => Some("deliveries"),
        "add_shared_webhook" => Some("shared_webhooks"),
        "new_testware" => Some("testware"),
        _ => Some("frame"),
    }
}

/// A chunk and those that are always loaded with it.
pub fn with_bases(chunk: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(chunk), |chunk| base(chunk))
}

/// The name of a split function without the hash that leptos appends: `issues` for `issues_1234`.
fn chunk_name(function: &str) -> &str {
    match function.rsplit_once('_') {
        Some((name, hash)) if hash.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => function,
    }
}

/// The chunks whose page needs a file: one bit each.
type Pages = u64;

/// What loading costs.
#[derive(Debug, Clone, Copy)]
struct Costs {
    /// The bytes that a page may load in vain to save one request.
    request_bytes: u64,
    /// The page of new visitors.
    first_page: Pages,
}

impl Costs {
    fn new(split: &SplitFiles, request_bytes: u64) -> Self {
        Self { request_bytes, first_page: pages(split, |function| chunk_name(function) == FIRST_PAGE) }
    }

    /// How many pages these count for.
    fn weight(self, pages: Pages) -> u64 {
        let first = if pages & self.first_page == 0 { 0 } else { FIRST_PAGE_WEIGHT - 1 };
        u64::from(pages.count_ones()) + first
    }
}

/// The pages of the functions that are selected.
fn pages(split: &SplitFiles, is_selected: impl Fn(&str) -> bool) -> Pages {
    split.keys().rev().fold(0, |pages, function| pages << 1 | Pages::from(is_selected(function)))
}

/// Files that become one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    stems: BTreeSet<String>,
    size: u64,
    needed_by: Pages,
    /// Whether it is the code of one chunk alone.
    own: bool,
}

impl Group {
    /// What pages save if both become one file: the cost of their requests less the bytes that they would load
    /// in vain. `None` if that is nothing.
    fn saving(&self, other: &Self, costs: Costs) -> Option<u64> {
        let wasted = |one: &Self, by: &Self| one.size * costs.weight(by.needed_by & !one.needed_by);
        let requests = u64::from((self.needed_by & other.needed_by).count_ones());
        // Each chunk keeps a file of its own.
        let mergeable = requests > 0 && !(self.own && other.own);
        (requests * costs.request_bytes).checked_sub(wasted(self, other) + wasted(other, self)).filter(|_| mergeable)
    }

    fn merge(&mut self, other: Self) {
        self.stems.extend(other.stems);
        self.size += other.size;
        self.needed_by |= other.needed_by;
        self.own |= other.own;
    }
}

/// The name of a group's file: of the chunk whose code it has, or of one of its files.
fn file_name(stems: &BTreeSet<String>) -> Option<String> {
    let own = stems.iter().find_map(|stem| stem.strip_prefix("split_"));
    let shared = || stems.first().map(|stem| format!("{stem}.wasm"));
    own.map(|function| format!("split_{}.wasm", chunk_name(function))).or_else(shared)
}

/// Writes the files and the script that loads them. A page may load `request_cost` bytes in vain to save one
/// request. Returns the files of each chunk, without
/// those of the chunks that are always loaded before it.
pub fn assemble(files: &Path, loader: &Path, split: &SplitFiles, request_cost: u64) -> Result<super::Chunks> {
    let size = |stem: &str| {
        let path = files.join(format!("{stem}.wasm"));
        Ok(fs::metadata(&path).with_context(|| path.display().to_string())?.len())
    };
    let groups = merge_groups(by_need(split, size)?, Costs::new(split, request_cost));
    let mut file_of = BTreeMap::new();
    let mut names = Vec::new();
    for Group { stems, .. } in &groups {
        let name = file_name(stems).context("a group without a file")?;
        let paths: Vec<_> = stems.iter().map(|stem| files.join(format!("{stem}.wasm"))).collect();
        merge::files(&paths, &files.join(&name))?;
        file_of.extend(stems.iter().map(|stem| (stem.as_str(), names.len())));
        names.push(name);
    }
    let of_split = |stems: &[String]| stems.iter().filter_map(|stem| file_of.get(stem.as_str()).copied()).collect();
    let used: BTreeMap<&str, BTreeSet<usize>> =
        split.iter().map(|(function, stems)| (function.as_str(), of_split(stems))).collect();
    fs::write(loader, script(&fs::read_to_string(loader)?, &names, &used)?)?;
    let by_chunk: BTreeMap<&str, &BTreeSet<usize>> =
        used.iter().map(|(function, files)| (chunk_name(function), files)).collect();
    Ok(by_chunk
        .iter()
        .map(|(chunk, own)| {
            let before: BTreeSet<usize> =
                with_bases(chunk).skip(1).filter_map(|base| by_chunk.get(base)).copied().flatten().copied().collect();
            ((*chunk).to_owned(), own.difference(&before).map(|&file| names[file].clone()).collect())
        })
        .collect())
}

/// Groups the files that the same pages need.
fn by_need(split: &SplitFiles, size: impl Fn(&str) -> Result<u64>) -> Result<Vec<Group>> {
    ensure!(split.len() <= Pages::BITS as usize, "more chunks than bits");
    let mut used_by = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (function, stems) in split {
        for stem in stems {
            used_by.entry(stem).or_default().insert(chunk_name(function));
        }
    }
    let mut groups = BTreeMap::<Pages, Group>::new();
    for (stem, used_by) in used_by {
        let needed_by = pages(split, |function| with_bases(chunk_name(function)).any(|chunk| used_by.contains(chunk)));
        let (stems, own) = (BTreeSet::from([stem.to_owned()]), stem.starts_with("split_"));
        let group = Group { stems, size: size(stem)?, needed_by, own };
        match groups.entry(needed_by) {
            Entry::Occupied(mut other) => other.get_mut().merge(group),
            Entry::Vacant(entry) => {
                entry.insert(group);
            }
        }
    }
    Ok(groups.into_values().collect())
}

/// Merges the pair that saves most, until no pair saves anything.
fn merge_groups(mut groups: Vec<Group>, costs: Costs) -> Vec<Group> {
    let best = |groups: &[Group]| {
        let pairs = (0..groups.len()).flat_map(|first| (first + 1..groups.len()).map(move |second| (first, second)));
        let saving = |first: usize, second: usize| groups[first].saving(&groups[second], costs);
        pairs.filter_map(|(first, second)| Some((saving(first, second)?, first, second))).max()
    };
    while let Some((_, first, second)) = best(&groups) {
        let other = groups.remove(second);
        groups[first].merge(other);
    }
    groups
}

/// The script of the splitter with other files. It begins with what loads a file.
fn script(made: &str, names: &[String], used: &BTreeMap<&str, BTreeSet<usize>>) -> Result<String> {
    let end = [made.find("\n/* "), made.find("\nexport const ")].into_iter().flatten().min();
    let mut script = made[..end.context("the splitter's script has no chunks")?].to_owned();
    ensure!(
        ["function makeLoad(fetcher, deps)", "function wrapAsyncCb(callee)"].iter().all(|part| script.contains(part)),
        "the splitter's script has changed: see xtask/src/wasm/chunk_files.rs"
    );
    script.push_str(
        "\nconst file = (name) => makeLoad(() => {\n    const source = fetch(new URL(name, import.meta.url));\n    \
         source.catch(() => {});\n    return (imports) => WebAssembly.instantiateStreaming(source, imports);\n}, []);\n",
    );
    for (number, name) in names.iter().enumerate() {
        writeln!(script, "const file_{number} = file(\"./{name}\");")?;
    }
    for (function, files) in used {
        let calls: Vec<_> = files.iter().map(|number| format!("file_{number}()")).collect();
        writeln!(
            script,
            "export const __wasm_split_load_{function} = wrapAsyncCb(() => Promise.all([{}]));",
            calls.join(", ")
        )?;
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(files: &[(&str, &[&str])]) -> SplitFiles {
        files
            .iter()
            .map(|(chunk, stems)| ((*chunk).to_owned(), stems.iter().map(|&stem| stem.to_owned()).collect()))
            .collect()
    }

    fn stems(group: &Group) -> Vec<&str> {
        group.stems.iter().map(String::as_str).collect()
    }

    #[test]
    fn a_chunk_is_named_after_its_function() {
        assert_eq!(chunk_name("issues_13054723011283"), "issues");
        assert_eq!(chunk_name("project_settings_42"), "project_settings");
        assert_eq!(chunk_name("issues"), "issues");
    }

    #[test]
    fn code_shared_with_the_frame_is_in_its_file() {
        let split = split(&[("frame", &["chunk_1", "split_frame"]), ("issues", &["chunk_1", "split_issues"])]);
        let groups = by_need(&split, |_| Ok(1)).unwrap();
        let mut groups: Vec<_> = groups.iter().map(stems).collect();
        groups.sort();
        assert_eq!(groups, [vec!["chunk_1", "split_frame"], vec!["split_issues"]]);
    }

    #[test]
    fn small_files_are_merged_and_large_ones_are_not() {
        let split = split(&[
            ("issue", &["chunk_large", "chunk_small", "split_issue"]),
            ("issues", &["chunk_large", "chunk_small", "split_issues"]),
            ("audit", &["chunk_large", "split_audit"]),
        ]);
        let size = |stem: &str| Ok(if stem == "chunk_small" { 1 } else { 1000 });
        let groups = merge_groups(by_need(&split, size).unwrap(), Costs::new(&split, 100));
        let shared: Vec<_> = groups.iter().filter(|group| !group.own).map(stems).collect();
        assert_eq!(shared, [["chunk_large", "chunk_small"]]);
        assert_eq!(groups.len(), 4);
    }

    #[test]
    fn the_first_page_loads_little_in_vain() {
        let merged = |page: &str| {
            let split = split(&[("issues", &["chunk_a", "chunk_b"]), (page, &["chunk_b"])]);
            merge_groups(by_need(&split, |_| Ok(40)).unwrap(), Costs::new(&split, 100)).len() == 1
        };
        assert!(merged("audit"));
        assert!(!merged(FIRST_PAGE));
    }

    #[test]
    fn a_script_that_has_changed_is_refused() {
        assert!(script("function load() {}\n/* a */", &[], &BTreeMap::new()).is_err());
    }
}
