//! Compares the webhooks of a file with those of a project.

use std::collections::BTreeSet;

use app::model::body_template::BodyTemplate;
use app::model::condition::Conditions;
use app::model::destination::DestinationKind;
use app::model::webhook::CreateWebhook;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

use super::file::Entry;
use crate::destinations::{REDACTED, implementation};

/// A webhook as the REST API returns it.
pub type Stored = Map<String, Value>;

/// What a plan may do besides creating and changing webhooks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Delete webhooks that the file doesn't name.
    pub prune: bool,
    /// Send secrets again that can't be compared.
    pub resend_secrets: bool,
}

/// Why there is no plan.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A field that webhooks don't have.
    #[error("{name} has an unknown field: {field}")]
    #[allow(missing_docs)]
    UnknownField { name: String, field: String },
    /// The stored webhook has other projects, too.
    #[error("{name} sends the events of several projects: change it in the browser, and remove it from the file")]
    #[allow(missing_docs)]
    Shared { name: String },
    /// Several stored webhooks have the name.
    #[error("the project has several webhooks with the name {name}: rename all but one of them first")]
    #[allow(missing_docs)]
    Ambiguous { name: String },
}

/// One webhook of a plan.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// Create it.
    Create {
        /// The body of the request.
        body: Value,
    },
    /// Change it.
    Change {
        /// Its ID.
        id: String,
        /// The requests, in order.
        calls: Vec<Call>,
        /// What changes, in words.
        summary: Vec<String>,
    },
    /// Delete it.
    Delete {
        /// Its ID.
        id: String,
    },
}

/// A request that changes a webhook, below its path.
#[derive(Debug, PartialEq)]
pub enum Call {
    /// Changes fields.
    Patch(Value),
    /// Posts to one of its actions.
    Post(&'static str, Value),
}

/// The plan for a project.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// What to do, each with the name of the webhook.
    pub steps: Vec<(String, Step)>,
    /// Webhooks that are as the file says.
    pub unchanged: usize,
    /// Webhooks that the file doesn't name, and that stay.
    pub kept: Vec<String>,
}

/// Plans how `stored` becomes what the file says.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(entries: &[Entry], stored: &[Stored], options: Options) -> Result<Plan, PlanError> {
    let mut plan = Plan::default();
    for entry in entries {
        let mut named = stored.iter().filter(|webhook| text(webhook, "name") == entry.name);
        match (named.next(), named.next()) {
            (Some(_), Some(_)) => return Err(PlanError::Ambiguous { name: entry.name.clone() }),
            (Some(webhook), None) if is_shared(webhook) => {
                return Err(PlanError::Shared { name: entry.name.clone() });
            }
            (Some(webhook), None) => match change(entry, webhook, options.resend_secrets)? {
                Some(step) => plan.steps.push((entry.name.clone(), step)),
                None => plan.unchanged += 1,
            },
            (None, _) => plan.steps.push((entry.name.clone(), create(entry)?)),
        }
    }
    for webhook in stored {
        let name = text(webhook, "name");
        if is_shared(webhook) || entries.iter().any(|entry| entry.name == name) {
            continue;
        }
        if options.prune {
            plan.steps.push((name.to_owned(), Step::Delete { id: text(webhook, "id").to_owned() }));
        } else {
            plan.kept.push(name.to_owned());
        }
    }
    Ok(plan)
}

/// Whether a webhook sends the events of several projects. A file describes those of one.
pub fn is_shared(webhook: &Stored) -> bool {
    webhook.get("scope").is_some_and(|scope| scope["kind"] != "project")
}

/// Whether a file can have a field: those of a new webhook, except the secret, which is not compared.
pub fn is_known(field: &str) -> bool {
    let is_creatable = match CreateWebhook::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.contains_key(field),
        _ => false,
    };
    is_creatable && field != SCOPE
}

/// The file itself says which project a webhook has.
const SCOPE: &str = "scope";

fn create(entry: &Entry) -> Result<Step, PlanError> {
    require_known(entry)?;
    let mut body = entry.fields.clone();
    // From the start, so that it sends nothing before it is deactivated.
    if let Some(active) = entry.active {
        body.insert("active".to_owned(), Value::from(active));
    }
    if let Some(secret) = &entry.secret {
        body.insert("secret".to_owned(), Value::from(secret.clone()));
    }
    Ok(Step::Create { body: Value::Object(body) })
}

fn require_known(entry: &Entry) -> Result<(), PlanError> {
    match entry.fields.keys().find(|field| !is_known(field)) {
        Some(field) => Err(PlanError::UnknownField { name: entry.name.clone(), field: field.clone() }),
        None => Ok(()),
    }
}

