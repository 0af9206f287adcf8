//! The file: the outbound webhooks of projects, with the fields of the REST API.
//!
//! ```yaml
//! projects:
//!   WEB:
//!     webhooks:
//!       - name: CI trigger
//!         url: https://ci.example.com/hook?key=${CI_KEY}
//!         events: [test_run.completed]
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a file can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is not YAML, or has another shape.
    #[error("{0}")]
    Shape(String),
    /// A webhook has no name.
    #[error("a webhook of {project} has no name: give each one a name")]
    #[allow(missing_docs)]
    Unnamed { project: String },
    /// Two webhooks have the same name.
    #[error("{project} has two webhooks with the name {name}: names identify webhooks")]
    #[allow(missing_docs)]
    Repeated { project: String, name: String },
    /// A field of `apply` has a value of another type.
    #[error("{field} of {name} must be {expected}")]
    #[allow(missing_docs)]
    Type { name: String, field: &'static str, expected: &'static str },
    /// An environment variable is not set.
    #[error("{name} refers to the environment variable {variable}, which is not set")]
    #[allow(missing_docs)]
    Variable { name: String, variable: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    projects: BTreeMap<String, ProjectEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectEntry {
    webhooks: Vec<Map<String, Value>>,
}

/// A webhook as the file describes it.
#[derive(Debug, PartialEq)]
pub struct Entry {
    /// Its name, which identifies it within its project.
    pub name: String,
    /// Whether it is active; `None` if the file doesn't say.
    pub active: Option<bool>,
    /// The signing secret.
    pub secret: Option<String>,
    /// The other fields, as the REST API names them, with the name.
    pub fields: Map<String, Value>,
}

/// The webhooks by the key or ID of their project. `variable` returns the value of an environment variable.
///
/// # Errors
/// See [`FileError`].
pub fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<BTreeMap<String, Vec<Entry>>, FileError> {
    let file: File = serde_saphyr::from_str(text).map_err(|error| FileError::Shape(error.to_string()))?;
    let entries_of = |(project, entry): (String, ProjectEntry)| {
        let mut entries: Vec<Entry> = Vec::new();
        for fields in entry.webhooks {
            let entry = read(&project, fields, &variable)?;
            if entries.iter().any(|other| other.name == entry.name) {
                return Err(FileError::Repeated { project, name: entry.name });
            }
            entries.push(entry);
        }
        Ok((project, entries))
    };
    file.projects.into_iter().map(entries_of).collect()
}

fn read(
    project: &str,
    mut fields: Map<String, Value>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Entry, FileError> {
    let name = fields.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    let name = name.map(str::to_owned).ok_or_else(|| FileError::Unnamed { project: project.to_owned() })?;
    for value in fields.values_mut() {
        replace_variables(value, variable).map_err(|variable| FileError::Variable { name: name.clone(), variable })?;
    }
    fields.insert("name".to_owned(), Value::from(name.clone()));
    let mistyped = |field, expected| FileError::Type { name: name.clone(), field, expected };
    let active =
        fields.remove("active").map(|active| active.as_bool().ok_or_else(|| mistyped("active", "true or false")));
    let secret = fields.remove("secret").map(|secret| match secret {
        Value::String(secret) => Ok(secret),
        _ => Err(mistyped("secret", "text")),
    });
    Ok(Entry { active: active.transpose()?, secret: secret.transpose()?, name, fields })
}

/// Replaces `${NAME}` in all texts, and `$$` by `$`. The error is the name of a variable that is not set.
fn replace_variables(value: &mut Value, variable: &impl Fn(&str) -> Option<String>) -> Result<(), String> {
    match value {
        Value::String(text) => *text = with_variables(text, variable)?,
        Value::Array(items) => items.iter_mut().try_for_each(|item| replace_variables(item, variable))?,
        Value::Object(fields) => fields.values_mut().try_for_each(|field| replace_variables(field, variable))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn with_variables(text: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let (mut done, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        done.push_str(before);
        let name = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        (rest, _) = match (after.strip_prefix('$'), name) {
            (Some(after), _) => (after, done.push('$')),
            (None, Some((name, after))) => {
                let value = variable(name).ok_or_else(|| name.to_owned())?;
                (after, done.push_str(&value))
            }
            (None, None) => (after, done.push('$')),
        };
    }
    done.push_str(rest);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(webhook: &str) -> Result<Entry, FileError> {
        let text = format!("projects:\n  WEB:\n    webhooks:\n      - {webhook}\n");
        let variable = |name: &str| (name == "KEY").then(|| "s3cret".to_owned());
        parse(&text, variable).map(|mut all| all.remove("WEB").unwrap().remove(0))
    }

    #[test]
    fn a_webhook_has_the_fields_of_the_rest_api() {
        let entry =
            parsed(r#"{name: CI, url: "https://a.example", active: false, secret: abc, policy: {timeoutSeconds: 5}}"#);
        let fields = json!({"name": "CI", "url": "https://a.example", "policy": {"timeoutSeconds": 5}});
        let Value::Object(fields) = fields else { unreachable!() };
        let expected = Entry { name: "CI".to_owned(), active: Some(false), secret: Some("abc".to_owned()), fields };
        assert_eq!(entry, Ok(expected));
    }

    #[test]
    fn variables_are_replaced_in_all_texts() {
        let entry = parsed(
            r#"{name: CI, url: "https://a.example?k=${KEY}&m=$$5$", customHeaders: [{name: a, value: "${KEY}"}]}"#,
        );
        let fields = entry.unwrap().fields;
        assert_eq!(fields["url"], "https://a.example?k=s3cret&m=$5$");
        assert_eq!(fields["customHeaders"][0]["value"], "s3cret");
        let missing = FileError::Variable { name: "CI".to_owned(), variable: "OTHER".to_owned() };
        assert_eq!(parsed(r#"{name: CI, url: "${OTHER}"}"#), Err(missing));
    }

    #[test]
    fn names_identify_webhooks() {
        assert_eq!(parsed("{url: x}"), Err(FileError::Unnamed { project: "WEB".to_owned() }));
        let text = "projects: {WEB: {webhooks: [{name: A}, {name: A}]}}";
        let repeated = FileError::Repeated { project: "WEB".to_owned(), name: "A".to_owned() };
        assert_eq!(parse(text, |_| None), Err(repeated));
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        for text in [
            "",
            "- 1",
            "projects: [",
            "webhooks: []",
            "projects: {WEB: {hooks: []}}",
            "projects: {WEB: {webhooks: [7]}}",
        ] {
            assert!(matches!(parse(text, |_| None), Err(FileError::Shape(_))), "{text}");
        }
        assert!(matches!(parsed("{name: A, active: maybe}"), Err(FileError::Type { .. })));
    }
}
