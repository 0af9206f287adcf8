//! Turns the keys of issues in rendered text into buttons that open a popover.

use leptos::prelude::document;
use wasm_bindgen::JsValue;
use web_sys::{Element, Node};

use crate::model::id::IssueId;
use crate::model::issue::FoundIssue;
use crate::model::issue_keys::find_issue_keys;

/// Elements whose text is kept as it is.
const KEPT: [&str; 4] = ["A", "BUTTON", "CODE", "PRE"];

/// What looks like a key of an issue in the text of `root`, each once.
pub fn keys(root: &Element) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for text in text_nodes(root).into_iter().filter_map(|node| node.text_content()) {
        for range in find_issue_keys(&text) {
            if !keys.iter().any(|key| key == &text[range.clone()]) {
                keys.push(text[range].to_owned());
            }
        }
    }
    keys
}

/// Turns the keys of `issues` into buttons.
pub fn add(root: &Element, issues: &[FoundIssue], prefix: &str) {
    for node in text_nodes(root) {
        // A node that can't be changed stays text.
        let _ = split(&node, issues, prefix);
    }
}

/// The element ID of the popover of an issue.
pub fn popover_id(prefix: &str, issue: IssueId) -> String {
    format!("{prefix}-{issue}")
}

fn split(node: &Node, issues: &[FoundIssue], prefix: &str) -> Result<(), JsValue> {
    let (Some(text), Some(parent)) = (node.text_content(), node.parent_node()) else { return Ok(()) };
    let document = document();
    let mut end = 0;
    for range in find_issue_keys(&text) {
        let key = &text[range.clone()];
        let Some(issue) = issues.iter().find(|issue| issue.key == key) else { continue };
        let button = document.create_element("button")?;
        button.set_attribute("type", "button")?;
        button.set_attribute("class", "issue-key")?;
        button.set_attribute("popovertarget", &popover_id(prefix, issue.id))?;
        button.set_text_content(Some(key));
        parent.insert_before(&document.create_text_node(&text[end..range.start]), Some(node))?;
        parent.insert_before(&button, Some(node))?;
        end = range.end;
    }
    if end > 0 {
        node.set_text_content(Some(&text[end..]));
    }
    Ok(())
}

/// The text nodes outside of links and code.
fn text_nodes(root: &Node) -> Vec<Node> {
    let (mut found, mut open) = (Vec::new(), vec![root.clone()]);
    while let Some(node) = open.pop() {
        if node.node_type() == Node::TEXT_NODE {
            found.push(node);
        } else if !KEPT.contains(&node.node_name().as_str()) {
            let children = node.child_nodes();
            open.extend((0..children.length()).rev().filter_map(|at| children.item(at)));
        }
    }
    found
}
