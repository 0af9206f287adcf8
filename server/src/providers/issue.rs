//! An issue in one shape for all trackers. A field that the tracker didn't send is `None` and
//! changes nothing; a field that it sent empty is cleared.

use app::model::issue::StatusKind;
use app::model::text::has_visible;
use chrono::{DateTime, Utc};

/// The same as for issues created here.
const MAX_TITLE_CHARS: usize = 500;
/// What GitHub allows.
const MAX_DESCRIPTION_CHARS: usize = 65_536;
/// For keys, names, labels and the like.
const MAX_NAME_CHARS: usize = 200;
const MAX_LABELS: usize = 100;

/// An issue as its tracker describes it, cut to what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerIssue {
    /// The tracker's own id, which stays the same when the key changes.
    pub external_id: String,
    /// The key that people use.
    pub key: String,
    /// The repository or project that it belongs to: `owner/name` on GitHub and Gitea, the project's path on
    /// GitLab, its key in Jira, its name in Azure DevOps, the key of the team in Linear.
    pub origin: Option<String>,
    /// The ID of that project, if the tracker sends milestones without its key (Jira).
    pub origin_id: Option<String>,
    /// Its page in the tracker.
    pub url: Option<String>,
    /// One line, never empty.
    pub title: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// The status.
    pub state: Option<IssueState>,
    /// The priority.
    pub priority: Option<Option<String>>,
    /// The type.
    pub issue_type: Option<Option<String>>,
    /// The labels.
    pub labels: Option<Vec<String>>,
    /// The assignee.
    pub assignee: Option<Option<String>>,
    /// When it last changed in the tracker.
    pub updated_at: Option<DateTime<Utc>>,
}

/// The status of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueState {
    /// As the tracker calls it.
    pub status: String,
    /// Whether that means open or closed.
    pub kind: StatusKind,
}

impl TrackerIssue {
    /// An issue of which nothing else is known yet.
    #[must_use]
    pub fn new(external_id: String, key: &str) -> Self {
        Self {
            external_id,
            key: stored_name(key),
            origin: None,
            origin_id: None,
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

    /// With a title; the key takes the place of one without visible characters.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Self {
        let line: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TITLE_CHARS).collect();
        self.title = Some(line.trim()).filter(|line| has_visible(line)).map(str::to_owned).or(Some(self.key.clone()));
        self
    }

    /// Whether it only identifies the issue.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        *self == self.to_reference()
    }

    /// Only what identifies the issue.
    #[must_use]
    pub fn to_reference(&self) -> Self {
        let (origin, origin_id, url) = (self.origin.clone(), self.origin_id.clone(), self.url.clone());
        Self { origin, origin_id, url, ..Self::new(self.external_id.clone(), &self.key) }
    }
}

/// A description as it is stored.
#[must_use]
pub fn description(text: &str) -> String {
    text.chars().filter(storable).take(MAX_DESCRIPTION_CHARS).collect()
}

/// A name as it is stored.
#[must_use]
pub fn stored_name(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect()
}

/// A name as it is stored; `None` if it has no visible characters.
#[must_use]
pub fn non_blank_name(text: &str) -> Option<String> {
    Some(stored_name(text)).filter(|name| has_visible(name))
}

/// Labels as they are stored.
#[must_use]
pub fn labels(names: impl Iterator<Item = String>) -> Vec<String> {
    names.filter_map(|name| non_blank_name(&name)).take(MAX_LABELS).collect()
}

/// PostgreSQL stores no NUL in a text.
const fn storable(c: &char) -> bool {
    *c != '\0'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_what_every_database_stores() {
        let titled = |title| TrackerIssue::new("1".into(), "a/b#1").titled(title).title.unwrap();
        assert_eq!(titled("two\nlines\0"), "two lines");
        assert_eq!(titled(" \n"), "a/b#1");
        assert_eq!(titled("\u{200b}\u{3164}\u{2800}"), "a/b#1");
        assert_eq!(description("a\0b\n"), "ab\n");
        assert_eq!(description(&"é".repeat(MAX_DESCRIPTION_CHARS + 1)).chars().count(), MAX_DESCRIPTION_CHARS);
        assert_eq!(labels(["", "bug", "\0"].map(str::to_owned).into_iter()), ["bug"]);
    }

    #[test]
    fn ignorable_characters_are_not_visible() {
        use icu_properties::props::DefaultIgnorableCodePoint;
        let ignorable = icu_properties::CodePointSetData::new::<DefaultIgnorableCodePoint>();
        for c in '\u{21}'..=char::MAX {
            let expected = !ignorable.contains(c) && !c.is_whitespace() && !c.is_control() && c != '\u{2800}';
            assert_eq!(has_visible(&c.to_string()), expected, "{c:?}");
        }
    }
}
