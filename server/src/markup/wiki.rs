//! Converts Jira's wiki markup, which webhooks and Data Center use for descriptions, to Markdown
//! (<https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all>).

use super::markdown_writer::MarkdownWriter;

/// More than what is stored of a description.
const MAX_INPUT_BYTES: usize = 80 * 1024;
/// How far away the end of emphasis may be, which keeps the time linear.
const MAX_EMPHASIS_BYTES: usize = 400;
/// For the content of a block tag's braces.
const MAX_TAG_BYTES: usize = 200;
/// Deeper emphasis is plain text.
const MAX_DEPTH: usize = 4;

/// Macros that become a quote, with their title.
const QUOTES: [&str; 7] = ["quote", "panel", "info", "note", "warning", "tip", "expand"];
/// For one table cell.
const MAX_CELL_LINES: usize = 50;

/// Converts wiki markup to Markdown.
#[must_use]
pub fn to_markdown(text: &str) -> String {
    let mut out = MarkdownWriter::default();
    let mut rest = &text[..text.floor_char_boundary(MAX_INPUT_BYTES)];
    let mut open_quotes = Vec::new();
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
            quote(name, tag, &mut open_quotes, &mut out);
        }
    }
    lines(rest, &mut out);
    out.finish()
}

/// A quoting macro is opened and closed by the same tag.
fn quote<'a>(name: &'a str, tag: &str, open: &mut Vec<&'a str>, out: &mut MarkdownWriter) {
    out.block();
    if let Some(at) = open.iter().rposition(|other| *other == name) {
        open.drain(at..).for_each(|_| out.close());
        out.block();
        return;
    }
    open.push(name);
    out.open("> ", "> ");
    if let Some(title) = title(tag) {
        out.open_mark("**");
        out.text(title);
        out.close_mark("**");
        out.block();
    }
}

/// The title of `panel:title=Read this|borderStyle=solid` or `expand:Read this`.
fn title(tag: &str) -> Option<&str> {
    let (name, parameters) = tag.split_once(':')?;
    let named = parameters.split('|').find_map(|parameter| parameter.trim().strip_prefix("title="));
    let bare = || parameters.split('|').next().filter(|first| name == "expand" && !first.contains('='));
    named.or_else(bare).map(str::trim).filter(|title| !title.is_empty())
}

/// The next block tag: the text before it, its content, and the rest.
fn next_block(text: &str) -> Option<(&str, &str, &str)> {
    for (at, _) in text.match_indices('{') {
        let inside = &text[at + 1..];
        let near = &inside[..inside.floor_char_boundary(MAX_TAG_BYTES)];
        let Some(end) = near.find(['}', '\n']).filter(|end| near.as_bytes()[*end] == b'}') else { continue };
        let name = inside[..end].split(':').next().unwrap_or_default();
        let is_block = matches!(name, "code" | "noformat") || QUOTES.contains(&name);
        if is_block && !text[..at].ends_with('\\') {
            return Some((&text[..at], &inside[..end], &inside[end + 1..]));
        }
    }
    None
}

fn lines(text: &str, out: &mut MarkdownWriter) {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut table: Vec<Vec<String>> = Vec::new();
    let mut list = Vec::new();
    let mut in_paragraph = false;
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let row_lines = row_length(&lines[at..]);
        if row_lines > 0 {
            table.push(row(&lines[at..at + row_lines].join("\n")));
            at += row_lines;
            continue;
        }
        at += 1;
        if !table.is_empty() {
            out.table(&std::mem::take(&mut table));
        }
        let continues = std::mem::take(&mut in_paragraph);
        let item = list_item(line);
        if item.is_none() {
            list.clear();
        }
        if line.is_empty() || line.bytes().all(|b| b == b'-') && line.len() >= 4 {
            out.block();
            if !line.is_empty() {
                out.raw("---");
                out.block();
            }
        } else if let Some((level, title)) = heading(line) {
            out.heading(level);
            inline(title, out, MAX_DEPTH);
            out.block();
        } else if let Some(quote) = line.strip_prefix("bq. ") {
            out.block();
            out.open("> ", "> ");
            inline(quote, out, MAX_DEPTH);
            out.close();
            out.block();
        } else if let Some((markers, item)) = item {
            let (first, rest) = nest(&mut list, markers);
            out.line();
            out.open(&first, &rest);
            inline(item, out, MAX_DEPTH);
            out.close();
        } else {
            if continues {
                out.line_break();
            } else {
                out.block();
            }
            inline(line, out, MAX_DEPTH);
            in_paragraph = true;
        }
    }
    out.table(&table);
}

/// Adds an item to the open list, at most one level deeper than the previous item. Returns the
/// prefixes of its first line and of the other lines.
fn nest(list: &mut Vec<&'static str>, markers: &[u8]) -> (String, String) {
    list.truncate(markers.len() - 1);
    let indent: usize = list.iter().map(|marker| marker.len()).sum();
    let marker = if markers.ends_with(b"#") { "1. " } else { "- " };
    list.push(marker);
    (format!("{:indent$}{marker}", ""), " ".repeat(indent + marker.len()))
}

