//! Validates the fields of an issue and sets them on its row.

use app::error::{Checks, Result};
use app::model::issue::{CreateIssue, StatusKind, UpdateIssue};
use app::model::text::Title;
use url::Url;

use crate::service::text;

use crate::entity::issue;
use crate::entity::json::Strings;

/// The maximum length of a status, priority, type, label, assignee or key in characters.
const MAX_WORD_CHARS: usize = 100;
/// The most labels.
const MAX_LABELS: usize = 50;
/// The maximum length of a URL in characters.
const MAX_URL_CHARS: usize = 2048;

/// The fields of a new issue as a change.
#[must_use]
pub fn for_new(new: CreateIssue) -> UpdateIssue {
    UpdateIssue {
        title: Some(new.title),
        description: Some(new.description),
        status: new.status,
        status_kind: new.status_kind,
        priority: new.priority,
        issue_type: new.issue_type,
        labels: Some(new.labels),
        assignee: new.assignee,
        key: new.key,
        url: new.url,
    }
}

/// Sets the fields of `change` on `row`. An empty text clears an optional field.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) with all invalid fields; `row` must then be
/// dropped.
pub fn set(row: &mut issue::Model, change: UpdateIssue) -> Result<()> {
    let mut checks = Checks::default();
    checks.set("title", &mut row.title, change.title.map(|title| title.parse().map(Title::into_string)));
    checks.set("description", &mut row.description, change.description.map(text::long));
    if let Some(kind) = change.status_kind {
        // The default status label follows the kind of status.
        if change.status.is_none() && row.status == row.status_kind.as_str() {
            row.status = kind.as_str().to_owned();
        }
        row.status_kind = kind;
    }
    if let Some(status) = change.status.and_then(|status| checks.take("status", word(&status))) {
        row.status = status.unwrap_or_else(|| row.status_kind.as_str().to_owned());
    }
    let words = [
        ("priority", change.priority, &mut row.priority),
        ("type", change.issue_type, &mut row.issue_type),
        ("assignee", change.assignee, &mut row.assignee),
        ("key", change.key, &mut row.key),
    ];
    for (field, text, target) in words {
        checks.set(field, target, text.map(|text| word(&text)));
    }
    checks.set("labels", &mut row.labels, change.labels.map(|labels| labels_of(&labels).map(Strings)));
    checks.set("url", &mut row.url, change.url.map(|url| address(&url)));
    checks.finish()
}

/// The default status label.
#[must_use]
pub fn default_status(kind: Option<StatusKind>) -> (StatusKind, String) {
    let kind = kind.unwrap_or(StatusKind::Open);
    (kind, kind.as_str().to_owned())
}

fn word(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    if text.chars().count() > MAX_WORD_CHARS {
        return Err("Use at most 100 characters.");
    }
    if text.chars().any(char::is_control) {
        return Err("Use one line of text without control characters.");
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Labels as they are stored: trimmed, without duplicates and empty ones.
///
/// # Errors
/// A message for the user.
pub fn labels_of(labels: &[String]) -> Result<Vec<String>, &'static str> {
    let mut words: Vec<String> = Vec::new();
    for label in labels {
        match word(label)? {
            Some(label) if !words.contains(&label) => words.push(label),
            _ => {}
        }
        if words.len() > MAX_LABELS {
            return Err("Use at most 50 labels.");
        }
    }
    Ok(words)
}

/// The URL of a page on the web; `None` for an empty text.
///
/// # Errors
/// A message for the user.
pub fn address(text: &str) -> Result<Option<String>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > MAX_URL_CHARS {
        return Err("Use at most 2,048 characters.");
    }
    // The parser corrects them, but the text is stored as entered.
    if text.contains(char::is_control) {
        return Err("Use one line of text without control characters.");
    }
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text.to_owned())),
        _ => Err("Enter a URL that starts with https:// or http://."),
    }
}
