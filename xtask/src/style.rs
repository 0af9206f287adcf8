//! Joins the style sheets into one file and removes comments and white space.
//!
//! `style/main.css` lists the sheets: `@import "tokens.css";`, `@import "base.css" layer(base);`. This is
//! plain CSS, so a browser could also load the files as they are.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// The sheet with all imports inlined, minified.
pub fn join(sheet: &Path) -> Result<String> {
    Ok(shrink(&inline(sheet)?))
}

fn inline(sheet: &Path) -> Result<String> {
    let text = fs::read_to_string(sheet).with_context(|| {
        format!("the style sheet {} cannot be read.\n  To fix: correct its @import", sheet.display())
    })?;
    let folder = sheet.parent().unwrap_or(Path::new(""));
    let mut joined = String::new();
    for line in text.lines() {
        let Some(import) = line.trim().strip_prefix("@import") else {
            joined.push_str(line);
            joined.push('\n');
            continue;
        };
        let (name, layer) =
            parse_import(import).with_context(|| format!("{}: cannot read `{line}`", sheet.display()))?;
        let imported = inline(&folder.join(name))?;
        match layer {
            Some(layer) => joined.push_str(&format!("@layer {layer} {{\n{imported}}}\n")),
            None => joined.push_str(&imported),
        }
    }
    Ok(joined)
}

/// The file and the layer of ` "name.css" layer(name);`.
fn parse_import(import: &str) -> Result<(&str, Option<&str>)> {
    let import = import.trim().trim_end_matches(';').trim_end();
    let import = import.strip_prefix("url(").unwrap_or(import);
    let Some(quote) = import.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        bail!("an import names its file in quotes, on a line of its own");
    };
    let Some((name, rest)) = import[1..].split_once(quote) else {
        bail!("the quotes of the import do not end");
    };
    let rest = rest.trim_start_matches(')').trim();
    if rest.is_empty() {
        return Ok((name, None));
    }
    match rest.strip_prefix("layer(").and_then(|rest| rest.strip_suffix(')')) {
        Some(layer) => Ok((name, Some(layer))),
        None => bail!("only layer(...) may follow the file of an import"),
    }
}

/// Removes comments, and white space where it never has a meaning. Strings are not changed.
fn shrink(css: &str) -> String {
    let mut small = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(next) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            space(&mut small);
        } else if next == '"' || next == '\'' {
            let length = string_length(rest, next);
            small.push_str(&rest[..length]);
            rest = &rest[length..];
        } else if next.is_whitespace() {
            space(&mut small);
            rest = rest.trim_start();
        } else {
            if matches!(next, '{' | '}' | ';' | ',') && small.ends_with(' ') {
                small.pop();
            }
            if next == '}' && small.ends_with(';') {
                small.pop();
            }
            small.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    small.truncate(small.trim_end().len());
    small
}

/// Adds one space, unless the text before it makes it meaningless.
fn space(small: &mut String) {
    if !small.is_empty() && !small.ends_with([' ', '{', '}', ';', ',']) {
        small.push(' ');
    }
}

fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_idle_white_space_go() {
        let css = "/* a */\n.card {\n  color: red;\n  &:hover { top: 0; }\n}\n\n.a,\n.b { left: 0 }\n";
        assert_eq!(shrink(css), ".card{color: red;&:hover{top: 0}}.a,.b{left: 0}");
    }

    #[test]
    fn white_space_with_a_meaning_stays() {
        for css in [
            "a :hover{x: calc(1px + 2px)}",
            "a > b{margin: 0 -1px}",
            "@media (x) and (y){a b{c: d e}}",
            "a[b=\"x  ;  }\"]{content: ' \\'  /* no comment */'}",
        ] {
            assert_eq!(shrink(css), css);
        }
    }

    #[test]
    fn imports_come_in_order_and_in_their_layers() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        file("main.css", "@layer base, parts;\n@import \"a.css\";\n@import url('b.css') layer(base);\n");
        file("a.css", "a { b: c }\n");
        file("b.css", "d { e: f }\n");
        assert_eq!(join(&folder.path().join("main.css")).unwrap(), "@layer base,parts;a{b: c}@layer base{d{e: f}}");
    }

    #[test]
    fn an_import_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("main.css");
        for import in ["@import missing.css;", "@import \"missing.css\";", "@import \"main.css\" print;"] {
            fs::write(&main, import).unwrap();
            assert!(join(&main).is_err(), "{import}");
        }
    }
}
