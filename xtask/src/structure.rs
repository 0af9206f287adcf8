//! Checks the structure of the server and the app. The server's top-level modules import each other in one
//! direction only, and neither has an import that reverses its layers.
//!
//! `testware` has a folder for each subject, with files of several layers. Each file there counts as part of the
//! top-level module that its name stands for.

use crate::paths;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules whose imports don't count. `app_state` is a plain struct of the server's parts: it names
/// their types, has no rules, and every part gets it.
const WITHOUT_IMPORTS: [&str; 1] = ["app_state"];

/// Imports of the server that would not close a cycle today, but reverse the layers.
const FORBIDDEN_IN_SERVER: [(&str, &str); 5] = [
    ("dispatch", "service"),
    ("destinations", "service"),
    ("inbound", "service"),
    ("live", "rest"),
    ("session", "rest"),
];

/// The same for the app: models don't depend on components and pages.
const FORBIDDEN_IN_APP: [(&str, &str); 8] = [
    ("model", "components"),
    ("model", "pages"),
    ("model", "layout"),
    ("model", "live"),
    ("model", "api"),
    ("api", "components"),
    ("api", "pages"),
    ("components", "pages"),
];

/// The modules of a crate's testware: the name of a file, and the top-level module that it counts as. The rest is
/// in the module that comes last.
type Layers = (&'static [(&'static str, &'static str)], &'static str);

const SERVER_TESTWARE: Layers = (&[("table", "entity"), ("rest", "rest"), ("demo", "demo")], "service");
const APP_TESTWARE: Layers = (&[("pages", "pages"), ("api", "api")], "model");

/// The modules that each module imports, with a file that does it.
type Imports = BTreeMap<String, BTreeMap<String, String>>;

/// Fails on a cycle among the top-level modules of the server, and on a forbidden import.
pub fn check() -> Result<()> {
    let server = imports_of("server/src", &SERVER_TESTWARE)?;
    let mut lines: Vec<_> = cycles(&server).iter().map(|cycle| describe(cycle, &server)).collect();
    lines.extend(forbidden(&FORBIDDEN_IN_SERVER, &server));
    lines.extend(forbidden(&FORBIDDEN_IN_APP, &imports_of("app/src", &APP_TESTWARE)?));
    if lines.is_empty() {
        return Ok(());
    }
    bail!("wrong imports:\n{}\n  To fix: move what both need into a module of its own", lines.join("\n"))
}

fn imports_of(folder: &str, testware: &Layers) -> Result<Imports> {
    let root = paths::root().join(folder);
    let mut imports = Imports::new();
    read(&root, &root, testware, &mut imports)?;
    Ok(imports)
}

fn forbidden(pairs: &[(&str, &str)], imports: &Imports) -> Vec<String> {
    let file = |from: &str, to: &str| imports.get(from).and_then(|targets| targets.get(to)).cloned();
    let line =
        |&(from, to): &(&str, &str)| file(from, to).map(|file| format!("  {from} -> {to} ({file}) is not allowed"));
    pairs.iter().filter_map(line).collect()
}

fn describe(cycle: &[String], imports: &Imports) -> String {
    let steps = cycle.iter().zip(cycle.iter().cycle().skip(1)).map(|(from, to)| {
        let file = imports.get(from).and_then(|targets| targets.get(to)).map_or("", String::as_str);
        format!("  {from} -> {to} ({file})")
    });
    steps.collect::<Vec<_>>().join("\n")
}

fn read(root: &Path, folder: &Path, testware: &Layers, imports: &mut Imports) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, testware, imports)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root)?.with_extension("");
            let module = layer(name.iter().filter_map(|part| part.to_str()), testware);
            if ["lib", "main"].contains(&module.as_str()) || WITHOUT_IMPORTS.contains(&module.as_str()) {
                continue;
            }
            let text = fs::read_to_string(&path)?;
            let file = path.strip_prefix(root)?.display().to_string();
            for target in imported(&text, testware).into_iter().filter(|target| *target != module) {
                imports.entry(module.clone()).or_default().entry(target).or_insert_with(|| file.clone());
            }
        }
    }
    Ok(())
}

/// The top-level module of a path, or what a file of testware counts as.
fn layer<'a>(mut path: impl Iterator<Item = &'a str>, (layers, rest): &Layers) -> String {
    match path.next() {
        Some("testware") => {
            let found = path.find_map(|part| layers.iter().find(|(name, _)| *name == part));
            found.map_or(*rest, |(_, layer)| *layer).to_owned()
        }
        first => first.unwrap_or_default().to_owned(),
    }
}

