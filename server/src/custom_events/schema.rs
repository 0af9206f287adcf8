//! The JSON Schemas of custom events. Project admins write them, so they are bounded: a schema refers only to itself and
//! never in a circle, and its patterns take linear time. Nothing is ever fetched.

use std::collections::BTreeMap;

use app::custom_events::MAX_EVENT_SCHEMA_BYTES;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// The only draft.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// The maximum number of values in a schema, with those that each `$ref` leads to.
const MAX_SCHEMA_NODES: usize = 2_000;
/// The maximum number of regular expressions in a schema, with those that each `$ref` leads to.
const MAX_PATTERNS: usize = 50;
/// The maximum length of a regular expression in bytes.
const MAX_PATTERN_BYTES: usize = 500;
/// The maximum size of a compiled regular expression in bytes.
const MAX_REGEX_BYTES: usize = 256 * 1024;
/// The maximum number of violations that are reported.
const MAX_VIOLATIONS: usize = 10;
/// The maximum length of a path or a reason in characters.
const MAX_REASON_CHARS: usize = 200;
/// Keywords that refer to other schemas than by a `$ref`.
const REFUSED_KEYWORDS: [&str; 5] = ["$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$anchor", "$vocabulary"];

/// Checks a schema. It takes up to a second of work for a large one.
///
/// # Errors
/// A message for the user.
pub fn check(schema: &Value) -> Result<(), String> {
    let Some(fields) = schema.as_object() else {
        return Err("Enter a JSON object, e.g. {\"type\": \"object\"}.".to_owned());
    };
    if schema.to_string().len() > MAX_EVENT_SCHEMA_BYTES {
        return Err("Use at most 64 KiB.".to_owned());
    }
    let draft = fields.get("$schema").map(|draft| draft.as_str().map(|draft| draft.trim_end_matches('#')));
    if draft.is_some_and(|draft| draft != Some(DRAFT)) {
        return Err(format!("Use draft 2020-12: set $schema to {DRAFT}, or leave it out."));
    }
    SchemaWalk { root: schema, followed: Vec::new(), nodes: 0, patterns: 0 }.visit(schema, true)?;
    build(schema).map(drop)
}

/// How data violates a checked schema: the reasons by field, e.g. `data/environment`. At most [`MAX_VIOLATIONS`].
///
/// # Errors
/// A message for the user if the schema can't be used.
pub fn violations(schema: &str, data: &Value) -> Result<BTreeMap<String, String>, String> {
    let schema: Value = serde_json::from_str(schema).map_err(|error| error.to_string())?;
    let validator = build(&schema)?;
    let mut found = BTreeMap::<String, String>::new();
    for error in validator.iter_errors(data).take(MAX_VIOLATIONS) {
        let reason = format!("{}.", cut(&error.to_string()));
        found
            .entry(format!("data{}", cut(error.instance_path().as_str())))
            .and_modify(|reasons| {
                reasons.push(' ');
                reasons.push_str(&reason);
            })
            .or_insert(reason);
    }
    Ok(found)
}

fn build(schema: &Value) -> Result<Validator, String> {
    let patterns = PatternOptions::regex().size_limit(MAX_REGEX_BYTES).dfa_size_limit(MAX_REGEX_BYTES);
    let options = jsonschema::options().with_draft(Draft::Draft202012).with_pattern_options(patterns).offline();
    options.build(schema).map_err(|error| {
        let path = cut(error.instance_path().as_str());
        let place = if path.is_empty() { String::new() } else { format!(" at {path}") };
        format!("This is not a valid JSON Schema{place}: {}.", cut(&error.to_string()))
    })
}

/// At most [`MAX_REASON_CHARS`], with an ellipsis if it was cut.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_REASON_CHARS) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MAX_REASON_CHARS - 1).chain(['…']).collect(),
    }
}

/// Visits all values of a schema, and what each `$ref` leads to. It doesn't tell keywords from the names of properties or
/// from constants: it may count too much, never too little.
struct SchemaWalk<'a> {
    root: &'a Value,
    /// The pointers that lead to the current value.
    followed: Vec<&'a str>,
    nodes: usize,
    patterns: usize,
}

