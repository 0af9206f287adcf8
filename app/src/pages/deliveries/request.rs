//! Requests and responses as text, as they went over the wire; JSON is set out in lines.

use http::StatusCode;
use serde::de::IgnoredAny;

use crate::model::delivery::{DeliveryDetail, Header};

/// The latest request with its headers and body, if one was made or is due.
pub fn request_text(detail: &DeliveryDetail) -> Option<String> {
    let body = detail.body.as_deref()?;
    let path = path_of(&detail.destination);
    let headers = detail.attempt_list.last().map_or("", |_| "\n");
    let sent = detail.attempt_list.last().map(|attempt| header_lines(&attempt.request_headers)).unwrap_or_default();
    Some(format!("POST {path}{headers}{sent}\n\n{}", set_out(body)))
}

/// The path of an address that the server has checked; the whole parser would be the largest part of
/// the page's code.
fn path_of(destination: &str) -> &str {
    let behind_scheme = destination.split_once("://").map_or("", |(_, rest)| rest);
    let path = behind_scheme.find('/').map_or("/", |start| &behind_scheme[start..]);
    path.split(['?', '#']).next().unwrap_or("/")
}

/// What came back last, if anything.
pub fn response_text(detail: &DeliveryDetail) -> Option<String> {
    let attempt = detail.attempt_list.last()?;
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
        assert_eq!(path_of("https://ci.example.com/hooks/testbell?x=1"), "/hooks/testbell");
        assert_eq!(path_of("https://ci.example.com"), "/");
        assert_eq!(path_of("GitHub"), "/");
    }

    #[test]
    fn a_status_is_told_with_its_words() {
        assert_eq!(status_line(503), "503 Service Unavailable");
        assert_eq!(status_line(599), "599");
    }
}
