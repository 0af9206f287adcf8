//! Linear's webhooks: <https://linear.app/developers/webhooks>.
//!
//! Every action on an issue sends its complete state. Linear signs with a secret that it generates itself.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;

use super::Linear;
use super::issue::LinearIssue;
use crate::providers::hmac_signature::{self, SignatureHeader, SignatureProblem};
use crate::providers::inbound::{InboundChange, InboundEvents, ParsedEvent, safe_event_name, test_headers};
use crate::providers::{TrackerSite, delivery_id, lenient};

const SIGNATURE: SignatureHeader = SignatureHeader::bare("linear-signature");
const EVENT: &str = "linear-event";
const TEST_BODY: &str = r#"{"action":"create","type":"Issue","data":{"id":"00000000-0000-0000-0000-000000000000","title":"Testbell's own test"}}"#;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LinearPayload {
    #[serde(deserialize_with = "lenient")]
    action: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    updated_from: Option<UpdatedFrom>,
}

/// The values before an update.
#[derive(Default, Deserialize)]
#[serde(default)]
struct UpdatedFrom {
    #[serde(deserialize_with = "lenient")]
    trashed: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WithIssue {
    #[serde(deserialize_with = "lenient")]
    data: Option<LinearIssue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WithComment {
    #[serde(deserialize_with = "lenient")]
    data: Option<Comment>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Comment {
    #[serde(deserialize_with = "lenient")]
    issue: Option<LinearIssue>,
}

impl InboundEvents for Linear {
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
        hmac_signature::verify(headers, &[SIGNATURE], body, secret)
    }

    fn verification_failure(&self, headers: &HeaderMap) -> &'static str {
        match hmac_signature::problem(headers, &[SIGNATURE]) {
            SignatureProblem::Missing | SignatureProblem::Sha1 => {
                "The call has no Linear-Signature header. Check what sends to this URL."
            }
            SignatureProblem::Repeated => {
                "The call has more than one Linear-Signature header. Check the proxies between Linear and Testbell."
            }
            SignatureProblem::Malformed => {
                "The Linear-Signature header isn't 64 hex digits. Check what sends to this URL."
            }
            SignatureProblem::Mismatch => {
                "The signature doesn't match. In Linear, open Settings, API, select this webhook, copy its signing \
                 secret, and enter it here again."
            }
        }
    }

    fn delivery_id(&self, headers: &HeaderMap) -> Option<String> {
        delivery_id::in_header(headers, "linear-delivery")
    }

    fn event_name(&self, headers: &HeaderMap) -> String {
        let name = headers.get(EVENT).and_then(|name| name.to_str().ok()).map(safe_event_name);
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
    }

    fn parse(&self, headers: &HeaderMap, body: &[u8], site: &TrackerSite<'_>) -> ParsedEvent {
        let delivery_id = self.delivery_id(headers);
        let Ok(payload) = serde_json::from_slice::<LinearPayload>(body) else {
            let change = InboundChange::Unusable("The payload is not a JSON object.");
            return ParsedEvent { event: self.event_name(headers), delivery_id, change };
        };
        let named = |name: &Option<String>| name.as_deref().map(safe_event_name).filter(|name| !name.is_empty());
        let kind = named(&payload.kind).unwrap_or_else(|| self.event_name(headers));
        let event = match named(&payload.action) {
            Some(action) => format!("{kind}.{action}"),
            None => kind.clone(),
        };
        let change = match kind.as_str() {
            "Issue" => issue_event(&payload, body, site),
            "Comment" => comment_event(body, site),
            _ => InboundChange::Ignored("Not an issue event."),
        };
        ParsedEvent { event, delivery_id, change }
    }

    fn wrong_content_type(&self, _is_form: bool) -> &'static str {
        "The content type must be application/json, which Linear's webhooks use. Check what sends to this URL."
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let signature = SIGNATURE.sign(TEST_BODY.as_bytes(), secret);
        let headers = test_headers(&[(EVENT, "Issue"), (SIGNATURE.name, &signature)]);
        (headers, Bytes::from_static(TEST_BODY.as_bytes()))
    }
}

