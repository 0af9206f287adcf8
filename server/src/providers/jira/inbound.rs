//! Jira's webhooks, of Cloud and of Data Center:
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>.
//!
//! An issue is identified by its id, because a move changes its key. Its project is not compared
//! with the integration for the same reason, and the signature has already proved who sent the
//! event. A comment has some fields of its issue without a time or, on Data Center, nothing but a
//! URL with the issue's id.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;

use super::Jira;
use super::issue::{JiraIssue, is_id, reference};
use super::version::{self, JiraVersion};
use crate::providers::hmac_signature::{SignatureHeader, SignatureProblem};
use crate::providers::inbound::{InboundChange, InboundEvents, ParsedEvent, safe_event_name, test_headers};
use crate::providers::{TrackerIssue, TrackerSite, lenient};
use crate::providers::{delivery_id, hmac_signature};

/// The headers that may have the signature; both are SHA-256.
const SIGNATURE_HEADERS: [SignatureHeader; 2] =
    [SignatureHeader::sha256("x-hub-signature"), SignatureHeader::sha256("x-hub-signature-256")];
/// Jira's ids and numbers start above 0.
const TEST_BODY: &str = r#"{"webhookEvent":"jira:issue_updated","issue":{"id":"0","key":"TESTBELL-0","fields":{"summary":"Testbell's own test"}}}"#;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct JiraPayload<'a> {
    #[serde(deserialize_with = "lenient")]
    webhook_event: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    issue: Option<JiraIssue<'a>>,
    #[serde(deserialize_with = "lenient")]
    comment: Option<Comment>,
    #[serde(borrow, deserialize_with = "lenient")]
    version: Option<JiraVersion<'a>>,
    #[serde(deserialize_with = "lenient")]
    timestamp: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Comment {
    #[serde(rename = "self", deserialize_with = "lenient")]
    url: Option<String>,
}

impl InboundEvents for Jira {
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
        hmac_signature::verify(headers, &SIGNATURE_HEADERS, body, secret)
    }

    fn verification_failure(&self, headers: &HeaderMap) -> &'static str {
        match hmac_signature::problem(headers, &SIGNATURE_HEADERS) {
            SignatureProblem::Missing => {
                "The call isn't signed. In Jira, open System, WebHooks, edit this webhook and enter its secret. A Jira \
                 version without that field, or an automation rule, can't sign."
            }
            SignatureProblem::Sha1 => {
                "The call is signed with SHA-1, which isn't accepted. Jira signs with SHA-256: check what sends to \
                 this URL."
            }
            SignatureProblem::Repeated => {
                "The call has the same signature header more than once. Check the proxies between Jira and Testbell."
            }
            SignatureProblem::Malformed => {
                "X-Hub-Signature isn't in the form sha256=<64 hex digits>. Check what sends to this URL."
            }
            SignatureProblem::Mismatch => {
                "The signature doesn't match. In Jira, enter this webhook's secret again. If you don't have it any \
                 more, rotate the secret here and copy the new URL and secret."
            }
        }
    }

    fn delivery_id(&self, headers: &HeaderMap) -> Option<String> {
        delivery_id::in_header(headers, "x-atlassian-webhook-identifier")
    }

    fn event_name(&self, _headers: &HeaderMap) -> String {
        "unknown".to_owned()
    }

    fn parse(&self, headers: &HeaderMap, body: &[u8], site: &TrackerSite<'_>) -> ParsedEvent {
        let delivery_id = self.delivery_id(headers);
        let Ok(payload) = serde_json::from_slice::<JiraPayload>(body) else {
            let change = InboundChange::Unusable("The payload is not a JSON object.");
            return ParsedEvent { event: "unknown".to_owned(), delivery_id, change };
        };
        let event = payload.webhook_event.as_deref().map(safe_event_name).filter(|name| !name.is_empty());
        let change = match &event {
            Some(event) => parse_change(event, payload, site),
            None => InboundChange::Unusable("The payload has no webhookEvent."),
        };
        ParsedEvent { event: event.unwrap_or_else(|| "unknown".to_owned()), delivery_id, change }
    }

    fn wrong_content_type(&self, _is_form: bool) -> &'static str {
        "The content type must be application/json, which Jira's own webhooks use. In an automation rule, choose the \
         JSON format."
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let [header, _] = SIGNATURE_HEADERS;
        let signature = header.sign(TEST_BODY.as_bytes(), secret);
        (test_headers(&[(header.name, &signature)]), Bytes::from_static(TEST_BODY.as_bytes()))
    }
}

