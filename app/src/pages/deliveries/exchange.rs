//! Formats the request and response of an attempt as sent; JSON is indented.

use http::StatusCode;
use serde::de::IgnoredAny;

use crate::components::number::counted;
use crate::model::delivery::{Attempt, DeliveryPage, Header};

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpMessage {
    /// `POST https://ci.example.com/hook` or `503 Service Unavailable`.
    pub start: String,
    /// A line for each header.
    pub headers: String,
    /// The body as it was sent, if there is one.
    pub body: Option<String>,
    /// `Body, 214 bytes`.
    pub body_label: String,
}

/// The request and the response of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The request; before the first attempt, the one that will be sent. `None` if nothing was
    /// sent.
    pub request: Option<HttpMessage>,
    /// The response; `None` without one.
    pub response: Option<HttpMessage>,
    /// A note about parts that are not shown as sent.
    pub note: Option<&'static str>,
    /// The error of the attempt.
    pub error: Option<String>,
}

impl HttpMessage {
    /// The whole message.
    pub fn text(&self) -> String {
        let Self { start, headers, body, .. } = self;
        let parts = [Some(start), Some(headers).filter(|headers| !headers.is_empty())];
        let head: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        let body = body.as_deref().map(|body| format!("\n\n{body}")).unwrap_or_default();
        format!("{}{body}", head.join("\n"))
    }
}

/// The exchange of one attempt; with none, what the first attempt will send.
pub fn exchange(detail: &DeliveryPage, attempt: Option<&Attempt>) -> Exchange {
    Exchange {
        request: request(detail, attempt),
        response: attempt.and_then(response),
        note: attempt.and_then(note),
        error: attempt.and_then(|attempt| attempt.error.clone()),
    }
}

fn request(detail: &DeliveryPage, attempt: Option<&Attempt>) -> Option<HttpMessage> {
    let stored = attempt.and_then(|attempt| attempt.request_body.as_ref());
    let body = stored.or(detail.body.as_ref());
    let headers = match attempt {
        Some(attempt) if sent_nothing(attempt) => return None,
        Some(attempt) => header_lines(&attempt.request_headers),
        None if body.is_none() => return None,
        None => String::new(),
    };
    let destination = attempt.and_then(|attempt| attempt.destination.as_ref()).unwrap_or(&detail.destination);
    Some(HttpMessage {
        start: format!("POST {destination}"),
        headers,
        body: body.cloned(),
        body_label: body.map(|body| format!("Body, {}", bytes(body))).unwrap_or_default(),
    })
}

fn response(attempt: &Attempt) -> Option<HttpMessage> {
    let body = attempt.response_body.as_deref().filter(|body| !body.is_empty());
    let kept = if attempt.response_truncated { "First part of the body, " } else { "Body, " };
    Some(HttpMessage {
        start: status_line(attempt.status_code?),
        headers: header_lines(&attempt.response_headers),
        body: body.map(str::to_owned),
        body_label: body.map(|body| format!("{kept}{}", bytes(body))).unwrap_or_default(),
    })
}

/// An attempt that could send something has headers.
fn sent_nothing(attempt: &Attempt) -> bool {
    attempt.request_headers.is_empty()
}

/// Old attempts have no stored destination. Their body is known if the destination receives the
/// stored event.
fn note(attempt: &Attempt) -> Option<&'static str> {
    match (&attempt.destination, &attempt.request_body) {
        (Some(_), _) => None,
        _ if sent_nothing(attempt) => None,
        (None, Some(_)) => Some("This attempt was made before requests were stored. The URL is the current one."),
        (None, None) => Some(
            "This attempt was made before requests were stored. The URL and the body are shown as they would be sent now.",
        ),
    }
}

/// Where an attempt was sent, if the attempts of the delivery differ in that.
pub fn own_destination(detail: &DeliveryPage, attempt: &Attempt) -> Option<String> {
    let destinations = || detail.attempts.iter().filter_map(|attempt| attempt.destination.as_ref());
    let differs = destinations().any(|destination| Some(destination) != destinations().next());
    attempt.destination.clone().filter(|_| differs)
}

/// `503 Service Unavailable`.
pub fn status_line(code: u16) -> String {
    let words = StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason());
    words.map_or_else(|| code.to_string(), |words| format!("{code} {words}"))
}

fn header_lines(headers: &[Header]) -> String {
    let lines: Vec<_> = headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect();
    lines.join("\n")
}

fn bytes(body: &str) -> String {
    counted(u32::try_from(body.len()).unwrap_or(u32::MAX), "byte", "bytes")
}

