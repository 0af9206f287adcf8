//! Messages for webhooks of Discord channels
//! (<https://docs.discord.com/developers/resources/webhook#execute-webhook>): one embed per event.
//!
//! User text is escaped, and mentions are turned off. All sizes stay within the limits of embeds
//! (<https://docs.discord.com/developers/resources/message#embed-object-embed-limits>).

use std::time::Duration;

use app::model::destination::DestinationKind;
use chrono::{DateTime, SecondsFormat, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use super::chat::{self, ChatMessage, Limits, Link, Paragraph};
use super::{
    AttemptResult, Destination, DestinationSettings, OutboundRequest, SigningContext, classify_explained, json_headers,
};
use crate::events::{EventMessage, MessageOutcome};
use crate::net::Response;

/// The sizes of an embed add up to less than 6,000 characters.
const LIMITS: Limits = Limits { cost, url_cost, prose: 900, value: 120, issues: 5, issue_url: 199, url: 300 };

/// A channel.
pub struct Discord;

#[derive(Serialize)]
struct Message {
    embeds: [Embed; 1],
    allowed_mentions: AllowedMentions,
}

/// Nobody is mentioned.
#[derive(Serialize)]
struct AllowedMentions {
    parse: [&'static str; 0],
}

#[derive(Serialize)]
struct Embed {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
    footer: Footer,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
    inline: bool,
}

#[derive(Serialize)]
struct Footer {
    text: String,
}

impl Destination for Discord {
    fn kind(&self) -> DestinationKind {
        DestinationKind::Discord
    }

    fn validate_url(&self, url: &Url) -> Result<(), String> {
        let pattern = &self.kind().spec().url;
        let is_own = pattern.has_host(url.host_str().unwrap_or_default());
        // After the token, `/slack` and `/github` expect other formats.
        let has_id_and_token =
            url.path_segments().is_some_and(|parts| parts.filter(|part| !part.is_empty()).count() == 4);
        if !is_own || (pattern.has_path(url.path()) && has_id_and_token) {
            return Ok(());
        }
        Err(pattern.path_error.to_owned())
    }

    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        _: &SigningContext<'_>,
    ) -> Option<OutboundRequest> {
        let mut url = settings.url.clone();
        // Without it, Discord doesn't say that a message was not saved.
        if !url.query_pairs().any(|(name, _)| name == "wait") {
            url.query_pairs_mut().append_pair("wait", "true");
        }
        let body = body(&chat::chat_message(message.content(), LIMITS)).into();
        Some(OutboundRequest { url, headers: json_headers(), body })
    }

    fn classify(&self, response: &Response, now: DateTime<Utc>) -> AttemptResult {
        match classify_explained(response, now, explain) {
            // The body is more precise than the header, which has whole seconds.
            AttemptResult::RetryAfter { delay, explanation } => {
                AttemptResult::RetryAfter { delay: retry_after(&response.body).or(delay), explanation }
            }
            result => result,
        }
    }
}

fn body(message: &ChatMessage) -> String {
    let fields = message.fields.iter();
    let embed = Embed {
        title: escape(&message.headline),
        url: message.subject.url.clone(),
        description: description(message),
        color: message.outcome.map(color),
        fields: fields.map(|(name, value)| Field { name: escape(name), value: escape(value), inline: true }).collect(),
        footer: Footer { text: footer(message) },
        timestamp: message.time.map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true)),
    };
    let message = Message { embeds: [embed], allowed_mentions: AllowedMentions { parse: [] } };
    // Strings, numbers and lists always serialize.
    serde_json::to_string(&message).unwrap_or_default()
}

const fn color(outcome: MessageOutcome) -> u32 {
    match outcome {
        MessageOutcome::Good => 0x1a_7f37,
        MessageOutcome::Warning => 0xb5_8105,
        MessageOutcome::Bad => 0xcf_222e,
        MessageOutcome::Open => 0x6e_7781,
    }
}