fn issue_event(payload: &LinearPayload, body: &[u8], site: &TrackerSite<'_>) -> InboundChange {
    let Some(issue) = serde_json::from_slice::<WithIssue>(body).ok().and_then(|event| event.data) else {
        return InboundChange::Unusable("The payload has no issue.");
    };
    if issue.is_test() {
        return InboundChange::Test;
    }
    let is_deleted = payload.action.as_deref() == Some("remove") || issue.is_trashed();
    let was_deleted = payload.updated_from.as_ref().is_some_and(|before| before.trashed == Some(true));
    let is_restored = payload.action.as_deref() == Some("restore") || was_deleted;
    match issue.parse(site) {
        Err(reason) => InboundChange::Unusable(reason),
        Ok(issue) if is_deleted => InboundChange::Deleted(Box::new(issue)),
        Ok(issue) if is_restored => InboundChange::Restored(Box::new(issue)),
        Ok(issue) => InboundChange::Issue { issue: Box::new(issue), moved_from: None },
    }
}

/// Comments on projects and documents have no issue.
fn comment_event(body: &[u8], site: &TrackerSite<'_>) -> InboundChange {
    let comment = serde_json::from_slice::<WithComment>(body).ok().and_then(|event| event.data);
    let Some(issue) = comment.and_then(|comment| comment.issue) else {
        return InboundChange::Ignored("Not a comment on an issue.");
    };
    match issue.parse(site) {
        Ok(issue) => InboundChange::Mentioned(Box::new(issue)),
        Err(_) => InboundChange::Ignored("The comment doesn't say which issue it belongs to."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://linear.app/acme", repository: "ENG", has_credentials: false };
    const ISSUE: &str = r#""id":"a-1","identifier":"ENG-7","title":"T","state":{"name":"Todo","type":"unstarted"}"#;

    fn parse(body: &str) -> ParsedEvent {
        Linear.parse(&HeaderMap::new(), body.as_bytes(), &SITE)
    }

    fn issue_event(action: &str, fields: &str, rest: &str) -> ParsedEvent {
        parse(&format!(r#"{{"type":"Issue","action":"{action}","data":{{{ISSUE}{fields}}}{rest}}}"#))
    }

    #[test]
    fn every_action_on_an_issue_updates_it() {
        for action in ["create", "update", "one_of_tomorrow"] {
            let got = issue_event(action, "", "");
            assert_eq!(got.event, format!("Issue.{action}"));
            let InboundChange::Issue { issue, .. } = got.change else { panic!("{action}") };
            assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("a-1", "ENG-7"));
        }
    }

    #[test]
    fn the_trash_deletes_an_issue_and_gives_it_back() {
        for event in [issue_event("remove", "", ""), issue_event("update", r#","trashed":true"#, "")] {
            assert!(matches!(event.change, InboundChange::Deleted(_)), "{event:?}");
        }
        for event in [issue_event("restore", "", ""), issue_event("update", "", r#","updatedFrom":{"trashed":true}"#)] {
            assert!(matches!(event.change, InboundChange::Restored(_)), "{event:?}");
        }
    }

    #[test]
    fn a_comment_mentions_its_issue() {
        let comment = |data: &str| parse(&format!(r#"{{"type":"Comment","action":"create","data":{data}}}"#)).change;
        let InboundChange::Mentioned(issue) =
            comment(r#"{"id":"c","issue":{"id":"a-1","identifier":"ENG-7","title":"T"}}"#)
        else {
            panic!("a mention is expected")
        };
        assert_eq!((issue.key.as_str(), issue.state), ("ENG-7", None));
        for data in [r#"{"id":"c","projectId":"p"}"#, r#"{"issue":{"id":"a-1"}}"#, "null", "7"] {
            assert!(matches!(comment(data), InboundChange::Ignored(_)), "{data}");
        }
    }

    #[test]
    fn other_events_are_ignored_and_broken_ones_unusable() {
        for body in [r#"{"type":"Project","data":{}}"#, r#"{"type":7}"#, "{}"] {
            assert!(matches!(parse(body).change, InboundChange::Ignored(_)), "{body}");
        }
        for body in ["null", r#"{"type":"Issue"}"#, r#"{"type":"Issue","data":{"id":"a-1"}}"#] {
            assert!(matches!(parse(body).change, InboundChange::Unusable(_)), "{body}");
        }
    }

    #[test]
    fn a_test_is_recognized_by_its_id_alone() {
        let (headers, body) = Linear.test_request("secret");
        assert!(Linear.verify(&headers, &body, "secret") && !Linear.verify(&headers, &body, "another"));
        assert_eq!(Linear.parse(&headers, &body, &SITE).change, InboundChange::Test);
    }
}
