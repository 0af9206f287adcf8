//! Jira's wiki markup as Markdown, as far as that is sensible: what webhooks and Data Center
//! hold a description in
//! (<https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all>).

use crate::tracker::markdown::Markdown;

/// The most bytes that are read: more than what is stored of a description.
const BYTES_MAX: usize = 80 * 1024;
/// How far the end of emphasis is looked for, in bytes.
const REACH: usize = 400;
/// The most bytes within the tag of a block.
const TAG_MAX: usize = 200;
/// How deep emphasis nests.
const DEPTH_MAX: usize = 4;

/// The text as Markdown.
#[must_use]
pub fn to_markdown(text: &str) -> String {
    let mut out = Markdown::default();
    let mut rest = &text[..text.floor_char_boundary(BYTES_MAX)];
    let mut quoted = false;
    while let Some((before, tag, after)) = next_block(rest) {
        lines(before, &mut out);
        rest = after;
        let name = tag.split(':').next().unwrap_or_default();
        if matches!(name, "code" | "noformat") {
            let (code, after) = match after.find(&format!("{{{name}}}")) {
                Some(end) => (&after[..end], &after[end + name.len() + 2..]),
                None => (after, ""),
            };
            let language = tag.split([':', '|']).nth(1).filter(|language| !language.contains('='));
            out.code_block(language.unwrap_or_default(), code);
            rest = after;
        } else {
            out.block();
            if quoted {
                out.close()
            } else {
                out.open("> ", "> ")
            }
            out.block();
            quoted = !quoted;
        }
    }
    lines(rest, &mut out);
    out.finish()
}

/// The next tag of a block that is not one line: what stands before it, its inside, the rest.
fn next_block(text: &str) -> Option<(&str, &str, &str)> {
    for (at, _) in text.match_indices('{') {
        let inside = &text[at + 1..];
        let near = &inside[..inside.floor_char_boundary(TAG_MAX)];
        let Some(end) = near.find(['}', '\n']).filter(|end| near.as_bytes()[*end] == b'}') else { continue };
        let name = inside[..end].split(':').next().unwrap_or_default();
        if matches!(name, "code" | "noformat" | "quote" | "panel") && !text[..at].ends_with('\\') {
            return Some((&text[..at], &inside[..end], &inside[end + 1..]));
        }
    }
    None
}

fn lines(text: &str, out: &mut Markdown) {
    let mut table: Vec<Vec<String>> = Vec::new();
    let mut in_paragraph = false;
    for line in text.lines().map(str::trim) {
        if let Some(cells) = row(line) {
            table.push(cells);
            continue;
        }
        if !table.is_empty() {
            out.table(&std::mem::take(&mut table));
        }
        let continues = std::mem::take(&mut in_paragraph);
        if line.is_empty() || line.bytes().all(|b| b == b'-') && line.len() >= 4 {
            out.block();
            if !line.is_empty() {
                out.raw("---");
                out.block();
            }
        } else if let Some((level, title)) = heading(line) {
            out.block();
            out.raw(&format!("{} ", "#".repeat(level)));
            inline(title, out, DEPTH_MAX);
            out.block();
        } else if let Some(quote) = line.strip_prefix("bq. ") {
            out.block();
            out.open("> ", "> ");
            inline(quote, out, DEPTH_MAX);
            out.close();
            out.block();
        } else if let Some((signs, item)) = list_item(line) {
            let indent: usize = signs[..signs.len() - 1].iter().map(|sign| if *sign == b'#' { 3 } else { 2 }).sum();
            let sign = if signs.ends_with(b"#") { "1. " } else { "- " };
            out.line();
            out.open(&format!("{:indent$}{sign}", ""), &" ".repeat(indent + sign.len()));
            inline(item, out, DEPTH_MAX);
            out.close();
        } else {
            if continues {
                out.line_break();
            } else {
                out.block();
            }
            inline(line, out, DEPTH_MAX);
            in_paragraph = true;
        }
    }
    out.table(&table);
}

