//! Writing Markdown: what trackers hold as ADF, wiki markup or HTML is told to a [`Markdown`]
//! piece by piece, and comes out as text that reads the same. What the tracker holds as plain
//! text is escaped, so that it stays plain.

/// The deepest nesting of quotes and lists that is written.
const DEPTH_MAX: usize = 20;
/// Bytes after which nothing more is written: more than what is stored of a description.
const BYTES_MAX: usize = 4 * 65_536;

/// A document that is being written. Blocks and inline pieces may come in any order; what was
/// opened too often or closed too soon does no harm.
#[derive(Default)]
pub struct Markdown {
    out: String,
    containers: Vec<Container>,
    /// Containers beyond the deepest nesting.
    unwritten: usize,
    gap: Gap,
    marks: Vec<Mark>,
}

struct Container {
    /// What stands before its first line, until that is written.
    first: Option<String>,
    rest: String,
}

struct Mark {
    sign: &'static str,
    written: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Line,
    /// As it is before anything was written.
    #[default]
    Blank,
}

impl Markdown {
    /// The document.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.end_marks();
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    /// What comes next stands in a block of its own.
    pub fn block(&mut self) {
        self.end_marks();
        self.gap = self.gap.max(Gap::Blank);
    }

    /// What comes next stands on a line of its own, such as the next item of a list.
    pub fn line(&mut self) {
        self.end_marks();
        self.gap = self.gap.max(Gap::Line);
    }

    /// Breaks the line within a paragraph.
    pub fn line_break(&mut self) {
        if self.gap == Gap::None {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push('\\');
            self.line();
        }
    }

    /// Opens a quote or an item of a list: `first` before its first line, `rest` before others.
    pub fn open(&mut self, first: &str, rest: &str) {
        if self.containers.len() >= DEPTH_MAX {
            self.unwritten += 1;
            return;
        }
        self.containers.push(Container { first: Some(first.to_owned()), rest: rest.to_owned() });
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.end_marks();
        if self.unwritten > 0 {
            self.unwritten -= 1;
        } else if self.containers.pop().is_some() {
            self.gap = self.gap.max(Gap::Line);
        }
    }

    /// Opens emphasis, with its sign such as `**`.
    pub fn open_mark(&mut self, sign: &'static str) {
        if !self.marks.iter().any(|mark| mark.sign == sign) {
            self.marks.push(Mark { sign, written: false });
        }
    }

    /// Closes it.
    pub fn close_mark(&mut self, sign: &'static str) {
        let Some(at) = self.marks.iter().rposition(|mark| mark.sign == sign) else { return };
        // What was opened within it is closed with it and opened again.
        let within = self.marks.split_off(at);
        self.sign_off(&within);
        self.marks.extend(within.into_iter().skip(1).map(|mark| Mark { written: false, ..mark }));
    }

    /// Plain text; any white space is one space.
    pub fn text(&mut self, text: &str) {
        for (index, word) in text.split([' ', '\t', '\n', '\r', '\u{a0}']).enumerate() {
            if index > 0 && self.gap == Gap::None && !self.out.ends_with(' ') {
                self.out.push(' ');
            }
            if word.is_empty() || self.out.len() > BYTES_MAX {
                continue;
            }
            let at_start = self.begin();
            self.begin_marks();
            push_escaped(&mut self.out, word, at_start);
        }
    }

    /// Markdown as it is, within a line.
    pub fn raw(&mut self, markdown: &str) {
        if self.out.len() <= BYTES_MAX && !markdown.is_empty() {
            self.begin();
            self.begin_marks();
            self.out.push_str(markdown);
        }
    }

    /// Code within a line.
    pub fn code(&mut self, code: &str) {
        let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
        let fence = "`".repeat(longest_run(&line, '`') + 1);
        let pad = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
        if !line.is_empty() {
            self.raw(&format!("{fence}{pad}{line}{pad}{fence}"));
        }
    }

    /// A block of code.
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

    /// A link; one that leads elsewhere than to the web is its text alone.
    pub fn link(&mut self, text: &str, address: &str) {
        let Some(address) = super::issue::link(address) else { return self.text(text) };
        let address = address.replace('(', "%28").replace(')', "%29");
        let mut escaped = String::new();
        push_escaped(&mut escaped, text.trim(), false);
        if escaped.is_empty() || text.trim() == address {
            self.raw(&format!("<{address}>"));
        } else {
            self.raw(&format!("[{}]({address})", escaped.replace('\n', " ")));
        }
    }

    /// A table; the first row is its head. Cells are Markdown.
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

