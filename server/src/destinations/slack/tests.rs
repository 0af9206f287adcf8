use app::model::catalog::EventType;
use app::model::delivery::TEST_EVENT;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::blocks::{
    MAX_ACTIONS, MAX_BLOCKS, MAX_BUTTON_CHARS, MAX_CONTEXT, MAX_FIELD_CHARS, MAX_FIELDS, MAX_HEADER_CHARS,
    MAX_SECTION_CHARS, MAX_URL_CHARS,
};
use super::body;
use crate::events::EventMessage;

fn message(envelope: &[u8]) -> String {
    body(&EventMessage::new(envelope.to_vec().into()))
}

fn render(event: &str, data: Value) -> Value {
    let envelope = json!({
        "id": "evt_1", "type": event, "timestamp": "2026-01-05T10:00:00.000Z",
        "project": {"id": "prj_1", "key": "WEB", "name": "Web & shop"},
        "actor": {"id": "usr_1", "name": "Ada"}, "data": data,
    });
    serde_json::from_str(&message(envelope.to_string().as_bytes())).unwrap()
}

/// Every block, including those of attachments.
fn blocks(message: &Value) -> Vec<&Value> {
    let of = |value: &Value| value["blocks"].as_array().cloned().unwrap_or_default();
    assert!(of(message).len() <= MAX_BLOCKS);
    let attachments = message["attachments"].as_array().into_iter().flatten();
    let top = message["blocks"].as_array().into_iter().flatten();
    top.chain(attachments.flat_map(|attachment| attachment["blocks"].as_array().into_iter().flatten())).collect()
}

/// All visible text, one text per line.
fn shown(message: &Value) -> String {
    let mut lines = Vec::new();
    for block in blocks(message) {
        let texts = [&block["text"]].into_iter();
        let lists = [&block["fields"], &block["elements"]].into_iter().filter_map(Value::as_array).flatten();
        for text in texts.chain(lists) {
            lines.extend(text["text"].as_str().or(text["text"]["text"].as_str()).map(str::to_owned));
        }
    }
    lines.join("\n")
}

fn buttons(message: &Value) -> Vec<&str> {
    let actions = blocks(message).into_iter().filter(|block| block["type"] == "actions");
    actions
        .flat_map(|block| block["elements"].as_array().unwrap())
        .map(|button| button["url"].as_str().unwrap())
        .collect()
}

fn is_within(text: &Value, max: usize) {
    let size = text.as_str().unwrap().encode_utf16().count();
    assert!((1..=max).contains(&size), "{size} of {max}: {text}");
}

fn is_within_limits(message: &Value) {
    is_within(&message["text"], MAX_SECTION_CHARS);
    for block in blocks(message) {
        match block["type"].as_str().unwrap() {
            "header" => {
                assert_eq!(block["text"]["type"], "plain_text");
                is_within(&block["text"]["text"], MAX_HEADER_CHARS);
            }
            "section" => {
                let fields = block["fields"].as_array().map_or(&[] as &[Value], Vec::as_slice);
                assert!(fields.len() <= MAX_FIELDS && (!fields.is_empty() || block["text"].is_object()));
                fields.iter().for_each(|field| is_within(&field["text"], MAX_FIELD_CHARS));
                if block["text"].is_object() {
                    is_within(&block["text"]["text"], MAX_SECTION_CHARS);
                }
            }
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=MAX_CONTEXT).contains(&elements.len()));
                elements.iter().for_each(|element| is_within(&element["text"], MAX_SECTION_CHARS));
            }
            "actions" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=MAX_ACTIONS).contains(&elements.len()));
                for button in elements {
                    is_within(&button["text"]["text"], MAX_BUTTON_CHARS);
                    is_within(&button["url"], MAX_URL_CHARS);
                }
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn an_issue_has_its_fields_and_links() {
    let data = json!({
        "key": "acme/shop#7", "title": "Total <b> & more", "url": "https://github.com/acme/shop/issues/7",
        "link": "https://testbell.example/i/7", "status": "open", "labels": ["bug", "ui"], "priority": null,
        "assignee": "octocat", "changed": ["title", "labels"],
    });
    let message = render("issue.updated", data);
    assert_eq!(message["text"], "Issue updated: acme/shop#7 Total &lt;b&gt; &amp; more (open)");
    let shown = shown(&message);
    for part in [
        "Issue updated",
        "*<https://testbell.example/i/7|acme/shop#7 Total &lt;b&gt; &amp; more>*",
        "*Changed*\ntitle, labels",
        "*Labels*\nbug, ui",
        "By Ada · Web &amp; shop · <!date^1767607200^{date_short_pretty} at {time}|2026-01-05 10:00 UTC>",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains("Priority"));
    assert_eq!(buttons(&message), ["https://testbell.example/i/7", "https://github.com/acme/shop/issues/7"]);
    assert!(message.get("attachments").is_none());
}