/// The top-level modules that a file names by `crate::`. Its tests may import anything.
fn imported(text: &str, testware: &Layers) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: String =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|l| format!("{l}\n")).collect();
    let mut modules = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let is_whole_word = !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if is_whole_word {
            let paths = paths_of(&code[start + "crate::".len()..]);
            let paths = paths.iter().filter(|path| !path.is_empty());
            modules.extend(paths.map(|path| layer(path.iter().copied(), testware)));
        }
    }
    modules
}

/// The modules of each path in `a::{b, c::{d, e::F}}`.
fn paths_of(text: &str) -> Vec<Vec<&str>> {
    let Some(group) = text.strip_prefix('{') else {
        let Some(name) = identifier(text) else { return vec![Vec::new()] };
        let Some(rest) = text[name.len()..].strip_prefix("::") else { return vec![vec![name]] };
        return paths_of(rest).into_iter().map(|path| [vec![name], path].concat()).collect();
    };
    let (mut depth, mut paths, mut at_start) = (0, Vec::new(), true);
    for (index, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            c if at_start && !c.is_whitespace() => {
                paths.extend(paths_of(&group[index..]));
                at_start = false;
            }
            _ => {}
        }
    }
    paths
}

/// The identifier at the beginning, if it is a module's and not that of a type, macro or function.
fn identifier(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (name.starts_with(|c: char| c.is_lowercase()) && !rest.starts_with(['(', '!'])).then_some(name)
}

/// One cycle for each group of modules that reach each other.
fn cycles(imports: &Imports) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for start in imports.keys() {
        if found.iter().any(|cycle| cycle.contains(start)) {
            continue;
        }
        found.extend(shortest_cycle(start, imports));
    }
    found
}

fn shortest_cycle(start: &str, imports: &Imports) -> Option<Vec<String>> {
    let mut paths = std::collections::VecDeque::from([vec![start.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop_front() {
        for next in imports.get(path.last()?).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(path);
            }
            if !WITHOUT_IMPORTS.contains(&next.as_str()) && seen.insert(next.clone()) {
                paths.push_back([path.clone(), vec![next.clone()]].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_in_every_form() {
        let text = "use crate::a::B;\nuse crate::{c, d::{e, f}, g::h};\n// crate::comment\nfn x() { crate::i::j(); }\n\
                    crate::run();\nuse crate::Type;\n#[cfg(test)]\nmod tests { use crate::k; }";
        let expected = ["a", "c", "d", "g", "i"].map(str::to_owned);
        assert_eq!(imported(text, &APP_TESTWARE), BTreeSet::from(expected));
    }

    #[test]
    fn testware_counts_as_its_layers() {
        let text =
            "use crate::testware::case::{self, pages::item, api};\nuse crate::{testware::{row::Row, run::table}};";
        let layers = |testware: &Layers| imported(text, testware).into_iter().collect::<Vec<_>>();
        assert_eq!(layers(&APP_TESTWARE), ["api", "model", "pages"]);
        assert_eq!(layers(&SERVER_TESTWARE), ["entity", "service"]);
        assert_eq!(layer(["testware", "run", "rest"].into_iter(), &SERVER_TESTWARE), "rest");
    }

    #[test]
    fn a_forbidden_import_is_found_with_its_file() {
        let targets = BTreeMap::from([("components".to_owned(), "model/x.rs".to_owned())]);
        let imports = Imports::from([("model".to_owned(), targets)]);
        assert_eq!(forbidden(&FORBIDDEN_IN_APP, &imports), ["  model -> components (model/x.rs) is not allowed"]);
        assert!(forbidden(&FORBIDDEN_IN_SERVER, &imports).is_empty());
    }

    #[test]
    fn a_cycle_is_found_and_a_tree_is_none() {
        let imports = |edges: &[(&str, &str)]| {
            let mut imports = Imports::new();
            for (from, to) in edges {
                imports.entry((*from).to_owned()).or_default().insert((*to).to_owned(), "x.rs".to_owned());
            }
            imports
        };
        assert_eq!(cycles(&imports(&[("a", "b"), ("a", "c"), ("b", "c")])), Vec::<Vec<String>>::new());
        assert_eq!(cycles(&imports(&[("a", "b"), ("b", "c"), ("c", "b")])), [["b", "c"]]);
    }
}