/// How a stored webhook becomes what the file says; `None` if it is.
///
/// # Errors
/// [`PlanError::UnknownField`].
pub fn change(entry: &Entry, stored: &Stored, resend_secrets: bool) -> Result<Option<Step>, PlanError> {
    require_known(entry)?;
    let (mut calls, mut patch, mut summary) = (Vec::new(), Map::new(), Vec::new());
    if let Some(call) = destination(entry, stored, resend_secrets, &mut summary) {
        calls.push(call);
    }
    for (field, wanted) in &entry.fields {
        let current = stored.get(field).unwrap_or(&Value::Null);
        let differs = match field.as_str() {
            "name" | "url" | "kind" => false,
            "events" => differing_events(current, wanted, &mut summary),
            "customHeaders" => differing_headers(current, wanted, resend_secrets, &mut summary),
            "signing" => {
                if differing(field, current, wanted, &mut summary) {
                    calls.push(Call::Post("signing", json!({"signing": wanted, "secret": entry.secret})));
                }
                false
            }
            "conditions" => differing(field, current, &complete::<Conditions>(wanted), &mut summary),
            "bodyTemplate" if wanted["text"] == "" => differing(field, current, &Value::Null, &mut summary),
            "bodyTemplate" => differing(field, current, &complete::<BodyTemplate>(wanted), &mut summary),
            _ => differing(field, current, wanted, &mut summary),
        };
        if differs {
            patch.insert(field.clone(), wanted.clone());
        }
    }
    if !patch.is_empty() {
        calls.push(Call::Patch(Value::Object(patch)));
    }
    let changes_signing = calls.iter().any(|call| matches!(call, Call::Post("signing", _)));
    if let Some(secret) = entry.secret.as_ref().filter(|_| resend_secrets && !changes_signing) {
        summary.push("secret: sent again".to_owned());
        calls.push(Call::Post("rotate", json!({"secret": secret})));
    }
    if let Some(active) = entry.active.filter(|active| stored.get("active") != Some(&Value::Bool(*active))) {
        let action = if active { "activate" } else { "deactivate" };
        summary.push(format!("active: {} -> {active}", !active));
        calls.push(Call::Post(action, json!({})));
    }
    let id = text(stored, "id").to_owned();
    Ok((!calls.is_empty()).then_some(Step::Change { id, calls, summary }))
}

/// A new URL or kind. Credentials in a URL are not shown, so they are not compared.
fn destination(entry: &Entry, stored: &Stored, resend: bool, summary: &mut Vec<String>) -> Option<Call> {
    let url = entry.fields.get("url").and_then(Value::as_str)?;
    let kind = entry.fields.get("kind").and_then(Value::as_str);
    let stored_kind = text(stored, "kind").parse::<DestinationKind>().ok()?;
    let redacted = url.parse::<Url>().map_or_else(|_| url.to_owned(), |url| implementation(stored_kind).redact(&url));
    let current = text(stored, "url");
    let is_new_kind = kind.is_some_and(|kind| kind != stored_kind.as_str());
    if redacted != current {
        summary.push(format!("url: {current} -> {redacted}"));
    } else if is_new_kind {
        summary.push(format!("kind: {stored_kind} -> {}", kind.unwrap_or_default()));
    } else if resend && redacted.contains(REDACTED) {
        summary.push("url: sent again".to_owned());
    } else {
        return None;
    }
    let mut body = json!({"url": url});
    for field in ["kind", "allowInsecure"] {
        if let Some(value) = entry.fields.get(field) {
            body[field] = value.clone();
        }
    }
    Some(Call::Post("destination", body))
}

fn differing_events(current: &Value, wanted: &Value, summary: &mut Vec<String>) -> bool {
    let names = |events: &Value| -> BTreeSet<String> {
        events.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (current, wanted) = (names(current), names(wanted));
    let added = wanted.difference(&current).map(|event| format!("+{event}"));
    let removed = current.difference(&wanted).map(|event| format!("-{event}"));
    let changes: Vec<String> = added.chain(removed).collect();
    if !changes.is_empty() {
        summary.push(format!("events: {}", changes.join(" ")));
    }
    !changes.is_empty()
}

/// Values are not shown, so only names are compared.
fn differing_headers(current: &Value, wanted: &Value, resend: bool, summary: &mut Vec<String>) -> bool {
    let names = |headers: &Value| -> BTreeSet<String> {
        let names = headers.as_array().into_iter().flatten().filter_map(|header| header["name"].as_str());
        names.map(str::to_ascii_lowercase).collect()
    };
    let (current, wanted) = (names(current), names(wanted));
    if current != wanted {
        let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
        summary.push(format!("customHeaders: [{}] -> [{}]", list(current), list(wanted)));
        return true;
    }
    if resend && !wanted.is_empty() {
        summary.push("customHeaders: sent again".to_owned());
        return true;
    }
    false
}

/// A value with the defaults of its absent fields, as it is stored. An invalid one is left to the server.
fn complete<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let read = serde_json::from_value::<T>(value.clone()).and_then(serde_json::to_value);
    read.unwrap_or_else(|_| value.clone())
}

/// Whether a value differs. Only the fields that the file has are compared.
fn differing(field: &str, current: &Value, wanted: &Value, summary: &mut Vec<String>) -> bool {
    match (current, wanted) {
        (Value::Object(current), Value::Object(wanted)) => {
            let compare = |(name, wanted): (&String, &Value)| {
                let current = current.get(name).unwrap_or(&Value::Null);
                differing(&format!("{field}.{name}"), current, wanted, summary)
            };
            // All of them, for the summary.
            let differing = wanted.iter().map(compare).filter(|differs| *differs).count();
            differing > 0
        }
        (current, wanted) if current == wanted => false,
        (current, wanted) => {
            summary.push(format!("{field}: {current} -> {wanted}"));
            true
        }
    }
}

fn text<'a>(webhook: &'a Stored, field: &str) -> &'a str {
    webhook.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
