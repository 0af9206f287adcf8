//! A milestone in one shape for all trackers.

use app::model::text::has_visible;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::issue::stored_name;

/// The same as for milestones created here.
const MAX_NAME_CHARS: usize = 100;

/// A milestone as its tracker describes it, cut to what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerMilestone {
    /// The tracker's own ID.
    pub external_id: String,
    /// The repository or project that it belongs to, as in [`TrackerIssue::origin`](super::TrackerIssue::origin).
    pub origin: Option<String>,
    /// The ID of that project, if the tracker doesn't send its key.
    pub origin_id: Option<String>,
    /// Its page in the tracker.
    pub url: Option<String>,
    /// One line, never empty.
    pub name: String,
    /// Markdown or plain text.
    pub description: String,
    /// Its due date.
    pub due_on: Option<NaiveDate>,
    /// Whether it is closed or released; `None` if the event doesn't say it.
    pub completed: Option<bool>,
    /// When it last changed in the tracker.
    pub updated_at: Option<DateTime<Utc>>,
}

impl TrackerMilestone {
    /// A milestone of which nothing else is known yet. The ID takes the place of a name without visible characters.
    #[must_use]
    pub fn new(external_id: String, name: &str) -> Self {
        let name: String = stored_name(name).chars().take(MAX_NAME_CHARS).collect();
        let name = Some(name.trim().to_owned()).filter(|name| has_visible(name)).unwrap_or_else(|| external_id.clone());
        Self {
            external_id,
            origin: None,
            origin_id: None,
            url: None,
            name,
            description: String::new(),
            due_on: None,
            completed: None,
            updated_at: None,
        }
    }
}

/// A date with a year of four digits, which every database and browser can show.
#[must_use]
pub fn due_date(date: NaiveDate) -> Option<NaiveDate> {
    (1000..=9999).contains(&date.year()).then_some(date)
}