    /// Begins the line if it is to be a new one; whether it was.
    fn begin(&mut self) -> bool {
        if self.gap == Gap::None {
            return false;
        }
        if !self.out.is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
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

    fn begin_marks(&mut self) {
        for mark in self.marks.iter_mut().filter(|mark| !mark.written) {
            self.out.push_str(mark.sign);
            mark.written = true;
        }
    }

    /// Emphasis does not reach over blocks: it ends here and begins again with the next text.
    fn end_marks(&mut self) {
        let marks = std::mem::take(&mut self.marks);
        self.sign_off(&marks);
        self.marks = marks.into_iter().map(|mark| Mark { written: false, ..mark }).collect();
    }

    fn sign_off(&mut self, marks: &[Mark]) {
        let written = self.out.trim_end_matches(' ').len();
        let spaces = self.out.len() - written;
        if marks.iter().any(|mark| mark.written) {
            self.out.truncate(written);
            marks.iter().rev().filter(|mark| mark.written).for_each(|mark| self.out.push_str(mark.sign));
            self.out.extend(std::iter::repeat_n(' ', spaces));
        }
    }
}

/// Escapes what Markdown would take for its own.
fn push_escaped(out: &mut String, word: &str, at_start: bool) {
    if at_start && begins_a_block(word) {
        let sign = word.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
        out.push_str(&word[..sign]);
        out.push('\\');
        return push_escaped(out, &word[sign..], false);
    }
    let mut before = None;
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let special = match c {
            '\\' => next.is_some_and(|next| next.is_ascii_punctuation()),
            '`' | '*' | '[' | ']' | '<' | '|' => true,
            '~' => next == Some('~') || before == Some('~'),
            '_' => !(before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)),
            '&' => next.is_some_and(|next| next.is_ascii_alphabetic() || next == '#'),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

/// Whether a line that begins with this word could be a heading, a quote, an item or a rule.
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
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut markdown = Markdown::default();
        markdown.text(text);
        markdown.finish()
    }

    #[test]
    fn plain_text_stays_plain() {
        for (text, expected) in [
            ("snake_case and _this_", r"snake_case and \_this\_"),
            ("2 * 3 <b> [x]", r"2 \* 3 \<b> \[x\]"),
            ("# no heading", r"\# no heading"),
            ("- no item", r"\- no item"),
            ("12. no number", r"12\. no number"),
            ("C:\\dir &amp; \u{a0} x", "C:\\dir \\&amp; x"),
            ("well - done", "well - done"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn emphasis_keeps_its_spaces_outside_and_ends_with_its_block() {
        let mut markdown = Markdown::default();
        markdown.text("a");
        markdown.open_mark("**");
        markdown.text(" b ");
        markdown.close_mark("**");
        markdown.text("c");
        markdown.open_mark("*");
        markdown.text(" d");
        markdown.block();
        markdown.text("e");
        assert_eq!(markdown.finish(), "a **b** c *d*\n\n*e*");
    }

    #[test]
    fn lists_and_quotes_nest_and_too_deep_ones_are_flat() {
        let mut markdown = Markdown::default();
        markdown.open("> ", "> ");
        markdown.text("q");
        markdown.block();
        for word in ["one", "two"] {
            markdown.open("- ", "  ");
            markdown.line();
            markdown.text(word);
            markdown.close();
        }
        markdown.close();
        markdown.block();
        markdown.code_block("rust!", "\nlet a = `b`;\n\nx\n");
        assert_eq!(markdown.finish(), "> q\n>\n> - one\n> - two\n\n```rust\nlet a = `b`;\n\nx\n```");
        let mut deep = Markdown::default();
        (0..1000).for_each(|_| deep.open("> ", "> "));
        deep.text("x");
        (0..1000).for_each(|_| deep.close());
        assert_eq!(deep.finish(), format!("{}x", "> ".repeat(DEPTH_MAX)));
    }

    #[test]
    fn a_link_leads_to_the_web_or_is_text() {
        let mut markdown = Markdown::default();
        markdown.link("a]b", "https://x.example/(1)");
        markdown.text(" ");
        markdown.link("bad", "javascript:alert(1)");
        assert_eq!(markdown.finish(), r"[a\]b](https://x.example/%281%29) bad");
    }

    #[test]
    fn a_table_has_as_many_cells_in_each_row() {
        let mut markdown = Markdown::default();
        markdown.table(&[vec!["a".into(), "b|c".into()], vec!["1\n2".into()]]);
        assert_eq!(markdown.finish(), "| a | b\\|c |\n| --- | --- |\n| 1 2 |  |");
    }
}
