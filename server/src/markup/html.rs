//! Converts the HTML of work item fields to Markdown. It uses a tokenizer without building a tree, so
//! that the time is linear however deep the tags nest.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::markdown_writer::MarkdownWriter;

/// More than what is stored of a description, with its tags.
const MAX_INPUT_BYTES: usize = 16 * 65_536;

/// Markdown allows nine digits for a list item.
const MAX_ITEM_NUMBER: u32 = 999_999_999;

/// Converts HTML to Markdown.
#[must_use]
pub fn to_markdown(html: &str) -> String {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&html[..html.floor_char_boundary(MAX_INPUT_BYTES)]));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

#[derive(Default)]
struct Sink(RefCell<HtmlWriter>);

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
struct HtmlWriter {
    flow: Flow,
    /// Code or a link, which is written when it ends.
    pending: Option<PendingElement>,
    /// Open elements whose text is invisible.
    invisible: usize,
    table: Option<Table>,
}

/// The document or a table cell, with its open elements.
#[derive(Default)]
struct Flow {
    out: MarkdownWriter,
    lists: Vec<List>,
    quotes: usize,
}

struct List {
    /// The number of the next item; `None` for a bullet list.
    next: Option<u32>,
    item_is_open: bool,
}

struct PendingElement {
    tag: String,
    text: String,
    address: String,
}

struct Table {
    rows: Vec<Vec<String>>,
    /// Counts nested tables, which are written as text.
    depth: usize,
    /// What surrounds the table, while a cell is written.
    around: Option<Flow>,
}

impl HtmlWriter {
    fn finish(mut self) -> String {
        if let Some(element) = self.pending.take() {
            self.flow.write_pending(&element);
        }
        self.end_table();
        self.flow.out.finish()
    }

    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        match name {
            _ if self.pending.is_some() => {
                if matches!(name, "br" | "div" | "p") {
                    self.text("\n");
                }
            }
            "style" | "script" | "title" => self.invisible += 1,
            "a" | "pre" | "code" => {
                let (tag, address) = (name.to_owned(), attribute(tag, "href"));
                self.pending = Some(PendingElement { tag, text: String::new(), address });
            }
            "img" => {
                let alt = attribute(tag, "alt");
                self.text(&format!("({})", if alt.is_empty() { "image" } else { &alt }));
            }
            "table" => self.table(),
            "tr" => self.row(),
            "td" | "th" => self.cell(),
            _ => self.flow.start(tag),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            _ if self.pending.is_some() => {
                if let Some(element) = self.pending.take_if(|element| element.tag == name) {
                    self.flow.write_pending(&element);
                }
            }
            "style" | "script" | "title" => self.invisible = self.invisible.saturating_sub(1),
            "td" | "th" => self.end_cell(),
            "table" => match &mut self.table {
                Some(table) if table.depth > 1 => table.depth -= 1,
                _ => self.end_table(),
            },
            _ => self.flow.end(name),
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.pending {
            Some(element) => element.text.push_str(text),
            None if self.invisible == 0 => self.flow.out.text(text),
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
    fn start(&mut self, tag: &Tag) {
        let name: &str = &tag.name;
        match name {
            "br" => self.out.line_break(),
            "hr" => {
                self.out.block();
                self.out.raw("---");
                self.out.block();
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.out.heading(name[1..].parse().unwrap_or(1)),
            "ul" => self.list(None),
            "ol" => self.list(Some(number(tag, "start").unwrap_or(1))),
            "li" => self.item(number(tag, "value")),
            "blockquote" => {
                self.out.block();
                self.out.open("> ", "> ");
                self.quotes += 1;
            }
            _ if is_block(name) => self.separate(),
            _ => {
                if let Some(marker) = marker(name) {
                    self.out.open_mark(marker);
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
                if let Some(marker) = marker(name) {
                    self.out.close_mark(marker);
                }
            }
        }
    }

    /// Ends a block. In a list this is only a line, because editors put each item's text into a block.
    fn separate(&mut self) {
        if self.lists.is_empty() { self.out.block() } else { self.out.line() }
    }

    fn list(&mut self, first: Option<u32>) {
        self.separate();
        self.lists.push(List { next: first, item_is_open: false });
    }

    fn item(&mut self, own_number: Option<u32>) {
        let Some(list) = self.lists.last_mut() else { return self.out.block() };
        if list.item_is_open {
            self.out.close();
        }
        list.next = list.next.map(|next| own_number.unwrap_or(next));
        let marker = list.next.map_or("- ".to_owned(), |number| format!("{number}. "));
        list.next = list.next.map(|number| (number + 1).min(MAX_ITEM_NUMBER));
        list.item_is_open = true;
        self.out.line();
        self.out.open(&marker, &" ".repeat(marker.len()));
    }

    fn write_pending(&mut self, PendingElement { tag, text, address }: &PendingElement) {
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

/// The delimiter for an element's emphasis.
fn marker(name: &str) -> Option<&'static str> {
    match name {
        "b" | "strong" => Some("**"),
        "i" | "em" => Some("*"),
        "s" | "strike" | "del" => Some("~~"),
        _ => None,
    }
}

/// The value of an item's number attribute, if Markdown can write it.
fn number(tag: &Tag, name: &str) -> Option<u32> {
    attribute(tag, name).trim().parse().ok().filter(|number| *number <= MAX_ITEM_NUMBER)
}

fn attribute(tag: &Tag, name: &str) -> String {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
    found.map_or(String::new(), |attribute| attribute.value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editor_html_is_converted() {
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
    fn breaks_are_kept_only_within_a_block() {
        for (html, expected) in [
            ("<div>One<br></div><div>two<br></div>", "One\n\ntwo"),
            ("<p><b>one<br>two</b></p>", "**one\\\ntwo**"),
            ("<b>one<br></b>two", "**one**\\\ntwo"),
            ("<h2>a<br>b</h2>c", "## a b\n\nc"),
            ("<ul><li>a<br></li><li>b</li></ul>", "- a\n- b"),
        ] {
            assert_eq!(to_markdown(html), expected, "{html}");
        }
    }

    #[test]
    fn list_numbers_are_kept() {
        let html = "<ol start=\"7\"><li>a</li><li>b</li></ol><ol><li value=3>c</li><li>d</li></ol>";
        assert_eq!(to_markdown(html), "7. a\n8. b\n\n3. c\n4. d");
        assert_eq!(to_markdown("<ol start=-5><li>a</li></ol>"), "1. a");
    }

    #[test]
    fn escaped_text_is_kept() {
        for (html, expected) in [
            ("&amp;lt; &amp; &amp;amp;", "\\&lt; & \\&amp;"),
            ("C:\\<b>*</b>", "C:\\\\**\\***"),
            ("~x~ Look!<a href=https://a.example/>here</a>", r"\~x\~ Look\![here](https://a.example/)"),
        ] {
            assert_eq!(to_markdown(html), expected, "{html}");
        }
    }

    #[test]
    fn broken_html_is_converted_in_linear_time() {
        assert_eq!(to_markdown("</td></ul><li>x<table><td>1<table><td>2</table>"), "x\n\n| 1 2 |\n| --- |");
        assert_eq!(to_markdown("<a href=https://a.example/>x"), "[x](https://a.example/)");
        for unit in ["<div>", "<ul><li>", "<b>", "<table><tr><td>", "<", "&", "<a b=", "</p>"] {
            let text = to_markdown(&unit.repeat(1_000_000 / unit.len()));
            assert!(text.len() < 4_000_000, "{unit}");
        }
    }
}
