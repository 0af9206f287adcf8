//! Messages for webhooks of Google Chat spaces
//! (<https://developers.google.com/workspace/chat/quickstart/webhooks>): one card per event
//! (<https://developers.google.com/workspace/chat/api/reference/rest/v1/cards>).
//!
//! Text in cards is a subset of HTML, so user text is escaped. A message has at most 32,000 bytes.

use app::model::destination::DestinationKind;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::{self, ChatMessage, Limits, Link, Paragraph};
use super::{
    AttemptResult, Destination, DestinationSettings, OutboundRequest, SigningContext, classify_explained, json_headers,
};
use crate::events::{EventMessage, MessageOutcome};
use crate::net::Response;

const LIMITS: Limits = Limits { cost, url_cost: cost, prose: 3000, value: 1000, issues: 10, issue_url: 500, url: 2000 };

/// A space.
pub struct GoogleChat;

impl Destination for GoogleChat {
    fn kind(&self) -> DestinationKind {
        DestinationKind::GoogleChat
    }

    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        signing: &SigningContext<'_>,
    ) -> Option<OutboundRequest> {
        let mut url = settings.url.clone();
        // A retry with the same ID doesn't post the message again; a replay and another test do.
        url.query_pairs_mut().append_pair("requestId", &signing.delivery.to_string());
        let body = body(&chat::chat_message(message.content(), LIMITS)).to_string().into();
        Some(OutboundRequest { url, headers: json_headers(), body })
    }

    fn classify(&self, response: &Response, now: DateTime<Utc>) -> AttemptResult {
        classify_explained(response, now, explain)
    }
}

fn body(message: &ChatMessage) -> Value {
    let mut widgets = Vec::new();
    if !message.subject.label.is_empty() {
        let subject = match &message.subject.url {
            Some(url) => link(url, &message.subject.label),
            None => escape(&message.subject.label),
        };
        widgets.push(text(&format!("<b>{subject}</b>")));
    }
    widgets.extend(message.paragraphs.iter().map(|part| text(&paragraph(part, message.outcome))));
    for (label, value) in &message.fields {
        let value = match (label.as_str(), message.outcome) {
            ("Results", Some(outcome)) => colored(&escape(value), outcome),
            _ => escape(value),
        };
        widgets.push(json!({"decoratedText": {"topLabel": label, "text": value, "wrapText": true}}));
    }
    let origin: Vec<_> = message
        .origin
        .iter()
        .cloned()
        .chain(message.time.map(|time| time.format("%Y-%m-%d %H:%M UTC").to_string()))
        .chain(message.shortened.clone())
        .map(|part| escape(&part))
        .collect();
    if !origin.is_empty() {
        widgets.push(text(&format!("<i>{}</i>", origin.join(" · "))));
    }
    if !message.buttons.is_empty() {
        let button =
            |button: &chat::Button| json!({"text": button.label, "onClick": {"openLink": {"url": button.url}}});
        widgets.push(json!({"buttonList": {"buttons": message.buttons.iter().map(button).collect::<Vec<_>>()}}));
    }
    json!({
        "cardsV2": [{
            "cardId": "event",
            "card": {
                "header": {"title": message.headline},
                "sections": [{"widgets": widgets}],
            },
        }],
        "fallbackText": message.summary,
    })
}

fn text(html: &str) -> Value {
    json!({"textParagraph": {"text": html}})
}

fn paragraph(paragraph: &Paragraph, outcome: Option<MessageOutcome>) -> String {
    match paragraph {
        Paragraph::Notice(text) => escape(text),
        Paragraph::Quote(text) => escape(text).replace('\n', "<br>"),
        Paragraph::Result { status, details } => {
            let status = status.iter().map(|status| {
                let status = format!("<b>{}</b>", escape(status));
                outcome.map_or(status.clone(), |outcome| colored(&status, outcome))
            });
            status.chain(details.iter().map(|detail| escape(detail))).collect::<Vec<_>>().join(" · ")
        }
        Paragraph::Issues(issues) => {
            let issue = |issue: &Link| match &issue.url {
                Some(url) => format!("• {}", link(url, &issue.label)),
                None => format!("• {}", escape(&issue.label)),
            };
            issues.iter().map(issue).collect::<Vec<_>>().join("<br>")
        }
    }
}

/// Cards have no color of their own.
fn colored(html: &str, outcome: MessageOutcome) -> String {
    let color = match outcome {
        MessageOutcome::Good => "#1a7f37",
        MessageOutcome::Warning => "#8a6100",
        MessageOutcome::Bad => "#cf222e",
        MessageOutcome::Open => "#57606a",
    };
    format!("<font color=\"{color}\">{html}</font>")
}

/// The size of a character after [`escape`], in bytes.
const fn cost(c: char) -> usize {
    match c {
        '&' => 5,
        '<' | '>' | '\n' => 4,
        // JSON escapes them.
        '"' | '\\' => 6,
        c => c.len_utf8(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn link(url: &str, label: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(url), escape(label))
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    status: String,
}

/// Explains an error (<https://cloud.google.com/apis/design/errors>).
fn explain(status: StatusCode, body: &[u8]) -> Option<String> {
    let name = serde_json::from_slice::<ErrorBody>(body).ok()?.error.status;
    let is_about_key = String::from_utf8_lossy(body).contains("API_KEY_INVALID");
    let what_to_do = match name.as_str() {
        _ if is_about_key => "The key in the URL is wrong. Copy the URL again in the space, and enter it here.",
        "RESOURCE_EXHAUSTED" => return Some("Google Chat's rate limit was reached (429).".to_owned()),
        "PERMISSION_DENIED" | "UNAUTHENTICATED" => {
            "The webhook was removed, or its key or token is wrong. Create a new one in the space, and enter its URL here."
        }
        "NOT_FOUND" => "The space was deleted. Create a webhook in another space, and enter its URL here.",
        "INVALID_ARGUMENT" => "Google Chat rejected the message. This is a bug in Testbell; please report it.",
        _ => return None,
    };
    Some(format!("Google Chat responded with {} {name}. {what_to_do}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_text_is_escaped() {
        assert_eq!(escape(r#"<b>&"x""#), "&lt;b&gt;&amp;&quot;x&quot;");
        assert_eq!(
            link("https://x.example/?a=1&b=\"", "<l>"),
            "<a href=\"https://x.example/?a=1&amp;b=&quot;\">&lt;l&gt;</a>"
        );
    }

    #[test]
    fn known_errors_are_explained() {
        let body = br#"{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND"}}"#;
        let gone = explain(StatusCode::NOT_FOUND, body).unwrap();
        assert!(gone.starts_with("Google Chat responded with 404 NOT_FOUND. The space was deleted."), "{gone}");
        assert_eq!(explain(StatusCode::BAD_GATEWAY, b"<html>"), None);
    }
}
