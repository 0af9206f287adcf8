//! Checks that every test named in `docs/statements.md` exists, so that a renamed test is renamed
//! there too. Called by the lint check.

use crate::paths;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// Fails if a named test does not exist.
pub fn check() -> Result<()> {
    let root = paths::root();
    let text = fs::read_to_string(root.join("docs/statements.md")).context("docs/statements.md can't be read")?;
    let missing: Vec<&str> = tests_named_in(&text).filter(|name| !exists(&root, name)).collect();
    ensure!(
        missing.is_empty(),
        "docs/statements.md names tests that don't exist:\n  {}\n  To fix: use their current names",
        missing.join("\n  ")
    );
    Ok(())
}

/// The code spans in the last column of each table, without commands.
fn tests_named_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "))
        .flat_map(|(_, tests)| tests.split('`').skip(1).step_by(2))
        .filter(|name| !name.starts_with("cargo ") && !name.starts_with("make "))
}

fn exists(root: &Path, name: &str) -> bool {
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    if let Some((file, title)) = name.split_once(": ") {
        return read(&format!("end2end/tests/{file}")).is_some_and(|source| has_title(&source, title));
    }
    let module = |path: &str| format!("server/tests/it/{}.rs", path.replace("::", "/"));
    let (file, test) = match (name.split_once(".rs"), name.rsplit_once("::")) {
        (Some((file, test)), _) => (format!("{file}.rs"), test.strip_prefix("::")),
        (None, Some((file, test))) if read(&module(name)).is_none() => (module(file), Some(test)),
        (None, _) => (module(name), None),
    };
    read(&file)
        .or_else(|| read(&format!("server/src/{file}")))
        .is_some_and(|source| test.is_none_or(|test| source.contains(&format!("fn {test}("))))
}

/// `›` separates a group from its test, and `...` stands for a part that varies.
fn has_title(source: &str, title: &str) -> bool {
    title.split(" › ").flat_map(|part| part.split("...")).all(|part| source.contains(part.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_test_exists() {
        check().unwrap();
    }

    #[test]
    fn only_tests_of_the_last_column_are_checked() {
        let text = "| statement | tests |\n|---|---|\n| A `limit`. | `a::b`, `x.spec.ts: c` |\n| B. | `make bench` |";
        assert_eq!(tests_named_in(text).collect::<Vec<_>>(), ["a::b", "x.spec.ts: c"]);
    }

    #[test]
    fn a_title_may_have_parts_that_vary() {
        assert!(has_title("test(`an inbound ${name} webhook`)", "an inbound ... webhook"));
        assert!(!has_title("test('another')", "an inbound ... webhook"));
    }
}
