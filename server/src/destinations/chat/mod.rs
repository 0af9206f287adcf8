//! The message of an event for chat tools: what it says and in what order. The destinations write it
//! in the format of their platform, escape it there, and add no text of their own.
//!
//! Each text is cut to a size that keeps the message readable and within the limits of the platform.
//! A message that lacks something says so.

pub mod text;

use chrono::{DateTime, Utc};

use crate::events::{MessageContent, MessageOutcome, MessageResult};
use text::{Cost, Cut};

const MAX_HEADLINE: usize = 150;
const MAX_SUBJECT: usize = 300;
const MAX_LABEL: usize = 40;
const MAX_NAME: usize = 100;
const MAX_SUMMARY: usize = 200;
const MAX_CASE: usize = 300;
const MAX_ISSUE: usize = 80;
const MAX_EVENT: usize = 120;
const MAX_FIELDS: usize = 10;

/// The sizes in which platforms differ, measured as they are written.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The size of a character.
    pub cost: Cost,
    /// The size of a character of a URL.
    pub url_cost: Cost,
    /// A text with several lines.
    pub prose: usize,
    /// The value of a field.
    pub value: usize,
    /// The number of linked issues.
    pub issues: usize,
    /// The URL of a linked issue. A longer one is left out.
    pub issue_url: usize,
    /// The URL of a page. A longer one is left out.
    pub url: usize,
}

/// A message. No text is escaped.
#[derive(Clone, Debug, Default)]
pub struct ChatMessage {
    /// What happened.
    pub headline: String,
    /// The key and name of the subject, with its page; the label is empty if it has no name.
    pub subject: Link,
    /// The texts below it.
    pub paragraphs: Vec<Paragraph>,
    /// Labels and values.
    pub fields: Vec<(String, String)>,
    /// The user and the project.
    pub origin: Vec<String>,
    /// When it happened.
    pub time: Option<DateTime<Utc>>,
    /// What is missing; `None` if the message is complete.
    pub shortened: Option<String>,
    /// The pages that can be opened.
    pub buttons: Vec<Button>,
    /// The outcome of the tests.
    pub outcome: Option<MessageOutcome>,
    /// The message in one line, for notifications.
    pub summary: String,
}

/// A part of the text below the subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paragraph {
    /// A sentence by Testbell.
    Notice(String),
    /// Text by a user, possibly with several lines.
    Quote(String),
    /// The status of a result, its case, and its duration.
    Result {
        /// The status.
        status: Option<String>,
        /// The case and the duration, as far as they are known.
        details: Vec<String>,
    },
    /// The issues linked to a result, or the events of a digest.
    Issues(Vec<Link>),
}

/// A text that may be a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The text.
    pub label: String,
    /// The page.
    pub url: Option<String>,
}

/// A page that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// Unique within the message.
    pub id: &'static str,
    /// The text.
    pub label: &'static str,
    /// The page.
    pub url: String,
}

/// Cuts texts, and collects what was cut.
struct Writer {
    limits: Limits,
    shortened: Vec<String>,
}

/// The message for a platform with these limits.
#[must_use]
pub fn chat_message(content: &MessageContent, limits: Limits) -> ChatMessage {
    let mut writer = Writer { limits, shortened: Vec::new() };
    let link = writer.url("link", content.link.as_deref(), limits.url);
    let tracker_link = writer.url("link", content.tracker_link.as_deref(), limits.url);
    let subject = writer.line("title", &content.subject, MAX_SUBJECT);
    let page = link.clone().map(|url| Button { id: "open_testbell", label: "Open in Testbell", url });
    let tracker = tracker_link.map(|url| Button { id: "open_tracker", label: "Open in the tracker", url });
    let names = [content.actor.as_ref().map(|name| format!("By {name}")), content.project.clone()];
    let origin = names.into_iter().flatten().map(|name| writer.line("name", &name, MAX_NAME)).collect();
    ChatMessage {
        headline: writer.line("event", &content.headline, MAX_HEADLINE),
        summary: writer.summary(content),
        subject: Link { label: subject, url: link },
        paragraphs: writer.paragraphs(content),
        fields: writer.fields(content),
        origin,
        time: content.time,
        buttons: page.into_iter().chain(tracker).collect(),
        outcome: content.outcome,
        shortened: writer.note(),
    }
}

impl Writer {
    fn line(&mut self, name: &str, text: &str, limit: usize) -> String {
        let cut = text::line(text, limit, self.limits.cost);
        self.noted(name, cut)
    }

    fn lines(&mut self, name: &str, text: &str) -> String {
        let cut = text::lines(text, self.limits.prose, self.limits.cost);
        self.noted(name, cut)
    }

    fn noted(&mut self, name: &str, cut: Cut) -> String {
        if cut.is_cut {
            self.note_missing(name.to_lowercase());
        }
        cut.text
    }

    /// A URL, unless it is too long.
    fn url(&mut self, name: &str, url: Option<&str>, limit: usize) -> Option<String> {
        let url = url?;
        if url.chars().map(self.limits.url_cost).sum::<usize>() <= limit {
            return Some(url.to_owned());
        }
        self.note_missing(name.to_owned());
        None
    }

    fn note_missing(&mut self, name: String) {
        if !self.shortened.contains(&name) {
            self.shortened.push(name);
        }
    }

