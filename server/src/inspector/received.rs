//! What is kept of a received request: its headers, its body and the name of its event, within limits.

use app::model::delivery::Header;
use app::model::inspector::{MAX_INSPECTED_BODY_BYTES, MAX_INSPECTED_HEADER_BYTES};
use axum::body::Body;
use axum::http::{HeaderMap, Uri, header};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::Value;

use crate::destinations::INSPECTOR_PATH;

/// The maximum length of a stored path with its query, in bytes.
const MAX_PATH_BYTES: usize = 2048;
/// The maximum length of an event's name in characters.
const MAX_EVENT_CHARS: usize = 100;
/// Headers in which trackers name their events.
const EVENT_HEADERS: [&str; 5] = ["x-github-event", "x-gitlab-event", "x-gitea-event", "x-event-key", "x-event-type"];

/// A body, or its first part.
pub struct ReceivedBody {
    /// At most [`MAX_INSPECTED_BODY_BYTES`].
    pub bytes: Vec<u8>,
    /// Whether there was more.
    pub truncated: bool,
}

impl ReceivedBody {
    /// The body, if it is complete.
    pub fn complete(&self) -> Option<&[u8]> {
        (!self.truncated).then_some(&self.bytes)
    }
}

/// Reads a body; the rest of a larger one is not read.
///
/// # Errors
/// If the sender ends it too early.
pub async fn read_body(body: Body) -> Result<ReceivedBody, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let room = MAX_INSPECTED_BODY_BYTES - bytes.len();
        bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok(ReceivedBody { bytes, truncated: true });
        }
    }
    Ok(ReceivedBody { bytes, truncated: false })
}

/// The headers that are kept, and whether some were left out. Cookies are never kept: those of this site belong to
/// a signed-in user.
pub fn kept_headers(headers: &HeaderMap) -> (Vec<Header>, bool) {
    let (mut kept, mut bytes, mut truncated) = (Vec::new(), 0, false);
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        bytes += name.as_str().len() + value.len();
        if bytes > MAX_INSPECTED_HEADER_BYTES {
            truncated = true;
            break;
        }
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        kept.push(Header { name: name.to_string(), value });
    }
    (kept, truncated)
}

/// The token in a path.
pub fn token(uri: &Uri) -> &str {
    let rest = uri.path().strip_prefix(INSPECTOR_PATH).unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

/// What follows the token: a path and a query.
pub fn path_after_token(uri: &Uri) -> String {
    let rest = uri.path().strip_prefix(INSPECTOR_PATH).unwrap_or_default();
    let path = rest.find('/').map_or("", |slash| &rest[slash..]);
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut whole = format!("{path}{query}");
    whole.truncate(whole.floor_char_boundary(MAX_PATH_BYTES));
    whole
}

/// The name of the event in a body or a header.
pub fn event_name(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Named {
        r#type: Value,
        #[serde(rename = "webhookEvent")]
        webhook_event: Value,
        #[serde(rename = "eventType")]
        event_type: Value,
        event: Value,
    }
    let of_header = || EVENT_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let named = serde_json::from_slice::<Named>(body).unwrap_or_default();
    let of_body = [&named.r#type, &named.webhook_event, &named.event_type, &named.event];
    let name = of_header().or_else(|| of_body.into_iter().find_map(Value::as_str))?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_EVENT_CHARS).collect();
    Some(name).filter(|name| !name.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_kept_up_to_its_limit() {
        let read = async |bytes: usize| read_body(Body::from(vec![b'x'; bytes])).await.unwrap();
        let whole = read(MAX_INSPECTED_BODY_BYTES).await;
        assert_eq!((whole.bytes.len(), whole.truncated), (MAX_INSPECTED_BODY_BYTES, false));
        let cut = read(MAX_INSPECTED_BODY_BYTES + 1).await;
        assert_eq!((cut.bytes.len(), cut.truncated, cut.complete()), (MAX_INSPECTED_BODY_BYTES, true, None));
    }

    #[test]
    fn cookies_are_not_kept() {
        let headers = [("cookie", "testbell_session=x"), ("x-own", "1")];
        let headers =
            HeaderMap::from_iter(headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())));
        let (kept, truncated) = kept_headers(&headers);
        assert_eq!(kept, [Header { name: "x-own".into(), value: "1".into() }]);
        assert!(!truncated);
    }

    #[test]
    fn headers_are_kept_up_to_their_limit() {
        let mut headers = HeaderMap::new();
        for n in 0..10 {
            let name: axum::http::HeaderName = format!("x-{n}").parse().unwrap();
            headers.insert(name, "v".repeat(4096).parse().unwrap());
        }
        let (kept, truncated) = kept_headers(&headers);
        assert!(truncated && kept.len() == 7, "{}", kept.len());
    }

    #[test]
    fn the_path_after_the_token_is_kept() {
        for (path, token_of, rest) in [
            ("/inspect/ins_1", "ins_1", ""),
            ("/inspect/ins_1/", "ins_1", "/"),
            ("/inspect/ins_1?a=b", "ins_1", "?a=b"),
            ("/inspect/ins_1/hooks/a%2Fb?x", "ins_1", "/hooks/a%2Fb?x"),
        ] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!((token(&uri), &*path_after_token(&uri)), (token_of, rest), "{path}");
        }
    }

    #[test]
    fn the_event_is_named_by_the_body_or_a_header() {
        let none = HeaderMap::new();
        let github = HeaderMap::from_iter([("x-github-event".parse().unwrap(), "issues".parse().unwrap())]);
        for (headers, body, expected) in [
            (&none, r#"{"type":"test_run.completed"}"#, Some("test_run.completed")),
            (&none, r#"{"webhookEvent":"jira:issue_created","type":7}"#, Some("jira:issue_created")),
            (&github, r#"{"type":"x"}"#, Some("issues")),
            (&none, r#"{"type":"\u0000\n"}"#, None),
            (&none, "not JSON", None),
            (&none, "", None),
        ] {
            assert_eq!(event_name(headers, body.as_bytes()).as_deref(), expected, "{body}");
        }
    }
}
