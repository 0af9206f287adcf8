//! What a tracker's events have in common: how they are verified and parsed, and what they change.
//! Nothing here touches the database or the clock.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use bytes::Bytes;

use super::{TrackerIssue, TrackerMilestone, TrackerSite};

/// The longest part of an event's name that is stored.
const MAX_EVENT_NAME_CHARS: usize = 50;

/// How a tracker's events are verified and parsed.
pub trait InboundEvents: Send + Sync {
    /// Whether the sender knows the secret. Compared over the raw bytes, in constant time.
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool;

    /// Why a request did not verify, as far as its headers show, and what to change. For the
    /// webhook's admins; it never repeats a header value.
    fn verification_failure(&self, headers: &HeaderMap) -> &'static str;

    /// The tracker's own id of the delivery if the headers have it, printable and bounded.
    fn delivery_id(&self, headers: &HeaderMap) -> Option<String>;

    /// The name of the event if the headers have it, for a body that can't be parsed.
    fn event_name(&self, headers: &HeaderMap) -> String;

    /// Parses an event whose body is well-formed JSON. `site` is where the issues are.
    fn parse(&self, headers: &HeaderMap, body: &[u8], site: &TrackerSite<'_>) -> ParsedEvent;

    /// What to say about a content type other than JSON.
    fn wrong_content_type(&self, is_form: bool) -> &'static str;

    /// A request as the tracker would send it, always the same for the same secret, about an issue
    /// that the tracker can't have. [`parse`](Self::parse) recognizes it only by the id of that
    /// issue, so that no real event is taken for a test.
    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes);
}

/// An event in one shape for all trackers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedEvent {
    /// The tracker's name of it, e.g. `issues.edited`.
    pub event: String,
    /// The tracker's own id of the delivery, printable and bounded.
    pub delivery_id: Option<String>,
    /// What it changes.
    pub change: InboundChange,
}

/// What an event changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InboundChange {
    /// Nothing, for this reason.
    Ignored(&'static str),
    /// It should change an issue but can't be parsed, for this reason.
    Unusable(&'static str),
    /// Nothing: it is a test that Testbell sent.
    Test,
    /// An issue now has this state.
    Issue {
        /// The state.
        issue: Box<TrackerIssue>,
        /// The id that the issue had before a transfer.
        moved_from: Option<String>,
    },
    /// An event about something else, a comment, has some fields of its issue, perhaps old ones.
    Mentioned(Box<TrackerIssue>),
    /// An issue with this last state was deleted.
    Deleted(Box<TrackerIssue>),
    /// A deleted issue was restored to this state.
    Restored(Box<TrackerIssue>),
    /// A milestone now has this state, or was deleted with it.
    Milestone {
        /// The state.
        milestone: Box<TrackerMilestone>,
        /// Whether it was deleted.
        is_deleted: bool,
    },
}

impl InboundChange {
    /// The id that the issue had before a transfer.
    #[must_use]
    pub fn moved_from(&self) -> Option<&str> {
        match self {
            Self::Issue { moved_from, .. } => moved_from.as_deref(),
            _ => None,
        }
    }

    /// The same change with nothing but the identity of its issue.
    #[must_use]
    pub fn to_reference(self) -> Self {
        match self {
            Self::Issue { issue, moved_from } => Self::Issue { issue: Box::new(issue.to_reference()), moved_from },
            Self::Mentioned(issue) => Self::Mentioned(Box::new(issue.to_reference())),
            Self::Restored(issue) => Self::Restored(Box::new(issue.to_reference())),
            other => other,
        }
    }

    /// The issue that it is about.
    #[must_use]
    pub fn issue(&self) -> Option<&TrackerIssue> {
        match self {
            Self::Ignored(_) | Self::Unusable(_) | Self::Test | Self::Milestone { .. } => None,
            Self::Issue { issue, .. } | Self::Mentioned(issue) | Self::Deleted(issue) | Self::Restored(issue) => {
                Some(issue)
            }
        }
    }
}

/// The part of an event's name that is safe to store and show.
#[must_use]
pub fn safe_event_name(name: &str) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    name.chars().filter(is_safe).take(MAX_EVENT_NAME_CHARS).collect()
}

/// The headers of a test request: JSON, and what the tracker adds. An invalid value is omitted, and
/// the request is then rejected like any other.
#[must_use]
pub fn test_headers(tracker_headers: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in tracker_headers {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
