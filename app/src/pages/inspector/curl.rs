//! A received request as a command for curl.

use crate::model::delivery::Header;
use crate::model::inspector::InspectorRequestDetail;

/// Headers that curl or the connection sets.
const OMITTED: [&str; 6] = ["host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect"];

/// A command that sends the request again, to the same URL.
pub fn curl(url: &str, detail: &InspectorRequestDetail) -> String {
    let request = &detail.request;
    let target = format!("{url}{}", request.path);
    let mut lines = vec![format!("curl -X {} {}", quoted(&request.method), quoted(&target))];
    let headers = detail.headers.iter().filter(|header| !OMITTED.contains(&&*header.name));
    lines.extend(headers.map(|Header { name, value }| format!("-H {}", quoted(&format!("{name}: {value}")))));
    match (&detail.body, &detail.body_base64) {
        (Some(body), _) if !body.is_empty() => lines.push(format!("--data-raw {}", quoted(body))),
        (_, Some(body)) => {
            lines.push("--data-binary @-".to_owned());
            return format!("echo {} | base64 -d | {}", quoted(body), lines.join(" \\\n  "));
        }
        _ => {}
    }
    lines.join(" \\\n  ")
}

/// A text as one word of a POSIX shell. Nothing has a meaning between single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(body: Option<&str>, base64: Option<&str>) -> InspectorRequestDetail {
        let id = |n| uuid::Uuid::from_u128(n);
        serde_json::from_value(serde_json::json!({
            "request": {
                "id": crate::model::id::InspectorRequestId(id(1)),
                "inspectorUrlId": crate::model::id::InspectorUrlId(id(2)), "receivedAt": "2026-11-20T14:01:07Z",
                "method": "PUT", "path": "/a?b='c'", "event": null, "bodyBytes": 1, "truncated": false,
                "signature": "unsigned", "status": 200,
            },
            "address": "192.0.2.1", "signatureDetail": "", "headersTruncated": false, "durationMs": 1,
            "headers": [
                {"name": "host", "value": "testbell.example.com"}, {"name": "x-own", "value": "$(reboot) `id` \"'"},
            ],
            "body": body, "bodyBase64": base64,
        }))
        .unwrap()
    }

    #[test]
    fn text_of_a_sender_never_leaves_its_quotes() {
        let expected = "curl -X 'PUT' 'https://t.example/inspect/ins_1/a?b='\\''c'\\''' \\\n  \
                        -H 'x-own: $(reboot) `id` \"'\\''' \\\n  --data-raw '{\"a\":\n\"it'\\''s\"}'";
        assert_eq!(curl("https://t.example/inspect/ins_1", &detail(Some("{\"a\":\n\"it's\"}"), None)), expected);
    }

    #[test]
    fn a_binary_body_is_decoded_on_the_way() {
        let command = curl("https://t.example/inspect/ins_1", &detail(None, Some("/wA=")));
        assert!(command.starts_with("echo '/wA=' | base64 -d | curl -X 'PUT' "), "{command}");
        assert!(command.ends_with("--data-binary @-"), "{command}");
        assert!(!curl("https://t.example", &detail(Some(""), None)).contains("--data"));
    }
}