impl<'a> SchemaWalk<'a> {
    fn visit(&mut self, value: &'a Value, is_root: bool) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MAX_SCHEMA_NODES {
            return Err(format!("Use at most {MAX_SCHEMA_NODES} values, with those that each $ref leads to."));
        }
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.visit(item, false)),
            Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                match (name.as_str(), field) {
                    ("$ref", Value::String(target)) => self.follow(target)?,
                    ("$id", Value::String(_)) if !is_root => {
                        return Err("Use $id only for the whole schema.".to_owned());
                    }
                    (name, Value::String(_)) if REFUSED_KEYWORDS.contains(&name) => {
                        return Err(format!("Leave out {name}. Use $ref with $defs."));
                    }
                    ("pattern", Value::String(pattern)) => self.count_pattern(pattern)?,
                    ("patternProperties", Value::Object(patterns)) => {
                        patterns.keys().try_for_each(|pattern| self.count_pattern(pattern))?;
                    }
                    _ => {}
                }
                self.visit(field, false)
            }),
            _ => Ok(()),
        }
    }

    fn follow(&mut self, target: &'a str) -> Result<(), String> {
        let pointer = target.strip_prefix('#').filter(|pointer| !pointer.contains('%'));
        let Some(pointer) = pointer.filter(|pointer| pointer.is_empty() || pointer.starts_with('/')) else {
            let shown = cut(target);
            return Err(format!("The $ref {shown} leads elsewhere. Refer to a part of the schema, e.g. #/$defs/name."));
        };
        let Some(found) = self.root.pointer(pointer) else {
            return Err(format!("The $ref {} leads to nothing.", cut(target)));
        };
        if self.followed.contains(&pointer) {
            return Err(format!("The $ref {} leads back to itself.", cut(target)));
        }
        self.followed.push(pointer);
        self.visit(found, false)?;
        self.followed.pop();
        Ok(())
    }

    fn count_pattern(&mut self, pattern: &str) -> Result<(), String> {
        self.patterns += 1;
        if self.patterns > MAX_PATTERNS || pattern.len() > MAX_PATTERN_BYTES {
            return Err(format!("Use at most {MAX_PATTERNS} patterns, each of at most {MAX_PATTERN_BYTES} bytes."));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(schema: &Value) -> String {
        check(schema).unwrap_err()
    }

    #[test]
    fn schemas_with_parts_of_their_own_are_accepted() {
        let schema = json!({
            "$schema": DRAFT,
            "$id": "https://example.com/deploy.json",
            "type": "object",
            "required": ["environment"],
            "properties": {
                "environment": {"enum": ["staging", "production"]},
                "release": {"$ref": "#/$defs/release"},
                "pattern": {"type": "string"},
            },
            "$defs": {"release": {"type": "string", "pattern": "^[0-9.]+$"}},
        });
        assert_eq!(check(&schema), Ok(()));
        let found = violations(&schema.to_string(), &json!({"environment": "moon", "release": "x"})).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["data/environment", "data/release"]);
        assert!(
            violations(&schema.to_string(), &json!({"environment": "staging", "release": "2.4"})).unwrap().is_empty()
        );
        let missing = violations(&schema.to_string(), &json!({})).unwrap();
        assert!(missing["data"].contains("environment"), "{missing:?}");
    }

    #[test]
    fn a_ref_leads_only_to_the_schema_itself() {
        for target in ["https://example.com/s.json", "other.json", "file:///etc/passwd", "#name", "#/%24defs/a"] {
            assert!(refusal(&json!({"$ref": target})).contains("leads elsewhere"), "{target}");
        }
        assert!(refusal(&json!({"$ref": "#/$defs/a"})).contains("leads to nothing"));
        assert!(refusal(&json!({"$ref": "#"})).contains("leads back to itself"));
        let circle = json!({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}});
        assert!(refusal(&circle).contains("leads back to itself"));
        assert!(refusal(&json!({"properties": {"a": {"$id": "https://example.com/"}}})).contains("$id"));
        assert!(refusal(&json!({"$dynamicRef": "#a"})).contains("$dynamicRef"));
    }

    #[test]
    fn the_work_of_a_schema_is_bounded() {
        let mut parts = serde_json::Map::new();
        for nth in 0..40 {
            let next = json!({"$ref": format!("#/$defs/p{}", nth + 1)});
            parts.insert(format!("p{nth}"), json!({"allOf": [next.clone(), next]}));
        }
        parts.insert("p40".to_owned(), json!({}));
        assert!(refusal(&json!({"$defs": parts})).contains("at most 2000 values"));
        assert!(refusal(&json!({"pattern": "x".repeat(501)})).contains("patterns"));
        assert!(refusal(&json!({"allOf": vec![json!({"pattern": "x"}); 51]})).contains("patterns"));
        assert!(refusal(&json!({"pattern": r"(\w{100}){100}{100}"})).contains("not a valid JSON Schema"));
        assert!(refusal(&json!({"description": "x".repeat(65_536)})).contains("64 KiB"));
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        assert!(refusal(&json!(true)).contains("JSON object"));
        assert!(refusal(&json!({"type": "spaceship"})).contains("not a valid JSON Schema at /type"));
        assert!(refusal(&json!({"$schema": "http://json-schema.org/draft-07/schema#"})).contains("2020-12"));
        assert!(refusal(&json!({"pattern": "("})).contains("not a valid JSON Schema"));
    }

    #[test]
    fn at_most_ten_violations_are_reported_and_cut() {
        let schema = json!({"items": false, "additionalProperties": {"type": "integer"}}).to_string();
        let data: serde_json::Map<_, _> = (0..50).map(|nth| (format!("f{nth}"), json!("x".repeat(1_000)))).collect();
        let found = violations(&schema, &Value::Object(data)).unwrap();
        assert_eq!(found.len(), MAX_VIOLATIONS);
        assert!(found.values().all(|reason| reason.chars().count() <= MAX_REASON_CHARS + 1), "{found:?}");
    }
}
