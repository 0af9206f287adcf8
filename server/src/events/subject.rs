//! The subject of an event in one line: `#12 Card payment fails`. It is stored with each delivery,
//! because the item may be renamed or deleted later.

use app::model::issue::short_key;
use serde_json::Value;

/// The subject of an event, from its `data`; `None` if the data names nothing.
#[must_use]
pub fn event_subject(data: &Value) -> Option<String> {
    let text = |name: &str| data[name].as_str();
    subject_line(text("key"), text("title").or_else(|| text("name")))
}

/// The subject whose events a webhook can send in order. All events of a run, an issue, … have its ID.
#[must_use]
pub fn ordering_key(data: &Value) -> Option<String> {
    data["id"].as_str().map(str::to_owned)
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
            let subject = event_subject(&sample["data"]).unwrap();
            assert!(subject.contains(' ') && !subject.contains('/'), "{event:?}: {subject}");
        }
    }

    #[test]
    fn a_subject_is_the_short_key_and_the_title() {
        let data = json!({"key": "acme/shop#12", "title": "Card payment fails"});
        assert_eq!(event_subject(&data).as_deref(), Some("#12 Card payment fails"));
        assert_eq!(event_subject(&json!({"title": "Made here", "key": null})).as_deref(), Some("Made here"));
        assert_eq!(event_subject(&json!({"key": "DEMO-2", "title": "DEMO-2"})).as_deref(), Some("DEMO-2"));
        assert_eq!(event_subject(&json!({})), None);
    }
}