/// The level and the title of `h2. Title`.
fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    Some((usize::try_from(level).ok()?, rest.get(1..)?.strip_prefix(". ")?.trim()))
}

/// The signs and the text of `** item`.
fn list_item(line: &str) -> Option<(&[u8], &str)> {
    let (signs, item) = line.split_once(' ')?;
    let known = (1..=6).contains(&signs.len()) && signs.bytes().all(|b| matches!(b, b'*' | b'#' | b'-'));
    (known && (signs.len() == 1 || !signs.contains('-'))).then(|| (signs.as_bytes(), item.trim()))
}

/// The cells of `||head||` and of `|cell|`, as Markdown.
fn row(line: &str) -> Option<Vec<String>> {
    let inside = line.strip_prefix('|').filter(|inside| inside.len() > 1)?.replace("||", "|");
    let inside = inside.strip_prefix('|').unwrap_or(&inside);
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    let cells = inside.split('|').map(|cell| {
        let mut out = Markdown::default();
        inline(cell, &mut out, DEPTH_MAX);
        out.finish()
    });
    Some(cells.collect())
}

fn inline(text: &str, out: &mut Markdown, depth: usize) {
    let mut plain = 0;
    let mut at = 0;
    while at < text.len() {
        let piece = if depth == 0 { None } else { piece(text, at) };
        let Some((piece, end)) = piece else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        out.text(&text[plain..at]);
        match piece {
            Piece::Marked(sign, within) => {
                out.open_mark(sign);
                inline(within, out, depth - 1);
                out.close_mark(sign);
            }
            Piece::Plain(within) => inline(within, out, depth - 1),
            Piece::Text(within) => out.text(within),
            Piece::Code(code) => out.code(code),
            Piece::Link(shown, address) => out.link(shown, address),
            Piece::Break => out.line_break(),
        }
        (plain, at) = (end, end);
    }
    out.text(&text[plain..]);
}

