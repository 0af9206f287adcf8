//! What a tracker says of an issue, whoever it is. A field that it did not mention is `None` and
//! changes nothing; one that it says is empty is cleared.

use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};

/// Longest title, as for issues that are made here.
const TITLE: usize = 500;
/// Longest description: what GitHub allows.
const DESCRIPTION: usize = 65_536;
/// Longest key, name, label and the like.
const WORD: usize = 200;
/// Most labels that are kept.
const LABELS: usize = 100;
/// Longest address.
const URL: usize = 2_048;

/// An issue in a tracker's words, cut to what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerIssue {
    /// The tracker's own id, which outlives a change of the key.
    pub external_id: String,
    /// The key that people use.
    pub key: String,
    /// The tracker's page.
    pub url: Option<String>,
    /// One line, never empty.
    pub title: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// Where it stands.
    pub state: Option<State>,
    /// The priority.
    pub priority: Option<Option<String>>,
    /// The type.
    pub issue_type: Option<Option<String>>,
    /// The labels.
    pub labels: Option<Vec<String>>,
    /// Whom it is assigned to.
    pub assignee: Option<Option<String>>,
    /// When it last changed there.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Where an issue stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// In the tracker's words.
    pub status: String,
    /// What that means.
    pub kind: StatusKind,
}

impl TrackerIssue {
    /// An issue of which no more is known yet.
    #[must_use]
    pub fn new(external_id: String, key: &str) -> Self {
        Self {
            external_id,
            key: word(key),
            url: None,
            title: None,
            description: None,
            state: None,
            priority: None,
            issue_type: None,
            labels: None,
            assignee: None,
            updated_at: None,
        }
    }

    /// With a title; an empty one gives way to the key.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        let line: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TITLE).collect();
        self.title = Some(line.trim()).filter(|line| !line.is_empty()).map(str::to_owned).or(Some(self.key.clone()));
        self
    }

    /// Whether it says only which issue it is about.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        let bare = Self { url: self.url.clone(), ..Self::new(self.external_id.clone(), &self.key) };
        *self == bare
    }
}

/// A description as it is stored.
#[must_use]
pub fn description(text: &str) -> String {
    text.chars().filter(storable).take(DESCRIPTION).collect()
}

/// A name of any kind as it is stored.
#[must_use]
pub fn word(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(WORD).collect()
}

/// A name as it is stored; none when nothing is left of it.
#[must_use]
pub fn some_word(text: &str) -> Option<String> {
    Some(word(text)).filter(|word| !word.is_empty())
}

/// Labels as they are stored.
#[must_use]
pub fn labels(names: impl Iterator<Item = String>) -> Vec<String> {
    names.filter_map(|name| some_word(&name)).take(LABELS).collect()
}

/// An address that a page may link to.
#[must_use]
pub fn link(text: &str) -> Option<String> {
    let url: url::Url = text.parse().ok()?;
    (matches!(url.scheme(), "https" | "http") && text.len() <= URL).then(|| url.into())
}

/// PostgreSQL stores no NUL in a text.
const fn storable(c: &char) -> bool {
    *c != '\0'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tracker_sends_is_cut_to_what_every_database_stores() {
        let titled = |title| TrackerIssue::new("1".into(), "a/b#1").titled(title).title.unwrap();
        assert_eq!(titled("two\nlines\0"), "two lines");
        assert_eq!(titled(" \n"), "a/b#1");
        assert_eq!(description("a\0b\n"), "ab\n");
        assert_eq!(description(&"é".repeat(DESCRIPTION + 1)).chars().count(), DESCRIPTION);
        assert_eq!(labels(["", "bug", "\0"].map(str::to_owned).into_iter()), ["bug"]);
    }

    #[test]
    fn only_web_addresses_are_linked() {
        assert_eq!(link("https://github.com/a/b/issues/1").as_deref(), Some("https://github.com/a/b/issues/1"));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("issues/1"), None);
    }
}