#[test]
fn a_deleted_item_has_no_link() {
    for event in ["issue.deleted", "case.deleted", "test_run.deleted", "session.deleted"] {
        let message =
            render(event, json!({"key": "K-1", "title": "T", "name": "T", "link": "https://testbell.example/1"}));
        assert!(buttons(&message).is_empty(), "{event}");
        assert!(shown(&message).contains("*K-1 T*"), "{event}");
    }
}

#[test]
fn a_run_has_the_color_of_its_outcome() {
    for (counts, color, words) in [
        (json!({"passed": 12}), "#1a7f37", "12 passed"),
        (json!({"passed": 12, "failed": 1, "untested": 3}), "#cf222e", "3 untested, 12 passed, 1 failed"),
        (json!({"passed": 1, "blocked": 1}), "#b58105", "1 passed, 1 blocked"),
        (json!({"passed": 1, "untested": 1}), "#6e7781", "1 untested, 1 passed"),
        (json!({}), "#6e7781", ""),
    ] {
        let message = render("test_run.completed", json!({"key": "WEB-R3", "name": "Nightly", "counts": counts}));
        assert_eq!(message["attachments"][0]["color"], color);
        let expected = if words.is_empty() { String::new() } else { format!(" ({words})") };
        assert_eq!(message["text"], format!("Test run completed: WEB-R3 Nightly{expected}"));
    }
}

#[test]
fn a_state_change_shows_both_states() {
    let message = render("session.state_changed", json!({"name": "S", "state": "in_progress", "previousState": "new"}));
    assert!(shown(&message).contains("*State*\nNew → In progress"), "{message}");
}

#[test]
fn a_result_has_its_case_comment_and_issues() {
    let data = json!({
        "key": "WEB-R3", "name": "Nightly", "counts": {"passed": 5, "failed": 1},
        "result": {
            "status": "passed", "case": {"key": "WEB-C1", "title": "Log in"}, "comment": "one\n<two>",
            "elapsedSeconds": 125, "issues": [
                {"key": "a#1", "title": "One", "url": "https://github.com/a/issues/1"}, {"title": "Here", "url": null},
            ],
        },
    });
    let message = render("test_run.result_added", data);
    assert_eq!(message["text"], "Test run result added: WEB-R3 Nightly (passed)");
    // The color of the result, not of the run.
    assert_eq!(message["attachments"][0]["color"], "#1a7f37");
    let shown = shown(&message);
    for part in [
        "*Passed* · WEB-C1 Log in · 2 min 5 s",
        "> one\n> &lt;two&gt;",
        "• <https://github.com/a/issues/1|a#1 One>\n• Here",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_test_and_an_unknown_event_are_named() {
    for (event, data, text) in [
        (TEST_EVENT, json!({"title": "x"}), "Test from Testbell"),
        ("milestone.reached", json!({"title": "x"}), "milestone.reached: x"),
        ("", Value::Null, "Event"),
    ] {
        let message = render(event, data);
        assert_eq!(message["text"], text);
        is_within_limits(&message);
    }
    is_within_limits(&serde_json::from_str(&message(b"no JSON")).unwrap());
}

#[test]
fn only_pages_of_the_web_are_linked() {
    for address in ["javascript:alert(1)", "slack://open", "no address", ""] {
        let message = render("issue.created", json!({"title": "T", "url": address, "link": address}));
        assert!(buttons(&message).is_empty() && !shown(&message).contains(&format!("<{address}|")), "{address}");
    }
}

#[test]
fn the_longest_address_still_fits() {
    let address = format!("https://x.example/?{}", "&".repeat(2900));
    let message = render("issue.created", json!({"title": "T".repeat(400), "url": address, "link": address}));
    is_within_limits(&message);
    assert_eq!(buttons(&message).len(), 2);
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[&<>|`*_@!\n ]{0,200}", ".{0,3}".prop_map(|text| text.repeat(1100))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_text_stays_within_limits_and_mentions_nobody(
        a in texts(), b in texts(), list in prop::collection::vec(texts(), 0..30), count in any::<u64>(),
    ) {
        let issues: Vec<_> = list.iter().map(|text| json!({"key": a, "title": text, "url": "https://x.example/1"})).collect();
        let data = json!({
            "key": a, "title": b, "name": b, "description": a, "charter": a, "status": b, "priority": a, "type": a,
            "assignee": b, "labels": list, "changed": list, "link": "https://testbell.example/1", "url": a,
            "state": b, "previousState": a, "total": count, "timeBoxMinutes": count,
            "counts": {"passed": count, "failed": count, "blocked": count, "retest": 1, "skipped": 1, "untested": 1},
            "duplicatedFrom": {"key": a, "name": b},
            "result": {"status": "failed", "case": {"key": a, "title": b}, "comment": a, "elapsedSeconds": count, "issues": issues},
        });
        for event in EventType::ALL {
            let message = render(event.as_str(), data.clone());
            is_within_limits(&message);
            let all = message.to_string();
            prop_assert!(!all.contains("<@") && !all.contains("<!c") && !all.contains("<!h") && !all.contains("<#"));
        }
    }
}
