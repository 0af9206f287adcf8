//! Writes Markdown. The converters of ADF, wiki markup and HTML pass their blocks and inline pieces
//! to a [`MarkdownWriter`], which escapes plain text so that it stays plain.

/// Deeper quotes and lists are flattened.
const MAX_DEPTH: usize = 20;
/// Nothing is written after this: it is more than what is stored of a description.
const MAX_BYTES: usize = 4 * 65_536;

/// A document that is being written. Unbalanced opens and closes are harmless.
#[derive(Default)]
pub struct MarkdownWriter {
    out: String,
    containers: Vec<Container>,
    /// Open containers beyond [`MAX_DEPTH`].
    flattened: usize,
    gap: Gap,
    marks: Vec<Mark>,
    /// A heading is one line, so a break in it becomes a space.
    in_heading: bool,
    /// The emphasis closed last, until something follows it.
    closed: Option<ClosedMark>,
}

/// Closed emphasis.
struct ClosedMark {
    marker: &'static str,
    /// The length of `out` after the delimiter.
    end: usize,
}

struct Container {
    /// The prefix of its first line, until that is written.
    first: Option<String>,
    rest: String,
}

struct Mark {
    marker: &'static str,
    written: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    /// A line break within a paragraph, written once text follows.
    Break,
    Line,
    /// A blank line; also the initial state.
    #[default]
    Blank,
}

impl MarkdownWriter {
    /// The finished document.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.end_marks();
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    /// Starts a new block.
    pub fn block(&mut self) {
        self.end_marks();
        self.gap = self.gap.max(Gap::Blank);
        self.in_heading = false;
    }

    /// Starts a heading of level 1 to 6; the next block ends it.
    pub fn heading(&mut self, level: usize) {
        self.block();
        self.raw(&format!("{} ", "#".repeat(level.clamp(1, 6))));
        self.in_heading = true;
    }

    /// Starts a new line, e.g. for the next list item.
    pub fn line(&mut self) {
        self.end_marks();
        self.gap = self.gap.max(Gap::Line);
    }

    /// Breaks the line within a paragraph. A break at the end of a block is dropped, because Markdown
    /// would show its backslash.
    pub fn line_break(&mut self) {
        if self.in_heading {
            self.text(" ");
        } else if self.gap == Gap::None {
            self.gap = Gap::Break;
        }
    }

    /// Opens a quote or a list item, with the prefixes of its first line and of the other lines.
    pub fn open(&mut self, first: &str, rest: &str) {
        if self.containers.len() >= MAX_DEPTH {
            self.flattened += 1;
            return;
        }
        self.containers.push(Container { first: Some(first.to_owned()), rest: rest.to_owned() });
    }

    /// Closes the innermost quote or list item.
    pub fn close(&mut self) {
        self.end_marks();
        if self.flattened > 0 {
            self.flattened -= 1;
        } else if self.containers.pop().is_some() {
            self.gap = self.gap.max(Gap::Line);
        }
    }

    /// Opens emphasis with a delimiter, e.g. `**`.
    pub fn open_mark(&mut self, marker: &'static str) {
        if !self.marks.iter().any(|mark| mark.marker == marker) {
            self.marks.push(Mark { marker, written: false });
        }
    }

    /// Closes emphasis.
    pub fn close_mark(&mut self, marker: &'static str) {
        let Some(at) = self.marks.iter().rposition(|mark| mark.marker == marker) else { return };
        // Emphasis opened within it is closed with it and opened again.
        let within = self.marks.split_off(at);
        self.end_emphasis(&within);
        self.marks.extend(within.into_iter().skip(1).map(|mark| Mark { written: false, ..mark }));
    }

    /// Plain text; any whitespace becomes one space.
    pub fn text(&mut self, text: &str) {
        for (index, word) in text.split([' ', '\t', '\n', '\r', '\u{a0}']).enumerate() {
            if index > 0 && self.gap == Gap::None && !self.out.ends_with(' ') {
                self.out.push(' ');
            }
            if word.is_empty() || self.out.len() > MAX_BYTES {
                continue;
            }
            let at_start = self.begin();
            // With this word, a preceding `&` would start an entity.
            if self.out.ends_with('&') && word.starts_with(begins_entity_name) {
                self.out.insert(self.out.len() - 1, '\\');
            }
            self.begin_marks(word);
            push_escaped(&mut self.out, word, at_start);
        }
    }

    /// Markdown, unescaped, within a line.
    pub fn raw(&mut self, markdown: &str) {
        if self.out.len() <= MAX_BYTES && !markdown.is_empty() {
            self.begin();
            self.begin_marks(markdown);
            self.out.push_str(markdown);
        }
    }

    /// Inline code.
    pub fn code(&mut self, code: &str) {
        let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
        let fence = "`".repeat(longest_run(&line, '`') + 1);
        let pad = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
        if !line.is_empty() {
            self.raw(&format!("{fence}{pad}{line}{pad}{fence}"));
        }
    }

    /// A code block.
    pub fn code_block(&mut self, language: &str, code: &str) {
        let language: String = language.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect();
        let fence = "`".repeat(longest_run(code, '`').max(2) + 1);
        self.block();
        self.raw(&format!("{fence}{language}"));
        for line in code.trim_matches('\n').lines() {
            self.line();
            self.begin();
            self.raw(line);
        }
        self.line();
        self.raw(&fence);
        self.block();
    }

