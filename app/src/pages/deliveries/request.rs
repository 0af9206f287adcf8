//! Requests and responses as text, as they went over the wire; JSON is set out in lines.

use http::StatusCode;
use serde::de::IgnoredAny;

use crate::model::delivery::{Attempt, DeliveryDetail, Header};

/// The latest request with its headers and body, if one was made or is due.
pub fn request_text(detail: &DeliveryDetail) -> Option<String> {
    // An attempt without headers could not send anything.
    if detail.attempts.last().is_some_and(|attempt| attempt.request_headers.is_empty()) {
        return None;
    }
    let body = detail.body.as_deref()?;
    let path = path_of(&detail.destination);
    let headers = detail.attempts.last().map_or("", |_| "\n");
    let sent = detail.attempts.last().map(|attempt| header_lines(&attempt.request_headers)).unwrap_or_default();
    Some(format!("POST {path}{headers}{sent}\n\n{}", set_out(body)))
}

/// The path and the covered query of an address that the server has checked; the whole parser would
/// be the largest part of the page's code.
fn path_of(destination: &str) -> &str {
    let behind_scheme = destination.split_once("://").map_or("", |(_, rest)| rest);
    let path = behind_scheme.find('/').map_or("/", |start| &behind_scheme[start..]);
    path.split('#').next().unwrap_or("/")
}

/// Whether the latest attempt was made before requests were stored: what is shown of it is partly
/// what would be sent today.
pub fn is_partly_unknown(detail: &DeliveryDetail) -> bool {
    detail.attempts.last().is_some_and(|attempt| attempt.destination.is_none() && !attempt.request_headers.is_empty())
}

/// Where an attempt went, if the attempts of the delivery went to different destinations.
pub fn own_destination(detail: &DeliveryDetail, attempt: &Attempt) -> Option<String> {
    let destinations = || detail.attempts.iter().filter_map(|attempt| attempt.destination.as_ref());
    let differs = destinations().any(|destination| Some(destination) != destinations().next());
    attempt.destination.clone().filter(|_| differs)
}

/// What came back last, if anything.
pub fn response_text(detail: &DeliveryDetail) -> Option<String> {
    let attempt = detail.attempts.last()?;
    let code = attempt.status_code?;
    let headers = header_lines(&attempt.response_headers);
    let gap = if headers.is_empty() { "" } else { "\n" };
    let body = attempt.response_body.as_deref().map(set_out).unwrap_or_default();
    let more = if attempt.response_truncated { "\n… more came than is kept" } else { "" };
    Some(format!("{}{gap}{headers}\n\n{body}{more}", status_line(code)).trim_end().to_owned())
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

/// JSON in lines, its keys and numbers as they were sent; anything else as it is.
fn set_out(body: &str) -> String {
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
            // What is empty stays on its line.
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
    fn json_is_set_out_in_the_order_it_was_sent() {
        let sent = r#"{"b":1.50,"a":[1,{"c":"x \\\"{,"}],"empty":{},"none":[ ]}"#;
        let lines = "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"c\": \"x \\\\\\\"{,\"\n    }\n  ],\n  \"empty\": {},\n  \"none\": []\n}";
        assert_eq!(set_out(sent), lines);
    }

    #[test]
    fn text_that_is_no_json_stays_as_it_is() {
        for text in ["upstream is restarting", "{\"id\":", "}", ""] {
            assert_eq!(set_out(text), text);
        }
    }

    #[test]
    fn a_request_is_told_with_its_path() {
        assert_eq!(path_of("https://ci.example.com/hooks/testbell?token=••••#x"), "/hooks/testbell?token=••••");
        assert_eq!(path_of("https://ci.example.com"), "/");
        assert_eq!(path_of("GitHub"), "/");
    }

    fn detail(attempts: &[(Option<&str>, &str)]) -> DeliveryDetail {
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
            "maxAttempts": 8, "test": false, "createdAt": "2026-11-20T14:01:07Z", "destination": "https://now.example",
            "body": "{}", "attempts": attempts, "chain": [],
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn an_attempt_without_a_stored_destination_is_partly_unknown() {
        assert!(is_partly_unknown(&detail(&[(Some("https://a.example"), "v"), (None, "v")])));
        assert!(!is_partly_unknown(&detail(&[(None, "v"), (Some("https://a.example"), "v")])));
        assert!(!is_partly_unknown(&detail(&[(None, "")])), "nothing was sent");
        assert!(!is_partly_unknown(&detail(&[])));
    }

    #[test]
    fn an_attempt_that_sent_nothing_shows_no_request() {
        assert_eq!(request_text(&detail(&[(None, "")])), None);
        assert!(request_text(&detail(&[])).is_some(), "what will be sent");
    }

    #[test]
    fn attempts_name_their_destinations_where_these_differ() {
        let moved = detail(&[(Some("https://a.example"), "v"), (Some("https://b.example"), "v")]);
        let shown: Vec<_> = moved.attempts.iter().map(|attempt| own_destination(&moved, attempt)).collect();
        assert_eq!(shown, [Some("https://a.example".to_owned()), Some("https://b.example".to_owned())]);
        let same = detail(&[(Some("https://a.example"), "v"), (Some("https://a.example"), "v")]);
        assert_eq!(own_destination(&same, &same.attempts[0]), None);
    }

    #[test]
    fn a_status_is_told_with_its_words() {
        assert_eq!(status_line(503), "503 Service Unavailable");
        assert_eq!(status_line(599), "599");
    }
}