/// Indented JSON, with keys and numbers as sent; any other text unchanged.
pub fn indent_json(body: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(body).is_err() {
        return body.to_owned();
    }
    let mut lines = String::with_capacity(body.len() * 2);
    let (mut depth, mut last) = (0usize, ' ');
    let (mut in_text, mut escaped) = (false, false);
    for c in body.chars() {
        if in_text {
            in_text = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            let (opened, closes) = (matches!(last, '{' | '['), matches!(c, '}' | ']'));
            depth -= usize::from(closes);
            // Empty values stay on one line.
            if if closes { !opened } else { opened || last == ',' } {
                lines.push('\n');
                lines.extend(std::iter::repeat_n("  ", depth));
            } else if last == ':' {
                lines.push(' ');
            }
            depth += usize::from(matches!(c, '{' | '['));
            in_text = c == '"';
        }
        lines.push(c);
        last = c;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_json_keeps_its_order() {
        let sent = r#"{"b":1.50,"a":[1,{"c":"x \\\"{,"}],"empty":{},"none":[ ]}"#;
        let lines = "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"c\": \"x \\\\\\\"{,\"\n    }\n  ],\n  \"empty\": {},\n  \"none\": []\n}";
        assert_eq!(indent_json(sent), lines);
    }

    #[test]
    fn text_that_is_not_json_is_unchanged() {
        for text in ["upstream is restarting", "{\"id\":", "}", ""] {
            assert_eq!(indent_json(text), text);
        }
    }

    fn detail(attempts: &[(Option<&str>, &str)]) -> DeliveryPage {
        let id = |n| uuid::Uuid::from_u128(n);
        let attempts: Vec<_> = attempts
            .iter()
            .enumerate()
            .map(|(index, (destination, header))| {
                serde_json::json!({
                    "id": crate::model::id::AttemptId(id(index as u128)), "number": index + 1,
                    "startedAt": "2026-11-20T14:01:07Z", "durationMs": 5, "statusCode": 500, "error": null,
                    "destination": destination, "requestBody": null, "responseHeaders": [],
                    "requestHeaders": if header.is_empty() { vec![] } else { vec![Header { name: "x".into(), value: (*header).into() }] },
                    "responseBody": null, "responseTruncated": false,
                })
            })
            .collect();
        let json = serde_json::json!({
            "id": crate::model::id::DeliveryId(id(1)), "projectId": crate::model::id::ProjectId(id(2)),
            "webhookId": crate::model::id::WebhookId(id(3)), "webhookName": "CI", "webhookDeleted": false,
            "direction": "outbound", "event": "issue.updated", "status": "failed", "attemptCount": attempts.len(),
            "maxAttempts": 8, "test": false, "collected": false, "createdAt": "2026-11-20T14:01:07Z", "destination": "https://now.example",
            "body": "{}", "attempts": attempts, "chain": [],
        });
        DeliveryPage::from(serde_json::from_value::<crate::model::delivery::DeliveryDetail>(json).unwrap())
    }

    #[test]
    fn each_attempt_has_its_own_request() {
        let moved = detail(&[(Some("https://a.example/x"), "first"), (Some("https://b.example/y"), "second")]);
        let [first, second] = [0, 1].map(|at| exchange(&moved, moved.attempts.get(at)).request.unwrap());
        assert_eq!(first.text(), "POST https://a.example/x\nx: first\n\n{}");
        assert_eq!(second.start, "POST https://b.example/y");
        assert_eq!(second.body_label, "Body, 2 bytes");
    }

    #[test]
    fn an_attempt_without_a_stored_request_has_a_note() {
        let note = |attempts| {
            let detail = detail(attempts);
            exchange(&detail, detail.attempts.last()).note
        };
        assert!(note(&[(None, "v")]).unwrap().contains("The URL and the body"));
        assert_eq!(note(&[(None, "v"), (Some("https://a.example"), "v")]), None);
        assert_eq!(note(&[(None, "")]), None, "nothing was sent");
        assert_eq!(note(&[]), None);
        let mut known = detail(&[(None, "v")]);
        known.attempts[0].request_body = Some("{}".to_owned());
        assert!(exchange(&known, known.attempts.last()).note.unwrap().ends_with("The URL is the current one."));
    }

    #[test]
    fn an_attempt_that_sent_nothing_shows_no_request() {
        let nothing = detail(&[(None, "")]);
        assert_eq!(exchange(&nothing, nothing.attempts.last()).request, None);
        let request = exchange(&detail(&[]), None).request.unwrap();
        assert_eq!(request.text(), "POST https://now.example\n\n{}", "what will be sent");
    }

    #[test]
    fn a_response_says_whether_its_body_is_whole() {
        let mut detail = detail(&[(Some("https://a.example"), "v")]);
        let response = |detail: &DeliveryPage| exchange(detail, detail.attempts.last()).response.unwrap();
        assert_eq!(response(&detail).text(), "500 Internal Server Error");
        detail.attempts[0].response_body = Some("down".to_owned());
        assert_eq!(response(&detail).body_label, "Body, 4 bytes");
        detail.attempts[0].response_truncated = true;
        assert_eq!(response(&detail).body_label, "First part of the body, 4 bytes");
        detail.attempts[0].status_code = None;
        assert_eq!(exchange(&detail, detail.attempts.last()).response, None);
    }

    #[test]
    fn attempts_with_different_destinations_name_them() {
        let moved = detail(&[(Some("https://a.example"), "v"), (Some("https://b.example"), "v")]);
        let shown: Vec<_> = moved.attempts.iter().map(|attempt| own_destination(&moved, attempt)).collect();
        assert_eq!(shown, [Some("https://a.example".to_owned()), Some("https://b.example".to_owned())]);
        let same = detail(&[(Some("https://a.example"), "v"), (Some("https://a.example"), "v")]);
        assert_eq!(own_destination(&same, &same.attempts[0]), None);
    }

    #[test]
    fn a_status_has_its_reason_phrase() {
        assert_eq!(status_line(503), "503 Service Unavailable");
        assert_eq!(status_line(599), "599");
    }
}
