//! What differs from tracker to tracker: how a request proves where it comes from, and what its
//! payload says. Nothing here touches the database or the clock.

mod azure;
mod basic;
mod github;
mod jira;
mod signature;

use app::model::integration::Provider;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use bytes::Bytes;

use crate::tracker::{Site, TrackerIssue};

pub use basic::credential;

/// A tracker that sends events.
pub trait Inbound: Send + Sync {
    /// Whether the request was sent by who holds the secret: checked over the raw bytes, in
    /// constant time.
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool;

    /// The name of the event as far as the headers say it, for a body that can't be read.
    fn event_name(&self, headers: &HeaderMap) -> String;

    /// What the event says; the body is well-formed JSON. `site` is where the issues are.
    fn recognise(&self, headers: &HeaderMap, body: &[u8], site: &Site<'_>) -> Recognised;

    /// What to say to a content type that is not JSON.
    fn wrong_content_type(&self, is_form: bool) -> &'static str;

    /// A request as the tracker would send it, to the byte the same for the same secret, about
    /// an issue that the tracker can't have: [`recognise`](Self::recognise) knows it by that id
    /// alone, so that nothing else on the wire makes a test of a real event.
    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes);
}

/// The reader of a provider's events; `None` for one whose events are not received.
#[must_use]
pub fn of(provider: Provider) -> Option<&'static dyn Inbound> {
    match provider {
        Provider::Github => Some(&github::Github),
        Provider::Jira => Some(&jira::Jira),
        Provider::AzureDevops => Some(&azure::AzureDevops),
        Provider::SimpleUrl => None,
    }
}

/// An event in one shape for all trackers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Its name in the tracker's words, such as `issues.edited`.
    pub event: String,
    /// What it says.
    pub what: What,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Nothing that is followed, with the reason.
    Ignored(&'static str),
    /// Something that is followed but can't be read, with the reason.
    Unusable(&'static str),
    /// A test sent from here: the door works.
    Test,
    /// The state of an issue.
    Issue {
        /// The state.
        issue: Box<TrackerIssue>,
        /// The id that it had at the place it was moved away from.
        moved_from: Option<String>,
    },
    /// An event about something else named an issue, and said a part of it that may be old.
    Mentioned(Box<TrackerIssue>),
    /// An issue was deleted; this was its last state.
    Deleted(Box<TrackerIssue>),
    /// A deleted issue was restored; this is its state.
    Restored(Box<TrackerIssue>),
}

/// The part of a name that may be stored and shown.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')).take(50).collect()
}

/// The headers of a test request: JSON, and what the tracker adds. A value that is no header is
/// left out, which the door then refuses.
fn test_headers(of_tracker: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in of_tracker {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