    fn paragraphs(&mut self, content: &MessageContent) -> Vec<Paragraph> {
        let notice = content.notice.map(|text| Paragraph::Notice(text.to_owned()));
        let text = content.text.as_deref().map(|text| Paragraph::Quote(self.lines("text", text)));
        let mut paragraphs: Vec<_> = notice.into_iter().chain(text).collect();
        if let Some(result) = &content.result {
            self.result(result, &mut paragraphs);
        }
        paragraphs.push(Paragraph::Quote(self.lines("counts", &content.counts.join("\n"))));
        let events = content.events.iter().take(self.limits.issues);
        let events: Vec<_> = events.map(|(name, url)| self.event(name, url.as_deref())).collect();
        self.note_more(content.events.len() - events.len(), "event");
        paragraphs.push(Paragraph::Issues(events));
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        paragraphs
    }

    fn result(&mut self, result: &MessageResult, paragraphs: &mut Vec<Paragraph>) {
        let case = result.case.as_deref().map(|case| self.line("test case", case, MAX_CASE));
        let details = [case, result.duration.clone()].into_iter().flatten().filter(|part| !part.is_empty());
        let status = result.status.map(|status| status.label().to_owned());
        paragraphs.push(Paragraph::Result { status, details: details.collect() });
        if let Some(comment) = &result.comment {
            paragraphs.push(Paragraph::Quote(self.lines("comment", comment)));
        }
        let issues = result.issues.iter().take(self.limits.issues);
        let issues: Vec<_> = issues.map(|(name, url)| self.issue(name, url.as_deref())).collect();
        self.note_more(result.issues.len() - issues.len(), "issue");
        paragraphs.push(Paragraph::Issues(issues.into_iter().filter(|issue| !issue.label.is_empty()).collect()));
    }

    fn note_more(&mut self, more: usize, what: &str) {
        match more {
            0 => {}
            1 => self.note_missing(format!("1 more {what}")),
            more => self.note_missing(format!("{more} more {what}s")),
        }
    }

    fn event(&mut self, name: &str, url: Option<&str>) -> Link {
        let label = self.line("event", name, MAX_EVENT);
        Link { label, url: self.url("link of an event", url, self.limits.issue_url) }
    }

    fn issue(&mut self, name: &str, url: Option<&str>) -> Link {
        let label = self.line("issue", name, MAX_ISSUE);
        Link { label, url: self.url("link of an issue", url, self.limits.issue_url) }
    }

    fn fields(&mut self, content: &MessageContent) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for (label, value) in content.fields.iter().take(MAX_FIELDS) {
            let value = self.line(label, value, self.limits.value);
            if !value.is_empty() {
                fields.push((self.line(label, label, MAX_LABEL), value));
            }
        }
        fields
    }

    /// "Test run completed: WEB-R3 Nightly (12 passed)". Notifications are short anyway, so that
    /// what is cut here is not mentioned.
    fn summary(&self, content: &MessageContent) -> String {
        let line = |text: &str, limit| text::line(text, limit, self.limits.cost).text;
        let (headline, subject) = (line(&content.headline, MAX_HEADLINE), line(&content.subject, MAX_SUBJECT));
        let outcome = line(&content.summary, MAX_SUMMARY);
        let named = if subject.is_empty() { headline } else { format!("{headline}: {subject}") };
        if outcome.is_empty() { named } else { format!("{named} ({outcome})") }
    }

    fn note(self) -> Option<String> {
        (!self.shortened.is_empty()).then(|| format!("Shortened: {}", self.shortened.join(", ")))
    }
}

impl Paragraph {
    fn is_empty(&self) -> bool {
        match self {
            Self::Notice(text) | Self::Quote(text) => text.is_empty(),
            Self::Result { status, details } => status.is_none() && details.is_empty(),
            Self::Issues(issues) => issues.is_empty(),
        }
    }
}

#[cfg(test)]
mod limits_tests;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { cost: |_| 1, url_cost: |_| 1, prose: 20, value: 10, issues: 1, issue_url: 30, url: 100 };

    #[test]
    fn a_message_names_what_was_cut() {
        let content = MessageContent {
            text: Some("a".repeat(21)),
            fields: vec![("Labels", "b".repeat(11)), ("State", "New".to_owned())],
            result: Some(MessageResult {
                issues: vec![("One".to_owned(), None), ("Two".to_owned(), None), ("Three".to_owned(), None)],
                ..MessageResult::default()
            }),
            ..MessageContent::default()
        };
        let message = chat_message(&content, LIMITS);
        assert_eq!(message.shortened.as_deref(), Some("Shortened: text, 2 more issues, labels"));
        let complete = MessageContent { text: Some("a".repeat(20)), ..MessageContent::default() };
        assert_eq!(chat_message(&complete, LIMITS).shortened, None);
    }

    #[test]
    fn a_page_with_a_long_url_is_left_out() {
        let url = |length| Some(format!("https://x.example/{}", "a".repeat(length)));
        let content = MessageContent { link: url(100), tracker_link: url(10), ..MessageContent::default() };
        let message = chat_message(&content, LIMITS);
        assert_eq!((message.subject.url, message.shortened.as_deref()), (None, Some("Shortened: link")));
        assert_eq!(message.buttons.iter().map(|button| button.id).collect::<Vec<_>>(), ["open_tracker"]);
    }
}
