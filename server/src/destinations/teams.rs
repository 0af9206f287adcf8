//! Messages for Microsoft Teams, through a workflow that posts to a channel or chat
//! (<https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498>):
//! an Adaptive Card 1.4 per event (<https://adaptivecards.io/explorer/>).
//!
//! User text is in text runs, which have no markup and need no escaping. A message has at most 28 KB.

use app::model::destination::DestinationKind;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::chat::{self, ChatMessage, Limits, Link, Paragraph};
use super::{
    AttemptResult, Destination, DestinationSettings, OutboundRequest, SigningContext, classify_explained, json_headers,
};
use crate::events::{EventMessage, MessageOutcome};
use crate::net::Response;

const LIMITS: Limits = Limits { cost, url_cost: cost, prose: 3000, value: 500, issues: 10, issue_url: 500, url: 2000 };

/// A channel or chat.
pub struct Teams;

impl Destination for Teams {
    fn kind(&self) -> DestinationKind {
        DestinationKind::Teams
    }

    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        _: &SigningContext<'_>,
    ) -> Option<OutboundRequest> {
        let body = body(&chat::chat_message(message.content(), LIMITS)).to_string().into();
        Some(OutboundRequest { url: settings.url.clone(), headers: json_headers(), body })
    }

    fn classify(&self, response: &Response, now: DateTime<Utc>) -> AttemptResult {
        match error_in_success(response) {
            Some(explanation) => AttemptResult::Failed { explanation },
            None => classify_explained(response, now, explain),
        }
    }
}

fn body(message: &ChatMessage) -> Value {
    let mut items = vec![paragraph_of(vec![bold_run(&message.headline)], "Medium")];
    if !message.subject.label.is_empty() {
        items.push(paragraph_of(vec![link_run(&message.subject)], "Default"));
    }
    let mut card = vec![json!({
        "type": "Container",
        "style": message.outcome.map_or("default", style),
        "bleed": true,
        "items": items,
    })];
    card.extend(message.paragraphs.iter().flat_map(paragraphs));
    let field =
        |(label, value): &(String, String)| paragraph_of(vec![bold_run(&format!("{label}: ")), run(value)], "Default");
    card.extend(message.fields.iter().map(field));
    let time = message.time.map(|time| time.format("%Y-%m-%d %H:%M UTC").to_string());
    let origin: Vec<_> = message.origin.iter().cloned().chain(time).chain(message.shortened.clone()).collect();
    if !origin.is_empty() {
        let text = json!({"type": "TextRun", "text": origin.join(" · "), "size": "Small", "isSubtle": true});
        card.push(paragraph_of(vec![text], "Default"));
    }
    let action = |button: &chat::Button| json!({"type": "Action.OpenUrl", "title": button.label, "url": button.url});
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "fallbackText": message.summary,
                "body": card,
                "actions": message.buttons.iter().map(action).collect::<Vec<_>>(),
                "msteams": {"width": "Full"},
            },
        }],
    })
}

const fn style(outcome: MessageOutcome) -> &'static str {
    match outcome {
        MessageOutcome::Good => "good",
        MessageOutcome::Warning => "warning",
        MessageOutcome::Bad => "attention",
        MessageOutcome::Open => "emphasis",
    }
}

/// A paragraph of text runs. Those of a headline are larger.
fn paragraph_of(mut inlines: Vec<Value>, size: &str) -> Value {
    for run in inlines.iter_mut().filter(|_| size != "Default") {
        run["size"] = json!(size);
    }
    json!({"type": "RichTextBlock", "inlines": inlines})
}

fn run(text: &str) -> Value {
    json!({"type": "TextRun", "text": text})
}

fn bold_run(text: &str) -> Value {
    json!({"type": "TextRun", "text": text, "weight": "Bolder"})
}

fn link_run(link: &Link) -> Value {
    let mut run = bold_run(&link.label);
    if let Some(url) = &link.url {
        run["selectAction"] = json!({"type": "Action.OpenUrl", "url": url});
    }
    run
}

