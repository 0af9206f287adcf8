//! Converts an Atlassian Document Format document to Markdown
//! (<https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>). An unknown node
//! becomes the text in it. The JSON parser bounds the depth.

use serde_json::Value;

use super::markdown_writer::MarkdownWriter;

/// Converts a document to Markdown.
#[must_use]
pub fn to_markdown(document: &Value) -> String {
    let mut markdown = MarkdownWriter::default();
    write(document, &mut markdown);
    markdown.finish()
}

fn write(node: &Value, out: &mut MarkdownWriter) {
    let attribute = |name: &str| node["attrs"][name].as_str().unwrap_or_default();
    match node["type"].as_str().unwrap_or_default() {
        "text" => text(node, out),
        "hardBreak" => out.line_break(),
        "mention" | "emoji" | "status" | "placeholder" => {
            let shown = [attribute("text"), attribute("shortName")];
            out.text(shown.into_iter().find(|text| !text.is_empty()).unwrap_or_default());
        }
        "date" => out.text(&day(&node["attrs"]["timestamp"])),
        "inlineCard" | "blockCard" | "embedCard" => out.link("", attribute("url")),
        "media" | "mediaInline" => out.text(&format!("({})", first_of(attribute("alt"), "attachment"))),
        "rule" => {
            out.block();
            out.raw("---");
            out.block();
        }
        "heading" => {
            let level = node["attrs"]["level"].as_u64().unwrap_or(1).clamp(1, 6);
            out.heading(usize::try_from(level).unwrap_or(1));
            children(node, out);
            out.block();
        }
        "paragraph" => {
            children(node, out);
            out.block();
        }
        "blockquote" | "panel" | "expand" | "nestedExpand" => {
            out.block();
            out.open("> ", "> ");
            if !attribute("title").is_empty() {
                out.text(attribute("title"));
                out.block();
            }
            children(node, out);
            out.close();
            out.block();
        }
        "codeBlock" => out.code_block(attribute("language"), &plain(node)),
        kind if kind.ends_with("List") => {
            out.block();
            items(node, out);
            out.block();
        }
        "table" => {
            let rows: Vec<Vec<String>> = list(node).map(|row| list(row).map(to_markdown).collect()).collect();
            out.table(&rows);
        }
        _ => children(node, out),
    }
}

fn list(node: &Value) -> impl Iterator<Item = &Value> {
    node["content"].as_array().into_iter().flatten()
}

fn children(node: &Value, out: &mut MarkdownWriter) {
    list(node).for_each(|child| write(child, out));
}

fn items(node: &Value, out: &mut MarkdownWriter) {
    let first = node["attrs"]["order"].as_u64().unwrap_or(1).min(1_000_000);
    for (number, item) in (first..).zip(list(node)) {
        let marker = match item["attrs"]["state"].as_str() {
            Some("DONE") => "- [x] ".to_owned(),
            Some("TODO") => "- [ ] ".to_owned(),
            _ if node["type"] == "orderedList" => format!("{number}. "),
            _ => "- ".to_owned(),
        };
        out.line();
        out.open(&marker, &" ".repeat(if marker.starts_with('-') { 2 } else { marker.len() }));
        for (index, child) in list(item).enumerate() {
            match child["type"].as_str().unwrap_or_default() {
                // An item's first paragraph follows its bullet on the same line.
                "paragraph" if index == 0 => children(child, out),
                kind if kind.ends_with("List") => items(child, out),
                _ => write(child, out),
            }
        }
        out.close();
    }
}

fn text(node: &Value, out: &mut MarkdownWriter) {
    let text = node["text"].as_str().unwrap_or_default();
    let marks = || node["marks"].as_array().into_iter().flatten();
    let has = |kind: &str| marks().any(|mark| mark["type"] == kind);
    let markers = [("strong", "**"), ("em", "*"), ("strike", "~~")];
    let markers: Vec<&'static str> =
        markers.into_iter().filter(|(kind, _)| has(kind)).map(|(_, marker)| marker).collect();
    if has("code") {
        return out.code(text);
    }
    markers.iter().for_each(|marker| out.open_mark(marker));
    match marks().find(|mark| mark["type"] == "link").and_then(|mark| mark["attrs"]["href"].as_str()) {
        Some(address) => out.link(text, address),
        None => out.text(text),
    }
    markers.iter().rev().for_each(|marker| out.close_mark(marker));
}

/// The text without marks.
fn plain(node: &Value) -> String {
    let own = node["text"].as_str().unwrap_or_default();
    list(node).fold(own.to_owned(), |text, child| text + &plain(child))
}