    /// A link, or only its text if the URL is not a web URL.
    pub fn link(&mut self, text: &str, address: &str) {
        let Some(address) = super::web_url(address) else { return self.text(text) };
        let address = address.replace('(', "%28").replace(')', "%29");
        let mut escaped = String::new();
        push_escaped(&mut escaped, text.trim(), false);
        if escaped.is_empty() || text.trim() == address {
            self.raw(&format!("<{address}>"));
        } else {
            // After `!` it would be an image.
            if self.gap == Gap::None && self.out.ends_with('!') {
                self.out.insert(self.out.len() - 1, '\\');
            }
            self.raw(&format!("[{}]({address})", escaped.replace('\n', " ")));
        }
    }

    /// A table whose first row is the header. Cells are Markdown.
    pub fn table(&mut self, rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default().min(50);
        if columns == 0 {
            return;
        }
        self.block();
        for (index, row) in rows.iter().enumerate() {
            let cells = (0..columns).map(|at| row.get(at).map_or(String::new(), |cell| cell_text(cell)));
            self.line();
            self.raw(&format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
            if index == 0 {
                self.line();
                self.raw(&format!("|{}", " --- |".repeat(columns)));
            }
        }
        self.block();
    }

    /// Starts the line if it is a new one; returns whether it was.
    fn begin(&mut self) -> bool {
        if self.gap == Gap::None {
            return false;
        }
        if !self.out.is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            if self.gap == Gap::Break {
                self.out.push('\\');
            }
            self.out.push('\n');
            if self.gap == Gap::Blank {
                let started = self.containers.iter().take_while(|container| container.first.is_none());
                let prefix: String = started.map(|container| container.rest.as_str()).collect();
                self.out.push_str(prefix.trim_end());
                self.out.push('\n');
            }
        }
        for container in &mut self.containers {
            match container.first.take() {
                Some(first) => self.out.push_str(&first),
                None => self.out.push_str(&container.rest),
            }
        }
        self.gap = Gap::None;
        true
    }

    /// Writes the delimiters of opened emphasis before `next`.
    fn begin_marks(&mut self, next: &str) {
        let closed = self.closed.take().filter(|closed| closed.end == self.out.len());
        let mut unwritten: Vec<&'static str> =
            self.marks.iter().filter(|mark| !mark.written).map(|mark| mark.marker).collect();
        let mut separate = false;
        if let Some(closed) = closed {
            if unwritten.first() == Some(&closed.marker) {
                // `**a****b**` is not emphasis, so the previous one continues.
                self.out.truncate(closed.end - closed.marker.len());
                unwritten.remove(0);
                separate = !unwritten.is_empty() && self.out.ends_with(MARKERS);
            } else {
                separate = !unwritten.is_empty() || !can_close(&self.out, next);
            }
        }
        if separate || !unwritten.is_empty() && !can_open(&self.out, next) {
            self.out.push_str(SEPARATOR);
        }
        unwritten.into_iter().for_each(|marker| self.out.push_str(marker));
        self.marks.iter_mut().for_each(|mark| mark.written = true);
    }

    /// Ends emphasis at the end of a block; it starts again with the next text.
    fn end_marks(&mut self) {
        let marks = std::mem::take(&mut self.marks);
        self.end_emphasis(&marks);
        self.marks = marks.into_iter().map(|mark| Mark { written: false, ..mark }).collect();
    }

    fn end_emphasis(&mut self, marks: &[Mark]) {
        let written = self.out.trim_end_matches(' ').len();
        let spaces = self.out.len() - written;
        if marks.iter().any(|mark| mark.written) {
            self.out.truncate(written);
            for mark in marks.iter().rev().filter(|mark| mark.written) {
                self.out.push_str(mark.marker);
                self.closed = Some(ClosedMark { marker: mark.marker, end: self.out.len() });
            }
            self.out.extend(std::iter::repeat_n(' ', spaces));
        }
    }
}

/// The characters of emphasis delimiters.
const MARKERS: [char; 2] = ['*', '~'];

/// Separates a delimiter from a character that would prevent the emphasis. An HTML comment is
/// invisible and counts as punctuation.
pub const SEPARATOR: &str = "<!-- -->";

/// Whether a delimiter after `out` can open emphasis on `next`
/// (<https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run>).
fn can_open(out: &str, next: &str) -> bool {
    let before = out.chars().next_back().filter(|c| !c.is_whitespace());
    !next.starts_with(is_punctuation) || before.is_none_or(is_punctuation)
}

/// Whether the delimiter at the end of `out` can close emphasis before `next`
/// (<https://spec.commonmark.org/0.31.2/#right-flanking-delimiter-run>).
fn can_close(out: &str, next: &str) -> bool {
    let next = next.chars().next().filter(|c| !c.is_whitespace());
    !out.trim_end_matches(MARKERS).ends_with(is_punctuation) || next.is_none_or(is_punctuation)
}

/// Punctuation and symbols, as the emphasis rules count them.
fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

/// Escapes Markdown syntax.
fn push_escaped(out: &mut String, word: &str, at_start: bool) {
    if at_start && begins_a_block(word) {
        let marker = word.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
        out.push_str(&word[..marker]);
        out.push('\\');
        return push_escaped(out, &word[marker..], false);
    }
    let mut before = None;
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let special = match c {
            '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
            // A single tilde also means strikethrough.
            '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => !(before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)),
            '&' => next.is_some_and(begins_entity_name),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

fn begins_entity_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '#'
}

/// Whether a line that starts with this word could be a heading, a quote, a list item or a rule.
fn begins_a_block(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = (1..=9).contains(&digits) && matches!(&word[digits..], "." | ")");
    numbered || word.starts_with('>') || matches!(word, "-" | "+") || word.chars().all(|c| matches!(c, '#' | '-' | '='))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}

fn cell_text(cell: &str) -> String {
    let line = cell.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        if c == '|' && !escaped.ends_with('\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests;