fn description(message: &ChatMessage) -> String {
    let subject = Some(&message.subject.label).filter(|label| !label.is_empty());
    let mut parts: Vec<_> = subject.map(|label| format!("**{}**", escape(label))).into_iter().collect();
    parts.extend(message.paragraphs.iter().map(paragraph));
    let links = message.buttons.iter().map(|button| link(&button.url, button.label));
    parts.push(links.collect::<Vec<_>>().join(" · "));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn paragraph(paragraph: &Paragraph) -> String {
    match paragraph {
        Paragraph::Notice(text) => escape(text),
        Paragraph::Quote(text) => escape(text).lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
        Paragraph::Result { status, details } => {
            let status = status.iter().map(|status| format!("**{}**", escape(status)));
            status.chain(details.iter().map(|detail| escape(detail))).collect::<Vec<_>>().join(" · ")
        }
        Paragraph::Issues(issues) => issues.iter().map(issue).collect::<Vec<_>>().join("\n"),
    }
}

fn issue(issue: &Link) -> String {
    match &issue.url {
        Some(url) => format!("• {}", link(url, &issue.label)),
        None => format!("• {}", escape(&issue.label)),
    }
}

/// The user, the project, and what was cut. The footer has no markup.
fn footer(message: &ChatMessage) -> String {
    let parts: Vec<_> = message.origin.iter().map(String::as_str).chain(message.shortened.as_deref()).collect();
    if parts.is_empty() { "Testbell".to_owned() } else { parts.join(" · ") }
}

/// The size of a character after [`escape`], in UTF-16 units. A line break in a quotation takes its
/// prefix, too.
fn cost(c: char) -> usize {
    match c {
        '\n' => 3,
        c => c.len_utf16() + usize::from(is_markup(c)),
    }
}

/// Whether a character can have a meaning in Discord's Markdown, in mentions or in URLs
/// (<https://docs.discord.com/developers/reference#message-formatting>).
const fn is_markup(c: char) -> bool {
    matches!(
        c,
        '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '#' | '-' | '+' | '[' | ']' | '(' | ')' | ':' | '@' | '.'
    )
}

/// Removes the meaning of all markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_markup(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn link(url: &str, label: &str) -> String {
    // A parenthesis or a space would end the URL.
    let url = url.replace('(', "%28").replace(')', "%29").replace(' ', "%20");
    // Escaped brackets would end the label.
    format!("[{}](<{url}>)", escape(&label.replace('[', "(").replace(']', ")")))
}

/// The size of a character of a URL in [`link`].
const fn url_cost(c: char) -> usize {
    match c {
        '(' | ')' | ' ' => 3,
        c => c.len_utf16(),
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    code: Option<u64>,
    message: Option<String>,
    retry_after: Option<f64>,
}

fn retry_after(body: &[u8]) -> Option<Duration> {
    Duration::try_from_secs_f64(serde_json::from_slice::<ErrorBody>(body).ok()?.retry_after?).ok()
}

/// Explains an error (<https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>).
fn explain(status: StatusCode, body: &[u8]) -> Option<String> {
    let error: ErrorBody = serde_json::from_slice(body).ok()?;
    let what_to_do = match (status, error.code) {
        (StatusCode::TOO_MANY_REQUESTS, _) => return Some("Discord's rate limit was reached (429).".to_owned()),
        (_, Some(10_015 | 50_027)) => {
            "The webhook was deleted in Discord. Create a new one there, and enter its URL here."
        }
        (_, Some(10_003)) => "The channel or thread was deleted. Create a webhook in another channel.",
        (_, Some(220_001..=220_003)) => {
            "The channel is a forum. Add ?thread_id= and the ID of a post to the URL, or choose a text channel."
        }
        (_, Some(50_083)) => "The thread is archived. Reopen it in Discord, or choose another channel.",
        (_, Some(50_035 | 50_006)) => "Discord rejected the message. This is a bug in Testbell; please report it.",
        _ => return None,
    };
    let said: String = error.message.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    Some(format!("Discord responded with {} {said}. {what_to_do}", status.as_u16()).replace(" . ", ". "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_markup_is_escaped() {
        assert_eq!(escape("**a** <@1> [b](c) `d` http://x.y"), r"\*\*a\*\* \<\@1\> \[b\]\(c\) \`d\` http\://x\.y");
        assert_eq!(link("https://x.example/(a)", "[b]"), r"[\(b\)](<https://x.example/%28a%29>)");
    }

    #[test]
    fn known_errors_are_explained() {
        let gone = explain(StatusCode::NOT_FOUND, br#"{"message":"Unknown Webhook","code":10015}"#).unwrap();
        assert!(gone.starts_with("Discord responded with 404 Unknown Webhook. The webhook was deleted"), "{gone}");
        assert_eq!(explain(StatusCode::BAD_GATEWAY, b"<html>"), None);
        assert_eq!(explain(StatusCode::FORBIDDEN, br#"{"code":1}"#), None);
    }

    #[test]
    fn the_pause_of_a_rate_limit_has_fractions_of_a_second() {
        assert_eq!(retry_after(br#"{"retry_after":0.65,"global":false}"#), Some(Duration::from_millis(650)));
        for invalid in [&br#"{"retry_after":-1}"#[..], br#"{"retry_after":1e300}"#, b"{}", b"x"] {
            assert_eq!(retry_after(invalid), None);
        }
    }
}
