//! The subject of an event in one line: `#12 Card payment fails`. It is stored with each delivery,
//! because the item may be renamed or deleted later.

use app::model::catalog::CUSTOM_PREFIX;
use app::model::issue::short_key;
use serde_json::Value;

/// The maximum length of an ordering key in bytes. Senders of custom events choose theirs.
const MAX_ORDERING_KEY_BYTES: usize = 200;

/// The subject of an event of a type, from its `data`; `None` if the data names nothing. A custom event has only a title.
#[must_use]
pub fn event_subject(event_type: &str, data: &Value) -> Option<String> {
    let text = |name: &str| data[name].as_str();
    if event_type.starts_with(CUSTOM_PREFIX) {
        return text("title").map(str::to_owned);
    }
    subject_line(text("key"), text("title").or_else(|| text("name")))
}

/// The subject whose events a webhook can send in order. All events of a run, an issue, … have its ID.
#[must_use]
pub fn ordering_key(data: &Value) -> Option<String> {
    data["id"].as_str().filter(|id| id.len() <= MAX_ORDERING_KEY_BYTES).map(str::to_owned)
}

/// The subject of an issue.
#[must_use]
pub fn subject_line(key: Option<&str>, title: Option<&str>) -> Option<String> {
    let key = key.map(short_key);
    // A synced issue without a title has its key as its title.
    let title = title.filter(|title| key != Some(short_key(title)));
    match (key, title) {
        (Some(key), Some(title)) => Some(format!("{key} {title}")),
        (key, title) => key.or(title).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use app::model::catalog::EventType;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_event_of_the_catalog_has_a_subject() {
        for event in EventType::ALL {
            let sample = serde_json::to_value(event.sample()).unwrap();
            let subject = event_subject(event.as_str(), &sample["data"]).unwrap();
            assert!(subject.contains(' ') && !subject.contains('/'), "{event:?}: {subject}");
        }
    }

    #[test]
    fn a_subject_is_the_short_key_and_the_title() {
        let data = json!({"key": "acme/shop#12", "title": "Card payment fails"});
        let subject = |data: &Value| event_subject("issue.created", data);
        assert_eq!(subject(&data).as_deref(), Some("#12 Card payment fails"));
        assert_eq!(subject(&json!({"title": "Made here", "key": null})).as_deref(), Some("Made here"));
        assert_eq!(subject(&json!({"key": "DEMO-2", "title": "DEMO-2"})).as_deref(), Some("DEMO-2"));
        assert_eq!(subject(&json!({})), None);
    }

    #[test]
    fn a_custom_event_has_only_a_title() {
        let custom = "custom.deploy_finished";
        assert_eq!(event_subject(custom, &json!({"key": "a/b#1", "title": "Done"})).as_deref(), Some("Done"));
        assert_eq!(event_subject(custom, &json!({"name": "x", "title": 5})), None);
        assert_eq!(ordering_key(&json!({"id": "x".repeat(201)})), None);
    }
}