fn paragraphs(paragraph: &Paragraph) -> Vec<Value> {
    match paragraph {
        Paragraph::Notice(text) => vec![paragraph_of(vec![run(text)], "Default")],
        Paragraph::Quote(text) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let lines = lines.map(|line| paragraph_of(vec![run(line)], "Default"));
            vec![json!({"type": "Container", "style": "emphasis", "items": lines.collect::<Vec<_>>()})]
        }
        Paragraph::Result { status, details } => {
            let status = status.iter().map(|status| bold_run(status));
            let mut runs: Vec<_> = status.chain(details.iter().map(|detail| run(detail))).collect();
            for separator in (1..runs.len()).rev() {
                runs.insert(separator, run(" · "));
            }
            vec![paragraph_of(runs, "Default")]
        }
        Paragraph::Issues(issues) => {
            issues.iter().map(|issue| paragraph_of(vec![run("• "), link_run(issue)], "Default")).collect()
        }
    }
}

/// The size of a character in JSON, in bytes. Each line of a quotation is an element.
const fn cost(c: char) -> usize {
    match c {
        '\n' => 70,
        '"' | '\\' => 2,
        c => c.len_utf8(),
    }
}

/// A workflow that uses the retired connector reports its errors in a 200
/// (<https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>).
fn error_in_success(response: &Response) -> Option<String> {
    let body = String::from_utf8_lossy(&response.body);
    let is_error = response.status.is_success() && body.contains("message delivery failed");
    is_error.then(|| {
        let said: String = body.chars().filter(|c| !c.is_control()).take(200).collect();
        format!("Teams accepted the request, but did not post the message: {said}")
    })
}

/// Explains an error of a workflow.
fn explain(status: StatusCode, body: &[u8]) -> Option<String> {
    let code = serde_json::from_slice::<Value>(body).ok();
    let code = code.as_ref().and_then(|body| body["error"]["code"].as_str()).unwrap_or_default();
    let what_to_do = match (status, code) {
        (StatusCode::TOO_MANY_REQUESTS, _) => return Some("The rate limit of Teams was reached (429).".to_owned()),
        (_, "WorkflowTriggerIsNotEnabled") => "The workflow is turned off. Turn it on in Teams, under Workflows.",
        (StatusCode::NOT_FOUND | StatusCode::GONE, _) | (_, "WorkflowNotFound") => {
            "The workflow was deleted. Create a new one in Teams, and enter its URL here."
        }
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
            "The signature in the URL is not valid. Copy the URL of the workflow again, and enter it here."
        }
        (StatusCode::PAYLOAD_TOO_LARGE, _) | (StatusCode::BAD_REQUEST, "TriggerInputSchemaMismatch") => {
            "The workflow doesn't accept the card. Create it from the template \"Send webhook alerts to a channel\"."
        }
        _ => return None,
    };
    let code: String = code.chars().filter(|c| !c.is_control()).take(100).collect();
    let space = if code.is_empty() { "" } else { " " };
    Some(format!("Teams responded with {}{space}{code}. {what_to_do}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            truncated: false,
            body_bytes: body.len(),
            is_complete: true,
        }
    }

    #[test]
    fn accepted_is_a_success_and_an_error_in_a_success_is_a_failure() {
        let classify = |status, body: &str| Teams.classify(&response(status, body), DateTime::UNIX_EPOCH);
        assert_eq!(classify(202, ""), AttemptResult::Success);
        let failed = classify(200, "Webhook message delivery failed with error: HTTP error 413");
        assert!(failed.explanation().is_some_and(|why| why.ends_with("HTTP error 413")), "{failed:?}");
    }

    #[test]
    fn known_errors_are_explained() {
        let body = br#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"..."}}"#;
        let off = explain(StatusCode::BAD_REQUEST, body).unwrap();
        assert!(off.starts_with("Teams responded with 400 WorkflowTriggerIsNotEnabled. The workflow is turned off."));
        assert!(explain(StatusCode::NOT_FOUND, b"").unwrap().contains("was deleted"));
        assert_eq!(explain(StatusCode::BAD_GATEWAY, b"<html>"), None);
        let long = format!(r#"{{"error":{{"code":"{}é"}}}}"#, "a".repeat(99));
        assert!(explain(StatusCode::NOT_FOUND, long.as_bytes()).is_some());
    }
}