fn parse_change(event: &str, payload: JiraPayload, site: &TrackerSite<'_>) -> InboundChange {
    if payload.issue.as_ref().is_some_and(JiraIssue::is_test) {
        return InboundChange::Test;
    }
    if version::is_version_event(event) {
        return version::change(event, payload.version, payload.timestamp, site);
    }
    let comment = payload.comment.and_then(|comment| comment.url);
    let issue = payload.issue.and_then(|issue| issue.parse(site)).map(Box::new);
    match (event, issue) {
        ("jira:issue_created" | "jira:issue_updated" | "jira:issue_deleted", None) => {
            InboundChange::Unusable("The payload has no issue with an id.")
        }
        ("jira:issue_deleted", Some(issue)) => InboundChange::Deleted(issue),
        ("jira:issue_created", Some(issue)) => InboundChange::Issue { issue, moved_from: None },
        ("jira:issue_updated", Some(issue)) => {
            // If the issue is fetched next, its description comes from there: Cloud stores ADF, and
            // the wiki markup in the event is an inexact conversion of it.
            let description = issue.description.clone().filter(|_| !site.has_credentials);
            InboundChange::Issue { issue: Box::new(TrackerIssue { description, ..*issue }), moved_from: None }
        }
        ("comment_created" | "comment_updated" | "comment_deleted", issue) => {
            let named = || comment.as_deref().and_then(issue_of_comment).map(|id| reference(id.to_owned(), id, site));
            match issue.or_else(|| named().map(Box::new)) {
                Some(issue) => InboundChange::Mentioned(issue),
                None => InboundChange::Ignored("The comment doesn't say which issue it belongs to."),
            }
        }
        _ => InboundChange::Ignored("Neither an event of an issue nor of a version."),
    }
}

/// The issue's id from `https://example.com/rest/api/2/issue/10013/comment/10082`.
fn issue_of_comment(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("/issue/")?;
    rest.split_once("/comment/").map(|(id, _)| id).filter(|id| is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://example.com", repository: "WEB", has_credentials: false };
    const ISSUE: &str = r#"{"id":"10040","key":"WEB-7","fields":{"summary":"T","description":"d"}}"#;

    fn parse_event(body: &str, site: &TrackerSite<'_>) -> ParsedEvent {
        Jira.parse(&HeaderMap::new(), body.as_bytes(), site)
    }

    fn change_of(event: &str, more: &str) -> InboundChange {
        parse_event(&format!(r#"{{"webhookEvent":"{event}"{more}}}"#), &SITE).change
    }

    #[test]
    fn either_header_may_have_the_signature() {
        // Published by Atlassian.
        let good = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
        let sha1 = "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8";
        let verified = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
            Jira.verify(&headers.collect(), b"Hello World!", "It's a Secret to Everybody")
        };
        let [one, two] = SIGNATURE_HEADERS.map(|header| header.name);
        assert!(verified(&[(one, good)]) && verified(&[(two, good)]) && verified(&[(one, good), (two, good)]));
        assert!(!verified(&[]) && !verified(&[(one, sha1)]) && !verified(&[(one, good), (two, sha1)]));
    }

    #[test]
    fn issue_events_update_or_delete_the_issue() {
        let more = format!(r#","issue":{ISSUE}"#);
        assert!(matches!(change_of("jira:issue_created", &more), InboundChange::Issue { .. }));
        assert!(matches!(change_of("jira:issue_updated", &more), InboundChange::Issue { .. }));
        assert!(matches!(change_of("jira:issue_deleted", &more), InboundChange::Deleted(_)));
        assert!(matches!(change_of("comment_updated", &more), InboundChange::Mentioned(_)));
        for event in ["jira:worklog_updated", "sprint_started", "issuelink_created"] {
            assert!(matches!(change_of(event, &more), InboundChange::Ignored(_)), "{event}");
        }
    }

    #[test]
    fn an_update_takes_the_description_from_the_sync() {
        let change_of = |event: &str, has_credentials: bool| {
            let body = format!(r#"{{"webhookEvent":"{event}","issue":{ISSUE}}}"#);
            let InboundChange::Issue { issue, .. } =
                parse_event(&body, &TrackerSite { has_credentials, ..SITE }).change
            else {
                panic!("an issue")
            };
            issue.description
        };
        assert_eq!(change_of("jira:issue_updated", true), None);
        assert_eq!(change_of("jira:issue_updated", false).as_deref(), Some("d"));
        assert_eq!(change_of("jira:issue_created", true).as_deref(), Some("d"));
    }

    #[test]
    fn a_comment_without_an_issue_names_it_in_its_url() {
        let comment = r#","comment":{"self":"https://example.com/jira/rest/api/2/issue/10013/comment/10082"}"#;
        let InboundChange::Mentioned(issue) = change_of("comment_created", comment) else { panic!("a mention") };
        assert!(issue.is_reference());
        assert_eq!((issue.external_id.as_str(), issue.url), ("10013", None));
        assert!(matches!(change_of("comment_created", r#","comment":{"id":"1"}"#), InboundChange::Ignored(_)));
    }

    #[test]
    fn broken_payloads_are_unusable() {
        for body in ["{}", "[]", "7", r#"{"webhookEvent":7}"#, r#"{"webhookEvent":"jira:issue_created"}"#] {
            assert!(matches!(parse_event(body, &SITE).change, InboundChange::Unusable(_)), "{body}");
        }
        assert!(matches!(change_of("jira:issue_updated", r#","issue":{"id":"../x"}"#), InboundChange::Unusable(_)));
    }

    #[test]
    fn a_test_is_recognized_by_its_id_and_key_alone() {
        let (headers, body) = Jira.test_request("secret");
        assert!(Jira.verify(&headers, &body, "secret"));
        assert_eq!(Jira.parse(&headers, &body, &SITE).change, InboundChange::Test);
        let real = format!(r#","test":true,"issue":{ISSUE}"#);
        assert!(matches!(change_of("jira:issue_updated", &real), InboundChange::Issue { .. }));
    }
}
