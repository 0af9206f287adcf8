//! The fields of all events by their paths, e.g. `data.counts.failed`, as conditions name them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::EventType;
use super::payload::schema::{object, text};

/// The paths of all fields that have no fields of their own.
#[must_use]
pub fn field_paths() -> Vec<String> {
    let mut paths = BTreeSet::new();
    for event in EventType::ALL {
        collect(&envelope_schema(*event), "", &mut paths);
    }
    paths.into_iter().collect()
}

/// Whether an event can have a field. Fields of unspecified values and of maps are known, whatever their name.
#[must_use]
pub fn is_known_field(path: &str) -> bool {
    let names: Vec<_> = path.split('.').collect();
    EventType::ALL.iter().any(|event| leads_to(&envelope_schema(*event), &names))
}

/// Whether a custom event can have a field that other events don't have: any below `data`.
#[must_use]
pub fn is_custom_field(path: &str) -> bool {
    path.strip_prefix("data.").is_some_and(|rest| rest.split('.').all(|name| !name.is_empty()))
}

fn envelope_schema(event: EventType) -> Value {
    let names = |names: &[&'static str]| object(names.iter().map(|name| (*name, text(""))).collect(), "");
    let mut envelope = names(&["id", "type", "timestamp"]);
    envelope["properties"]["project"] = names(&["id", "key", "name"]);
    envelope["properties"]["actor"] = names(&["id", "name"]);
    envelope["properties"]["data"] = event.data_schema();
    envelope
}

fn collect(schema: &Value, path: &str, paths: &mut BTreeSet<String>) {
    if let Some(items) = schema.get("items") {
        return collect(items, path, paths);
    }
    let Some(properties) = schema["properties"].as_object() else {
        paths.insert(path.to_owned());
        return;
    };
    for (name, schema) in properties {
        let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(schema, &inner, paths);
    }
}

fn leads_to(schema: &Value, names: &[&str]) -> bool {
    let Some((name, rest)) = names.split_first() else { return true };
    match (schema.get("items"), schema["properties"].get(name)) {
        (Some(items), _) => leads_to(items, names),
        (None, Some(schema)) => leads_to(schema, rest),
        (None, None) => match schema.get("additionalProperties") {
            Some(any) => leads_to(any, rest),
            None => *schema == json!({}),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_samples_are_known() {
        fn leaves(value: &Value, path: &str) -> Vec<String> {
            match value {
                Value::Object(fields) => {
                    let inner = |name: &String| if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    fields.iter().flat_map(|(name, value)| leaves(value, &inner(name))).collect()
                }
                Value::Array(items) => items.iter().flat_map(|item| leaves(item, path)).collect(),
                _ => vec![path.to_owned()],
            }
        }
        for event in EventType::ALL {
            for path in leaves(&serde_json::to_value(event.sample()).unwrap(), "") {
                assert!(is_known_field(&path), "{event}: {path}");
            }
        }
    }

    #[test]
    fn listed_fields_are_known_and_misspelt_ones_are_not() {
        let paths = field_paths();
        for path in ["data.counts.failed", "data.labels", "data.linked.runs.key", "actor.name", "type"] {
            assert!(paths.iter().any(|known| known == path), "{path}");
        }
        assert!(paths.iter().all(|path| is_known_field(path)));
        assert!(is_known_field("data.parameters.BROWSER") && !is_known_field("data.parameters.BROWSER.name"));
        assert!(is_known_field("data.changes.status.to") && is_known_field("data.changes.steps.to.action"));
        for path in ["", "data.counts.faild", "counts.failed", "data.labels.name", "data..id", "data."] {
            assert!(!is_known_field(path), "{path}");
        }
        assert!(is_custom_field("data.environment") && is_custom_field("data.build.number"));
        assert!(!["data", "data.", "data..id", "counts.failed"].into_iter().any(is_custom_field));
    }
}
