//! What an update changed, with the values before and after: no later read can recover them.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::truncate::cut_value;

/// A field that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    field: &'static str,
    from: Value,
    to: Value,
}

impl FieldChange {
    /// The change of a field, by its name in the API; `None` if the values are the same. Long texts
    /// are cut.
    pub fn between<T: PartialEq + Serialize>(field: &'static str, from: &T, to: &T) -> Option<Self> {
        (from != to).then(|| Self { field, from: cut_value(json!(from)), to: cut_value(json!(to)) })
    }

    /// The value before.
    #[must_use]
    pub const fn from(&self) -> &Value {
        &self.from
    }

    /// The value after.
    #[must_use]
    pub const fn to(&self) -> &Value {
        &self.to
    }

    /// Its name in the API.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

/// The changes by field, as events contain them.
#[must_use]
pub fn changes(changes: &[FieldChange]) -> Value {
    let values = changes.iter().map(|change| (change.field.to_owned(), json!({"from": change.from, "to": change.to})));
    Value::Object(values.collect::<Map<_, _>>())
}

/// The names of the changed fields.
#[must_use]
pub fn changed(changes: &[FieldChange]) -> Vec<&'static str> {
    changes.iter().map(FieldChange::field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_both_values() {
        assert_eq!(FieldChange::between("title", &"a", &"a"), None);
        let both = [
            FieldChange::between("title", &"a", &"b"),
            FieldChange::between("labels", &vec!["x"], &Vec::<&str>::new()),
        ];
        let both: Vec<_> = both.into_iter().flatten().collect();
        assert_eq!(changed(&both), ["title", "labels"]);
        let expected = json!({"title": {"from": "a", "to": "b"}, "labels": {"from": ["x"], "to": []}});
        assert_eq!(changes(&both), expected);
    }

    #[test]
    fn long_texts_are_cut() {
        let change = FieldChange::between("description", &String::new(), &"x".repeat(3_000)).unwrap();
        assert_eq!(change.to.as_str().map(|text| text.chars().count()), Some(2_000));
    }
}