enum Piece<'a> {
    Marked(&'static str, &'a str),
    Plain(&'a str),
    Text(&'a str),
    Code(&'a str),
    Link(&'a str, &'a str),
    Break,
}

/// What begins at `at`, and where it ends.
fn piece(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let here = &text[at..];
    let until = |start: usize, sign: &str| {
        let reach = here.floor_char_boundary(REACH.min(here.len()));
        let end = here.get(start..reach)?.find(sign)?;
        Some((&here[start..start + end], at + start + end + sign.len()))
    };
    if let Some(rest) = here.strip_prefix('\\') {
        let next = rest.chars().next()?;
        return match next {
            '\\' => Some((Piece::Break, at + 2)),
            _ if next.is_ascii_punctuation() => Some((Piece::Text(&rest[..1]), at + 2)),
            _ => None,
        };
    }
    if here.starts_with("{{") {
        return until(2, "}}").map(|(code, end)| (Piece::Code(code), end));
    }
    if here.starts_with("{color") {
        return until(6, "}").map(|(_, end)| (Piece::Text(""), end));
    }
    if here.starts_with('[') {
        let (inside, end) = until(1, "]")?;
        if let Some(user) = inside.strip_prefix('~') {
            return Some((Piece::Text(user.strip_prefix("accountid:").unwrap_or(user)), end));
        }
        let mut parts = inside.split('|');
        let (shown, address) = (parts.next()?, parts.next());
        return match address {
            Some(address) => Some((Piece::Link(shown, address), end)),
            None if shown.contains("://") => Some((Piece::Link("", shown), end)),
            None => None,
        };
    }
    if here.starts_with("http://") || here.starts_with("https://") {
        let end = here.find(|c: char| c.is_whitespace() || "|]{}<>\"".contains(c)).unwrap_or(here.len());
        let address = here[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '*', '_']);
        return Some((Piece::Link("", address), at + address.len()));
    }
    emphasis(text, at)
}

/// Emphasis stands between words: not within one.
fn emphasis(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let sign = text[at..].chars().next().filter(|c| matches!(c, '*' | '_' | '-' | '+' | '^' | '!'))?;
    let in_word = |c: char| c.is_alphanumeric();
    if text[..at].chars().next_back().is_some_and(in_word) && sign != '^' {
        return None;
    }
    let start = at + 1;
    if text[start..].starts_with(|c: char| c.is_whitespace() || c == sign) {
        return None;
    }
    let reach = text.floor_char_boundary(text.len().min(start + REACH));
    let end = text[start..reach].match_indices(sign).map(|(end, _)| start + end).find(|end| {
        let ends_word = !text[..*end].ends_with(char::is_whitespace);
        *end > start && ends_word && !text[end + 1..].starts_with(in_word)
    })?;
    let within = &text[start..end];
    let piece = match sign {
        '*' => Piece::Marked("**", within),
        '_' => Piece::Marked("*", within),
        '-' => Piece::Marked("~~", within),
        '!' => {
            let name = within.split('|').next().unwrap_or_default();
            let is_file = name.contains('.') && !name.contains(char::is_whitespace);
            return is_file.then_some((Piece::Text(name), end + 1));
        }
        _ => Piece::Plain(within),
    };
    Some((piece, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_people_stays_what_it_is() {
        for (wiki, expected) in [
            ("The good description", "The good description"),
            ("a-b-c and snake_case_name, 3 * 4 * 5", r"a-b-c and snake_case_name, 3 \* 4 \* 5"),
            (r"Proyecto privado \- no", "Proyecto privado - no"),
            ("<b>[x] {y}", r"\<b>\[x\] {y}"),
            ("one\ntwo\n\nthree", "one\\\ntwo\n\nthree"),
            ("", ""),
        ] {
            assert_eq!(to_markdown(wiki), expected, "{wiki}");
        }
    }

    #[test]
    fn emphasis_links_and_code_are_kept() {
        for (wiki, expected) in [
            ("*bold* _italic_ -gone- +under+ {{a_b}}", "**bold** *italic* ~~gone~~ under `a_b`"),
            ("(*_both_*)", "(***both***)"),
            (
                "[here|https://a.example/x|smart-link] [https://b.example]",
                "[here](https://a.example/x) <https://b.example/>",
            ),
            ("see https://a.example/a_b_c.", "see <https://a.example/a_b_c>."),
            ("{color:red}hot{color} [~ada] !shot.png|width=3!", "hot ada shot.png"),
            ("[x|javascript:alert(1)]", "x"),
        ] {
            assert_eq!(to_markdown(wiki), expected, "{wiki}");
        }
    }

    #[test]
    fn headings_lists_tables_quotes_and_code_blocks_are_kept() {
        for (wiki, expected) in [
            ("h2. Steps\n# open\n# click\n#* twice", "## Steps\n\n1. open\n1. click\n   - twice"),
            ("* a\n** b\n- c", "- a\n  - b\n- c"),
            ("||a||b||\n|1|2|", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
            ("{code:java}\nint a = *b*;\n{code}\nafter", "```java\nint a = *b*;\n```\n\nafter"),
            ("{noformat}x{noformat}", "```\nx\n```"),
            ("{quote}\nsaid\n{quote}\nbq. once", "> said\n\n> once"),
            ("a\n----\nb", "a\n\n---\n\nb"),
            ("{code}never ends", "```\nnever ends\n```"),
        ] {
            assert_eq!(to_markdown(wiki), expected, "{wiki}");
        }
    }

    #[test]
    fn absurd_markup_is_read_in_time() {
        for unit in ["*", "_a ", " *a", "[", "{", "{quote}", "{{", "|", "\\", "h1. ", "!a.b "] {
            let text = to_markdown(&unit.repeat(300_000 / unit.len()));
            assert!(text.len() < 1_000_000, "{unit}");
        }
    }
}
