//! The HTML of a work item's large fields as Markdown. Only a tokenizer reads it, and nothing
//! builds a tree: its time grows with the length alone, however deep the tags nest.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::tracker::markdown::Markdown;

/// The most bytes that are read: more than what is stored of a description, with its tags.
const BYTES_MAX: usize = 16 * 65_536;

/// The HTML as Markdown.
#[must_use]
pub fn to_markdown(html: &str) -> String {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&html[..html.floor_char_boundary(BYTES_MAX)]));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

#[derive(Default)]
struct Sink(RefCell<Writer>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => writer.start(&tag),
            Token::TagToken(tag) => writer.end(&tag.name),
            Token::CharacterTokens(text) => writer.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[derive(Default)]
struct Writer {
    flow: Flow,
    /// What is written at once: code, or a link.
    held: Option<Held>,
    /// Open elements whose text is not shown.
    unshown: usize,
    table: Option<Table>,
}

/// The document, or a cell of a table, with what is open in it.
#[derive(Default)]
struct Flow {
    out: Markdown,
    lists: Vec<List>,
    quotes: usize,
}

struct List {
    /// The number of the next item; `None` for one without numbers.
    next: Option<u32>,
    item_is_open: bool,
}

struct Held {
    tag: String,
    text: String,
    address: String,
}

struct Table {
    rows: Vec<Vec<String>>,
    /// With the tables within it, which are written as text.
    depth: usize,
    /// What stands around it, while a cell is written.
    around: Option<Flow>,
}

impl Writer {
    fn finish(mut self) -> String {
        if let Some(held) = self.held.take() {
            self.flow.hold(&held);
        }
        self.end_table();
        self.flow.out.finish()
    }

    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        match name {
            _ if self.held.is_some() => {
                if matches!(name, "br" | "div" | "p") {
                    self.text("\n");
                }
            }
            "style" | "script" | "title" => self.unshown += 1,
            "a" | "pre" | "code" => {
                let (tag, address) = (name.to_owned(), attribute(tag, "href"));
                self.held = Some(Held { tag, text: String::new(), address });
            }
            "img" => {
                let alt = attribute(tag, "alt");
                self.text(&format!("({})", if alt.is_empty() { "image" } else { &alt }));
            }
            "table" => self.table(),
            "tr" => self.row(),
            "td" | "th" => self.cell(),
            _ => self.flow.start(name),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            _ if self.held.is_some() => {
                if let Some(held) = self.held.take_if(|held| held.tag == name) {
                    self.flow.hold(&held);
                }
            }
            "style" | "script" | "title" => self.unshown = self.unshown.saturating_sub(1),
            "td" | "th" => self.end_cell(),
            "table" => match &mut self.table {
                Some(table) if table.depth > 1 => table.depth -= 1,
                _ => self.end_table(),
            },
            _ => self.flow.end(name),
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.held {
            Some(held) => held.text.push_str(text),
            None if self.unshown == 0 => self.flow.out.text(text),
            None => {}
        }
    }

    fn table(&mut self) {
        match &mut self.table {
            Some(table) => table.depth += 1,
            None => self.table = Some(Table { rows: Vec::new(), depth: 1, around: None }),
        }
    }

    fn row(&mut self) {
        self.end_cell();
        if let Some(table) = self.table.as_mut().filter(|table| table.depth == 1) {
            table.rows.push(Vec::new());
        }
    }

    fn cell(&mut self) {
        self.end_cell();
        match self.table.as_mut().filter(|table| table.depth == 1) {
            Some(table) => table.around = Some(std::mem::take(&mut self.flow)),
            None => self.flow.out.text(" "),
        }
    }

    fn end_cell(&mut self) {
        let Some(table) = self.table.as_mut().filter(|table| table.depth == 1) else { return };
        if let Some(around) = table.around.take() {
            let cell = std::mem::replace(&mut self.flow, around).out.finish();
            match table.rows.last_mut() {
                Some(row) => row.push(cell),
                None => table.rows.push(vec![cell]),
            }
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = &mut self.table {
            table.depth = 1;
        }
        self.end_cell();
        if let Some(table) = self.table.take() {
            self.flow.out.table(&table.rows);
        }
    }
}

impl Flow {
    fn start(&mut self, name: &str) {
        match name {
            "br" => self.out.line_break(),
            "hr" => {
                self.out.block();
                self.out.raw("---");
                self.out.block();
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.out.block();
                self.out.raw(&format!("{} ", "#".repeat(name[1..].parse().unwrap_or(1))));
            }
            "ul" | "ol" => {
                self.separate();
                self.lists.push(List { next: (name == "ol").then_some(1), item_is_open: false });
            }
            "li" => self.item(),
            "blockquote" => {
                self.out.block();
                self.out.open("> ", "> ");
                self.quotes += 1;
            }
            _ if is_block(name) => self.separate(),
            _ => {
                if let Some(sign) = sign(name) {
                    self.out.open_mark(sign);
                }
            }
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "ul" | "ol" => {
                if self.lists.pop().is_some_and(|list| list.item_is_open) {
                    self.out.close();
                }
                self.separate();
            }
            "blockquote" if self.quotes > 0 => {
                self.quotes -= 1;
                self.out.close();
                self.out.block();
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.out.block(),
            _ if is_block(name) => self.separate(),
            _ => {
                if let Some(sign) = sign(name) {
                    self.out.close_mark(sign);
                }
            }
        }
    }

    /// Ends a block. Editors put the text of each item into a block of its own: within a list
    /// that is only a line.
    fn separate(&mut self) {
        if self.lists.is_empty() { self.out.block() } else { self.out.line() }
    }

    fn item(&mut self) {
        let Some(list) = self.lists.last_mut() else { return self.out.block() };
        if list.item_is_open {
            self.out.close();
        }
        let sign = list.next.map_or("- ".to_owned(), |number| format!("{number}. "));
        list.next = list.next.map(|number| number.saturating_add(1));
        list.item_is_open = true;
        self.out.line();
        self.out.open(&sign, &" ".repeat(sign.len()));
    }

    fn hold(&mut self, Held { tag, text, address }: &Held) {
        match tag.as_str() {
            "a" if address.is_empty() => self.out.text(text),
            "a" => self.out.link(&text.split_whitespace().collect::<Vec<_>>().join(" "), address),
            "code" => self.out.code(text),
            _ => self.out.code_block("", text),
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div" | "section" | "article" | "header" | "footer" | "dl" | "dt" | "dd" | "details" | "summary"
    )
}

/// What the emphasis of an element is written as.
fn sign(name: &str) -> Option<&'static str> {
    match name {
        "b" | "strong" => Some("**"),
        "i" | "em" => Some("*"),
        "s" | "strike" | "del" => Some("~~"),
        _ => None,
    }
}

fn attribute(tag: &Tag, name: &str) -> String {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
    found.map_or(String::new(), |attribute| attribute.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_editor_writes_reads_the_same() {
        for (html, expected) in [
            ("<div>One<br>two</div><div><b>Three </b>&amp; four</div>", "One\\\ntwo\n\n**Three** & four"),
            (
                "<h2>Steps</h2><ol><li><div>open</div></li><li>click<ul><li>twice</li></ul></li></ol><p>end</p>",
                "## Steps\n\n1. open\n2. click\n   - twice\n\nend",
            ),
            (
                "<a href=\"https://a.example/x\">here</a> <a href=\"javascript:x\">bad</a>",
                "[here](https://a.example/x) bad",
            ),
            ("<pre><code>a &lt; b\n  c</code></pre><p><code>x</code></p>", "```\na < b\n  c\n```\n\n`x`"),
            (
                "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2|3</td></tr></table>",
                "| a | b |\n| --- | --- |\n| 1 | 2\\|3 |",
            ),
            ("<blockquote><p>q</p></blockquote><hr><img src=x alt=shot>", "> q\n\n---\n\n(shot)"),
            ("plain *text* &lt;b&gt;", "plain \\*text\\* \\<b>"),
            ("<style>p{}</style><script>alert(1)</script><!-- x --><p>x</p>", "x"),
            ("", ""),
        ] {
            assert_eq!(to_markdown(html), expected, "{html}");
        }
    }

    #[test]
    fn broken_and_absurd_html_is_read_in_time() {
        assert_eq!(to_markdown("</td></ul><li>x<table><td>1<table><td>2</table>"), "x\n\n| 1 2 |\n| --- |");
        assert_eq!(to_markdown("<a href=https://a.example/>x"), "[x](https://a.example/)");
        for unit in ["<div>", "<ul><li>", "<b>", "<table><tr><td>", "<", "&", "<a b=", "</p>"] {
            let text = to_markdown(&unit.repeat(1_000_000 / unit.len()));
            assert!(text.len() < 4_000_000, "{unit}");
        }
    }
}
