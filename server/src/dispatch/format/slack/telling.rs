//! What a message tells, before it is put into blocks.

use super::blocks::{self, Attachment, Block, Button, Message, Text};
use super::data::Data;
use super::{Envelope, text};

/// Sizes that keep a message readable, all well below Slack's limits.
const TITLE: usize = 300;
const LABEL: usize = 40;
const VALUE: usize = 500;
const NAME: usize = 100;
const SUMMARY: usize = 200;

/// The parts of a message. Texts are as people wrote them unless said otherwise.
#[derive(Default)]
pub struct Telling {
    /// What happened, in words of ours.
    pub headline: String,
    /// What it happened to.
    pub title: String,
    /// Its page in Testbell.
    pub page: Option<String>,
    /// Its page in the tracker.
    pub tracker: Option<String>,
    /// What else notifications show.
    pub summary: String,
    /// `mrkdwn`, escaped and within the limit of a section.
    pub paragraphs: Vec<String>,
    /// Names and values.
    pub fields: Vec<(&'static str, String)>,
    /// The colour of the outcome.
    pub colour: Option<&'static str>,
}

impl Telling {
    /// Adds a field, if it has a value.
    pub fn field(&mut self, label: &'static str, value: Option<impl Into<String>>) {
        self.fields.extend(value.map(|value| (label, value.into())));
    }

    /// What was deleted has no page any more.
    pub fn without_page(self) -> Self {
        Self { page: None, ..self }
    }

    /// The message of an event.
    pub(super) fn into_message(self, envelope: &Envelope) -> Message {
        let fallback = self.fallback();
        let mut top =
            vec![Block::Header { text: Text::Plain { text: text::line(&self.headline, blocks::HEADER_MAX) } }];
        let title = text::line(&self.title, TITLE);
        if !title.is_empty() {
            top.push(Block::paragraph(heading(title, self.page.as_deref())));
        }
        let mut details: Vec<_> = self.paragraphs.into_iter().map(Block::paragraph).collect();
        let fields = self.fields.iter().filter_map(|(label, value)| field(label, value));
        let fields: Vec<_> = fields.take(blocks::FIELDS_MAX).collect();
        if !fields.is_empty() {
            details.push(Block::Section { text: None, fields });
        }
        details.push(Block::Context { elements: vec![Text::mrkdwn(origin(envelope))] });
        let page = self.page.map(|url| Button::new("open_testbell", "Open in Testbell", url));
        let tracker = self.tracker.map(|url| Button::new("open_tracker", "Open in the tracker", url));
        let buttons: Vec<_> = page.into_iter().chain(tracker).collect();
        if !buttons.is_empty() {
            details.push(Block::Actions { elements: buttons });
        }
        let mut attachments = Vec::new();
        match self.colour {
            Some(color) => attachments.push(Attachment { color, fallback: fallback.clone(), blocks: details }),
            None => top.append(&mut details),
        }
        Message { text: fallback, blocks: top, attachments, unfurl_links: false, unfurl_media: false }
    }

    fn fallback(&self) -> String {
        let title = text::line(&self.title, TITLE);
        let summary = text::line(&self.summary, SUMMARY);
        let mut fallback = self.headline.clone();
        if !title.is_empty() {
            fallback = format!("{fallback}: {title}");
        }
        if summary.is_empty() { fallback } else { format!("{fallback} ({summary})") }
    }
}

/// The title, linked to its page unless the address is too long for that.
fn heading(title: String, page: Option<&str>) -> String {
    let linked = page.map(|page| format!("*{}*", text::link(page, &title)));
    linked.filter(|linked| text::size(linked) <= blocks::SECTION_MAX).unwrap_or_else(|| format!("*{title}*"))
}

fn field(label: &str, value: &str) -> Option<Text> {
    let value = text::line(value, VALUE);
    (!value.is_empty()).then(|| Text::mrkdwn(format!("*{}*\n{value}", text::line(label, LABEL))))
}

/// Who, where, and when in the reader's own time zone.
fn origin(envelope: &Envelope) -> String {
    let who = Data(&envelope.actor).text("name").map(|name| format!("By {}", text::line(name, NAME)));
    let project = Data(&envelope.project);
    let place = project.text("name").or(project.text("key")).map(|name| text::line(name, NAME));
    let when = chrono::DateTime::parse_from_rfc3339(&envelope.timestamp).ok().map(|time| {
        let utc = time.to_utc().format("%Y-%m-%d %H:%M UTC");
        format!("<!date^{}^{{date_short_pretty}} at {{time}}|{utc}>", time.timestamp())
    });
    let parts: Vec<_> = [who, place, when].into_iter().flatten().collect();
    if parts.is_empty() { "Testbell".to_owned() } else { parts.join(" · ") }
}
