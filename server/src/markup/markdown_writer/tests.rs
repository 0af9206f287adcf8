use super::*;

fn plain(text: &str) -> String {
    let mut markdown = MarkdownWriter::default();
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
fn emphasis_has_no_outer_spaces_and_ends_with_its_block() {
    let mut markdown = MarkdownWriter::default();
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
fn emphasis_works_next_to_any_text() {
    fn write(pieces: &[(&[&'static str], &str)]) -> String {
        let mut markdown = MarkdownWriter::default();
        for (markers, text) in pieces {
            markers.iter().for_each(|marker| markdown.open_mark(marker));
            markdown.text(text);
            markers.iter().rev().for_each(|marker| markdown.close_mark(marker));
        }
        markdown.finish()
    }
    for (pieces, html) in [
        (&[(&["**"][..], "a"), (&["**"][..], "b")][..], "<strong>ab</strong>"),
        (&[(&[], "x"), (&["**"], "(a)"), (&[], "y")], "x<strong>(a)</strong>y"),
        (&[(&["**"], "a)"), (&["*"], "b")], "<strong>a)</strong><em>b</em>"),
        (&[(&["**", "*"], "a"), (&["**", "*"], "b")], "<strong><em>a</em><em>b</em></strong>"),
        (&[(&["~~"], "a"), (&["**"], "b"), (&[], "c")], "<del>a</del><strong>b</strong>c"),
        (&[(&["*"], "a"), (&["**"], "b"), (&["*"], "c")], "<em>a</em><strong>b</strong><em>c</em>"),
    ] {
        let markdown = write(pieces);
        let shown = crate::markup::to_safe_html(&markdown);
        assert_eq!(shown.trim(), format!("<p>{html}</p>"), "{markdown}");
    }
}

#[test]
fn lists_and_quotes_nest_to_a_limit() {
    let mut markdown = MarkdownWriter::default();
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
    let mut deep = MarkdownWriter::default();
    (0..1000).for_each(|_| deep.open("> ", "> "));
    deep.text("x");
    (0..1000).for_each(|_| deep.close());
    assert_eq!(deep.finish(), format!("{}x", "> ".repeat(MAX_DEPTH)));
}

#[test]
fn only_web_urls_are_linked() {
    let mut markdown = MarkdownWriter::default();
    markdown.link("a]b", "https://x.example/(1)");
    markdown.text(" ");
    markdown.link("bad", "javascript:alert(1)");
    assert_eq!(markdown.finish(), r"[a\]b](https://x.example/%281%29) bad");
}

#[test]
fn table_rows_have_the_same_number_of_cells() {
    let mut markdown = MarkdownWriter::default();
    markdown.table(&[vec!["a".into(), "b|c".into()], vec!["1\n2".into()]]);
    assert_eq!(markdown.finish(), "| a | b\\|c |\n| --- | --- |\n| 1 2 |  |");
}
