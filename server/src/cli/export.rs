//! `testbell export`: writes the outbound webhooks of projects as the YAML file that `testbell apply` reads.
//! Testbell doesn't show credentials, so each becomes a reference to an environment variable.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use app::error::Error;
use clap::Args;
use serde_json::{Map, Value, json};

use super::api::ServerOptions;
use super::apply::outbound;
use super::apply::plan::{Stored, is_known, is_shared};
use crate::destinations::REDACTED;
use crate::start::StartError;

/// What to export.
#[derive(Args)]
pub struct Command {
    /// ID or key of a project. Can be repeated. Default: all projects that the token can access.
    #[arg(long)]
    project: Vec<String>,
    /// File to write. Default: the standard output.
    #[arg(long, short)]
    output: Option<PathBuf>,
    #[command(flatten)]
    server: ServerOptions,
}

/// Writes the file.
pub async fn run(command: Command) -> Result<(), StartError> {
    let client = command.server.client()?;
    let mut selected = Vec::new();
    for name in &command.project {
        selected.push(client.find_project(name).await?);
    }
    if command.project.is_empty() {
        selected = client.projects().all().await?;
    }
    let mut projects = BTreeMap::new();
    for project in &selected {
        let stored = outbound(&client, &project.id).await?;
        let own = stored.iter().filter(|webhook| !is_shared(webhook));
        let webhooks: Vec<_> = own.map(|webhook| entry(&project.key, webhook)).collect();
        projects.insert(project.key.clone(), json!({"webhooks": webhooks}));
    }
    let yaml = serde_saphyr::to_string(&json!({"projects": projects}))
        .map_err(|error| StartError::Refused(Error::invalid(error.to_string())))?;
    match command.output {
        Some(path) => fs::write(&path, yaml).map_err(|source| StartError::File { path, source }),
        None => {
            print!("{yaml}");
            Ok(())
        }
    }
}

/// A webhook as the file describes it.
fn entry(project: &str, webhook: &Stored) -> Value {
    let has_value = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let fields = webhook.iter().filter(|(field, value)| (is_known(field) || *field == "active") && has_value(value));
    let mut entry: Map<String, Value> = fields.map(|(field, value)| (field.clone(), value.clone())).collect();
    let name = webhook.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    for value in entry.values_mut() {
        escape_variables(value);
    }
    if entry.get("url").and_then(Value::as_str).is_some_and(|url| url.contains(REDACTED)) {
        entry.insert("url".to_owned(), Value::from(variable(&[project, &name, "url"])));
    }
    for header in entry.get_mut("customHeaders").and_then(Value::as_array_mut).into_iter().flatten() {
        let header_name = header["name"].as_str().unwrap_or_default().to_owned();
        header["value"] = Value::from(variable(&[project, &name, &header_name]));
    }
    Value::Object(entry)
}

/// A reference to an environment variable, e.g. `${WEB_CI_TRIGGER_URL}`.
fn variable(parts: &[&str]) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("${{{}}}", parts.join("_").chars().map(plain).collect::<String>())
}

/// So that `apply` reads a `$` as it is.
fn escape_variables(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(escape_variables),
        Value::Object(fields) => fields.values_mut().for_each(escape_variables),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_variables_and_the_state_is_left_out() {
        let Value::Object(webhook) = json!({
            "id": "whk_1", "name": "CI $trigger", "url": "https://ci.example.com?key=••••", "kind": "generic",
            "health": "healthy", "events": ["issue.*"], "customHeaders": [{"name": "X-Key"}], "active": true,
            "pausedUntil": null, "secrets": [], "createdAt": "2026-01-05T10:00:00Z",
        }) else {
            unreachable!()
        };
        let expected = json!({
            "name": "CI $$trigger", "url": "${WEB_CI__TRIGGER_URL}", "kind": "generic", "events": ["issue.*"],
            "customHeaders": [{"name": "X-Key", "value": "${WEB_CI__TRIGGER_X_KEY}"}], "active": true,
        });
        assert_eq!(entry("WEB", &webhook), expected);
    }
}