/// The date of a timestamp in epoch milliseconds, which is a string.
fn day(timestamp: &Value) -> String {
    let milliseconds = timestamp.as_i64().or_else(|| timestamp.as_str()?.parse().ok()).unwrap_or_default();
    chrono::DateTime::from_timestamp_millis(milliseconds).map_or(String::new(), |time| time.format("%F").to_string())
}

const fn first_of<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paragraph(content: &Value) -> Value {
        json!({"type": "paragraph", "content": content})
    }

    fn markdown(content: Value) -> String {
        to_markdown(&json!({"type": "doc", "version": 1, "content": content}))
    }

    fn t(text: &str) -> Value {
        json!({"type": "text", "text": text})
    }

    #[test]
    fn paragraphs_headings_and_marks_are_kept() {
        let strong = json!({"type": "text", "text": "b ", "marks": [{"type": "strong"}, {"type": "em"}]});
        let code = json!({"type": "text", "text": "x`y", "marks": [{"type": "code"}]});
        let href = json!({"type": "link", "attrs": {"href": "https://a.example/"}});
        let link = json!({"type": "text", "text": "here", "marks": [href]});
        let content = json!([
            {"type": "heading", "attrs": {"level": 2}, "content": [t("Steps")]},
            paragraph(&json!([t("a "), strong, code, {"type": "hardBreak"}, link])),
            {"type": "rule"},
            {"type": "blockquote", "content": [paragraph(&json!([t("q")]))]},
        ]);
        assert_eq!(markdown(content), "## Steps\n\na ***b*** ``x`y``\\\n[here](https://a.example/)\n\n---\n\n> q");
    }

    #[test]
    fn breaks_are_kept_only_within_a_block() {
        let strong = |text: &str| json!({"type": "text", "text": text, "marks": [{"type": "strong"}]});
        let hard_break = json!({"type": "hardBreak"});
        let paragraphs = json!([
            paragraph(&json!([t("one"), hard_break])),
            paragraph(&json!([strong("two"), hard_break, strong("three")])),
        ]);
        assert_eq!(markdown(paragraphs), "one\n\n**two**\\\n**three**");
        let heading = json!([{"type": "heading", "content": [t("a"), hard_break, t("b")]}]);
        assert_eq!(markdown(heading), "# a b");
    }

    #[test]
    fn lists_nest_and_tasks_have_boxes() {
        let item = |content: Value| json!({"type": "listItem", "content": content});
        let inner = json!({"type": "orderedList", "content": [item(json!([paragraph(&json!([t("deep")]))]))]});
        let list = json!({"type": "bulletList", "content": [
            item(json!([paragraph(&json!([t("one")])), inner])),
            item(json!([paragraph(&json!([t("two")]))])),
        ]});
        let tasks = json!({"type": "taskList", "content": [
            {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [t("done")]},
            {"type": "taskItem", "attrs": {"state": "TODO"}, "content": [t("open")]},
        ]});
        assert_eq!(markdown(json!([list])), "- one\n  1. deep\n- two");
        assert_eq!(markdown(json!([tasks])), "- [x] done\n- [ ] open");
    }

    #[test]
    fn other_nodes_are_readable() {
        let cell = |kind: &str, text: &str| json!({"type": kind, "content": [paragraph(&json!([t(text)]))]});
        let table = json!({"type": "table", "content": [
            {"type": "tableRow", "content": [cell("tableHeader", "a"), cell("tableHeader", "b")]},
            {"type": "tableRow", "content": [cell("tableCell", "1"), cell("tableCell", "2|3")]},
        ]});
        assert_eq!(markdown(json!([table])), "| a | b |\n| --- | --- |\n| 1 | 2\\|3 |");
        let code = json!({"type": "codeBlock", "attrs": {"language": "sql"}, "content": [t("select 1;\n")]});
        assert_eq!(markdown(json!([code])), "```sql\nselect 1;\n```");
        let line = json!([
            {"type": "mention", "attrs": {"text": "@Ada"}}, t(" "),
            {"type": "inlineCard", "attrs": {"url": "https://a.example/x"}}, t(" "),
            {"type": "date", "attrs": {"timestamp": "1582152559000"}}, t(" "),
            {"type": "of_tomorrow", "content": [t("text")]},
        ]);
        assert_eq!(markdown(json!([paragraph(&line)])), "@Ada <https://a.example/x> 2020-02-19 text");
    }

    #[test]
    fn an_invalid_document_is_empty() {
        for strange in [json!(null), json!([1]), json!({"content": 7}), json!({"type": "text"})] {
            assert_eq!(to_markdown(&strange), "");
        }
    }
}
