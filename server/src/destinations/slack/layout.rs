//! The layout of a message: a header that says what happened, the item with a link to its page, its
//! text and fields, the user and the time, and buttons to Testbell and the tracker. Runs and
//! sessions have the color of their outcome, which the text says too. `text` is for notifications.

use super::blocks::{self, Attachment, Block, SlackMessage, Text};
use super::text::{self, escape};
use crate::destinations::chat::{self, ChatMessage, Limits, Paragraph};
use crate::events::{MessageContent, MessageOutcome};

/// All well below Slack's limits. The URLs of all issues fit into one section.
const LIMITS: Limits = Limits {
    cost: text::cost,
    url_cost: text::url_cost,
    prose: 1000,
    value: 500,
    issues: 10,
    issue_url: 199,
    url: 5 * blocks::MAX_URL_CHARS,
};

/// The body of the request.
pub fn message(content: &MessageContent) -> SlackMessage {
    let message = chat::chat_message(content, LIMITS);
    let fallback = escape(&message.summary);
    let mut top = vec![Block::Header { text: Text::Plain { text: message.headline.clone() } }];
    if !message.subject.label.is_empty() {
        top.push(Block::paragraph(subject(&message)));
    }
    let mut details: Vec<_> = message.paragraphs.iter().map(|part| Block::paragraph(paragraph(part))).collect();
    let fields: Vec<_> = message.fields.iter().map(field).collect();
    if !fields.is_empty() {
        details.push(Block::Section { text: None, fields });
    }
    details.push(Block::Context { elements: vec![Text::mrkdwn(origin(&message))] });
    // The URL of a button is not escaped.
    let fits = |button: &chat::Button| button.url.len() <= blocks::MAX_URL_CHARS;
    let buttons: Vec<_> = message.buttons.into_iter().filter(fits).map(blocks::Button::from).collect();
    if !buttons.is_empty() {
        details.push(Block::Actions { elements: buttons });
    }
    let mut attachments = Vec::new();
    match message.outcome {
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

/// The subject, linked to its page unless the URL is too long.
fn subject(message: &ChatMessage) -> String {
    let linked = message.subject.url.as_deref().map(|url| format!("*{}*", text::link(url, &message.subject.label)));
    let fits = |linked: &String| text::size(linked) <= blocks::MAX_SECTION_CHARS;
    linked.filter(fits).unwrap_or_else(|| format!("*{}*", escape(&message.subject.label)))
}

fn field((label, value): &(String, String)) -> Text {
    Text::mrkdwn(format!("*{}*\n{}", escape(label), escape(value)))
}

fn paragraph(paragraph: &Paragraph) -> String {
    match paragraph {
        Paragraph::Notice(text) => escape(text),
        Paragraph::Quote(text) => escape(text).lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
        Paragraph::Result { status, details } => {
            let status = status.iter().map(|status| format!("*{}*", escape(status)));
            status.chain(details.iter().map(|detail| escape(detail))).collect::<Vec<_>>().join(" · ")
        }
        Paragraph::Issues(issues) => {
            let issue = |issue: &chat::Link| match &issue.url {
                Some(url) => format!("• {}", text::link(url, &issue.label)),
                None => format!("• {}", escape(&issue.label)),
            };
            issues.iter().map(issue).collect::<Vec<_>>().join("\n")
        }
    }
}

/// The user, the project, the time in the reader's own time zone, and what was cut.
fn origin(message: &ChatMessage) -> String {
    let names = message.origin.iter().map(|name| escape(name));
    let time = message.time.map(|time| {
        let utc = time.format("%Y-%m-%d %H:%M UTC");
        format!("<!date^{}^{{date_short_pretty}} at {{time}}|{utc}>", time.timestamp())
    });
    let parts: Vec<_> = names.chain(time).chain(message.shortened.as_deref().map(escape)).collect();
    if parts.is_empty() { "Testbell".to_owned() } else { parts.join(" · ") }
}