/// The level and title of `h2. Title`.
fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    Some((usize::try_from(level).ok()?, rest.get(1..)?.strip_prefix(". ")?.trim()))
}

/// The bullets and text of `** item`.
fn list_item(line: &str) -> Option<(&[u8], &str)> {
    let (markers, item) = line.split_once(' ')?;
    let known = (1..=6).contains(&markers.len()) && markers.bytes().all(|b| matches!(b, b'*' | b'#' | b'-'));
    known.then(|| (markers.as_bytes(), item.trim()))
}

/// How many lines the table row has that starts with the first line: cells may span lines until the
/// row ends with `|`. 0 if it is not a row.
fn row_length(lines: &[&str]) -> usize {
    let is_row = |line: &str| line.starts_with('|') && line.len() > 1;
    if !lines.first().is_some_and(|line| is_row(line)) {
        return 0;
    }
    for (index, line) in lines.iter().enumerate().take(MAX_CELL_LINES) {
        if index > 0 && (line.is_empty() || is_row(line)) {
            break;
        }
        if line.ends_with('|') && (index > 0 || line.len() > 2) {
            return index + 1;
        }
    }
    1
}

/// The cells of `||head||` or `|cell|`, as Markdown.
fn row(text: &str) -> Vec<String> {
    let mut cells = cells(text);
    // The text before the first `|` and after the last is not a cell.
    cells.remove(0);
    if cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let cell = |text: &str| {
        let mut out = MarkdownWriter::default();
        for line in text.lines() {
            out.line_break();
            inline(line, &mut out, MAX_DEPTH);
        }
        out.finish()
    };
    cells.into_iter().map(cell).collect()
}

/// The text between the `|` or `||` of a row. A `|` within a link, an image or code is text.
fn cells(text: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        if c == '|' {
            cells.push(&text[start..at]);
            at += if text[at..].starts_with("||") { 2 } else { 1 };
            start = at;
        } else {
            let whole = matches!(c, '[' | '{' | '!').then(|| piece(text, at)).flatten();
            at = whole.map_or(at + c.len_utf8(), |(_, end)| end);
        }
    }
    cells.push(&text[start..]);
    cells
}

fn inline(text: &str, out: &mut MarkdownWriter, depth: usize) {
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
            Piece::Marked(marker, within) => {
                out.open_mark(marker);
                inline(within, out, depth - 1);
                out.close_mark(marker);
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

/// The piece that starts at `at`, and where it ends.
fn piece(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let here = &text[at..];
    let until = |start: usize, marker: &str| {
        let reach = here.floor_char_boundary(MAX_EMPHASIS_BYTES.min(here.len()));
        let end = here.get(start..reach)?.find(marker)?;
        Some((&here[start..start + end], at + start + end + marker.len()))
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
    if let Some(marker) = here.strip_prefix('{').and_then(|rest| rest.split_at_checked(1)).map(|(marker, _)| marker)
        && here[2..].starts_with('}')
    {
        // In braces, emphasis may be within a word.
        let (within, end) = until(3, &format!("{{{marker}}}"))?;
        return Some((emphasized(marker, within)?, end));
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

/// Emphasis between words, not within one.
fn emphasis(text: &str, at: usize) -> Option<(Piece<'_>, usize)> {
    let marker = text[at..].chars().next().filter(|c| matches!(c, '*' | '_' | '-' | '+' | '^' | '~' | '!'))?;
    let in_word = |c: char| c.is_alphanumeric();
    if text[..at].chars().next_back().is_some_and(in_word) && !matches!(marker, '^' | '~') {
        return None;
    }
    let start = at + 1;
    if text[start..].starts_with(|c: char| c.is_whitespace() || c == marker) {
        return None;
    }
    let reach = text.floor_char_boundary(text.len().min(start + MAX_EMPHASIS_BYTES));
    let end = text[start..reach].match_indices(marker).map(|(end, _)| start + end).find(|end| {
        let ends_word = !text[..*end].ends_with(char::is_whitespace);
        *end > start && ends_word && !text[end + 1..].starts_with(in_word)
    })?;
    let within = &text[start..end];
    if marker == '!' {
        let name = within.split('|').next().unwrap_or_default();
        let is_file = name.contains('.') && !name.contains(char::is_whitespace);
        return is_file.then_some((Piece::Text(name), end + 1));
    }
    Some((emphasized(&text[at..start], within)?, end + 1))
}

/// Text between two delimiters. Markdown has no underline, superscript or subscript.
fn emphasized<'a>(marker: &str, within: &'a str) -> Option<Piece<'a>> {
    match marker {
        "*" => Some(Piece::Marked("**", within)),
        "_" => Some(Piece::Marked("*", within)),
        "-" => Some(Piece::Marked("~~", within)),
        "+" | "^" | "~" => Some(Piece::Plain(within)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
