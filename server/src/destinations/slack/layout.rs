//! The layout of a message: a header that says what happened, the item with a link to its page, its
//! text and fields, the user and the time, and buttons to Testbell and the tracker. Runs and
//! sessions have the color of their outcome, which the text says too. `text` is for notifications.

use super::blocks::{self, Attachment, Block, Button, SlackMessage, Text};
use super::text;
use crate::events::{MessageContent, MessageOutcome, MessageResult};

/// Sizes that keep a message readable, all well below Slack's limits.
const MAX_SUBJECT_CHARS: usize = 300;
const MAX_LABEL_CHARS: usize = 40;
const MAX_VALUE_CHARS: usize = 500;
const MAX_NAME_CHARS: usize = 100;
const MAX_SUMMARY_CHARS: usize = 200;
const MAX_PROSE_CHARS: usize = 1000;
const MAX_ISSUES: usize = 10;
const MAX_ISSUE_CHARS: usize = 80;
/// So that the URLs of all issues fit into one section.
const MAX_ISSUE_URL_CHARS: usize = 199;

/// The body of the request.
pub fn message(content: &MessageContent) -> SlackMessage {
    let fallback = fallback(content);
    let mut top =
        vec![Block::Header { text: Text::Plain { text: text::line(&content.headline, blocks::MAX_HEADER_CHARS) } }];
    let link = short(content.link.as_deref());
    let subject = text::line(&content.subject, MAX_SUBJECT_CHARS);
    if !subject.is_empty() {
        top.push(Block::paragraph(heading(subject, link)));
    }
    let mut details: Vec<_> = paragraphs(content).into_iter().map(Block::paragraph).collect();
    let fields = content.fields.iter().filter_map(|(label, value)| field(label, value));
    let fields: Vec<_> = fields.take(blocks::MAX_FIELDS).collect();
    if !fields.is_empty() {
        details.push(Block::Section { text: None, fields });
    }
    details.push(Block::Context { elements: vec![Text::mrkdwn(origin(content))] });
    let page = link.map(|url| Button::new("open_testbell", "Open in Testbell", url.to_owned()));
    let tracker = short(content.tracker_link.as_deref());
    let tracker = tracker.map(|url| Button::new("open_tracker", "Open in the tracker", url.to_owned()));
    let buttons: Vec<_> = page.into_iter().chain(tracker).collect();
    if !buttons.is_empty() {
        details.push(Block::Actions { elements: buttons });
    }
    let mut attachments = Vec::new();
    match content.outcome {
        Some(outcome) => {
            attachments.push(Attachment { color: color(outcome), fallback: fallback.clone(), blocks: details });
        }
        None => top.append(&mut details),
    }
    SlackMessage { text: fallback, blocks: top, attachments, unfurl_links: false, unfurl_media: false }
}

const fn color(outcome: MessageOutcome) -> &'static str {
    match outcome {
        MessageOutcome::Good => "#1a7f37",
        MessageOutcome::Warning => "#b58105",
        MessageOutcome::Bad => "#cf222e",
        MessageOutcome::Open => "#6e7781",
    }
}

fn short(url: Option<&str>) -> Option<&str> {
    url.filter(|url| url.len() <= blocks::MAX_URL_CHARS)
}

fn fallback(content: &MessageContent) -> String {
    let subject = text::line(&content.subject, MAX_SUBJECT_CHARS);
    let summary = text::line(&content.summary, MAX_SUMMARY_CHARS);
    let mut fallback = content.headline.clone();
    if !subject.is_empty() {
        fallback = format!("{fallback}: {subject}");
    }
    if summary.is_empty() { fallback } else { format!("{fallback} ({summary})") }
}

/// The subject, linked to its page unless the URL is too long.
fn heading(subject: String, link: Option<&str>) -> String {
    let linked = link.map(|link| format!("*{}*", text::link(link, &subject)));
    linked.filter(|linked| text::size(linked) <= blocks::MAX_SECTION_CHARS).unwrap_or_else(|| format!("*{subject}*"))
}

fn field(label: &str, value: &str) -> Option<Text> {
    let value = text::line(value, MAX_VALUE_CHARS);
    (!value.is_empty()).then(|| Text::mrkdwn(format!("*{}*\n{value}", text::line(label, MAX_LABEL_CHARS))))
}

fn paragraphs(content: &MessageContent) -> Vec<String> {
    let mut paragraphs: Vec<_> = content.notice.map(str::to_owned).into_iter().collect();
    paragraphs.extend(content.text.as_deref().map(quoted));
    if let Some(result) = &content.result {
        paragraphs.extend(result_paragraphs(result));
    }
    paragraphs.into_iter().filter(|text| !text.is_empty() && text::size(text) <= blocks::MAX_SECTION_CHARS).collect()
}

/// The case with its status, the comment, the issues.
fn result_paragraphs(result: &MessageResult) -> [String; 3] {
    let status = result.status.map(|status| format!("*{}*", status.label()));
    let case = result.case.as_deref().map(|case| text::line(case, MAX_PROSE_CHARS));
    let first: Vec<_> =
        [status, case, result.duration.clone()].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let issues: Vec<_> = result.issues.iter().take(MAX_ISSUES).filter_map(issue).collect();
    [first.join(" · "), result.comment.as_deref().map(quoted).unwrap_or_default(), issues.join("\n")]
}

fn issue((name, url): &(String, Option<String>)) -> Option<String> {
    let name = text::line(name, MAX_ISSUE_CHARS);
    if name.is_empty() {
        return None;
    }
    let url = url.as_deref().filter(|url| url.len() <= MAX_ISSUE_URL_CHARS);
    let linked = url.map(|url| text::link(url, &name));
    Some(format!("• {}", linked.unwrap_or(name)))
}

/// A quotation, line by line.
fn quoted(text: &str) -> String {
    let text = text::lines(text, MAX_PROSE_CHARS);
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}

/// The user, the project, and the time in the reader's own time zone.
fn origin(content: &MessageContent) -> String {
    let who = content.actor.as_deref().map(|name| format!("By {}", text::line(name, MAX_NAME_CHARS)));
    let project = content.project.as_deref().map(|name| text::line(name, MAX_NAME_CHARS));
    let when = content.time.map(|time| {
        let utc = time.format("%Y-%m-%d %H:%M UTC");
        format!("<!date^{}^{{date_short_pretty}} at {{time}}|{utc}>", time.timestamp())
    });
    let parts: Vec<_> = [who, project, when].into_iter().flatten().collect();
    if parts.is_empty() { "Testbell".to_owned() } else { parts.join(" · ") }
}
