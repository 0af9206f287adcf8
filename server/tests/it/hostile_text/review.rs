//! A review of a case, and changes in its history. The parts of their differences are the same whatever the text is.

use serde_json::{Value, json};

use crate::support::api::Api;

/// A review that changes the title, the labels, the priority and the steps of the case.
pub fn new(text: &str, long: &str, word: &str, case: &Value) -> Value {
    let proposal = json!({
        "title": format!("{text} {text}"), "preconditions": long, "labels": [word, format!("{word}2")], "priority": "high",
        "steps": [{"action": long, "expected": long}, {"action": long, "expected": text}],
    });
    json!({"title": text, "description": long, "caseId": case["id"], "proposal": proposal})
}

/// Changes the title of the case, and changes it back.
pub async fn add_history(api: &Api, case: &Value, text: &str) {
    let path = format!("/cases/{}", case["id"].as_str().unwrap());
    for title in [format!("{text} {text}"), text.to_owned()] {
        let changed = api.patch(&path, &json!({"title": title})).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    }
}
