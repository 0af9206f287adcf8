//! Jira's webhooks, of Cloud and of Data Center:
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>.
//!
//! An issue is bound by its id: a move changes its key. Which project it belongs to is not
//! compared with the integration, for the same reason: issues are moved, and address and secret
//! have proved already who sends. A comment says of its issue a part without a time, or on Data
//! Center nothing but an address with its id.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;

use super::{Inbound, Recognised, What, plain, signature, test_headers};
use crate::tracker::jira::JiraIssue;
use crate::tracker::jira::issue::{bare, is_id};
use crate::tracker::{Site, TrackerIssue, lenient};

/// See the [module](self).
pub struct Jira;

/// The headers that may carry the signature; both are of SHA-256, whatever they are called.
const SIGNATURES: [&str; 2] = ["x-hub-signature", "x-hub-signature-256"];
/// The body of a test: Jira counts ids and numbers from above 0.
const TEST: &str = r#"{"webhookEvent":"jira:issue_updated","issue":{"id":"0","key":"TESTBELL-0","fields":{"summary":"Testbell's own test"}}}"#;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(deserialize_with = "lenient")]
    webhook_event: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    issue: Option<JiraIssue<'a>>,
    #[serde(deserialize_with = "lenient")]
    comment: Option<Comment>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Comment {
    #[serde(rename = "self", deserialize_with = "lenient")]
    address: Option<String>,
}

impl Inbound for Jira {
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
        let mut signed = SIGNATURES.into_iter().filter(|name| headers.contains_key(*name)).peekable();
        // With two of them, a proxy and this server might look at different ones: both must fit.
        signed.peek().is_some() && signed.all(|name| signature::verify(headers, name, body, secret))
    }

    fn event_name(&self, _headers: &HeaderMap) -> String {
        "unknown".to_owned()
    }

    fn recognise(&self, _headers: &HeaderMap, body: &[u8], site: &Site<'_>) -> Recognised {
        let Ok(payload) = serde_json::from_slice::<Payload>(body) else {
            let what = What::Unusable("The payload is not a JSON object.");
            return Recognised { event: "unknown".to_owned(), what };
        };
        let event = payload.webhook_event.as_deref().map(plain).filter(|name| !name.is_empty());
        let what = match &event {
            Some(event) => recognise(event, payload, site),
            None => What::Unusable("The payload has no webhookEvent: it says what the event is about."),
        };
        Recognised { event: event.unwrap_or_else(|| "unknown".to_owned()), what }
    }

    fn wrong_content_type(&self, _is_form: bool) -> &'static str {
        "The payload must come as application/json, as Jira's own webhooks send it. In an automation rule, choose the \
         JSON format."
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let signature = signature::sign(TEST.as_bytes(), secret);
        (test_headers(&[(SIGNATURES[0], &signature)]), Bytes::from_static(TEST.as_bytes()))
    }
}

fn recognise(event: &str, payload: Payload, site: &Site<'_>) -> What {
    if payload.issue.as_ref().is_some_and(JiraIssue::is_test) {
        return What::Test;
    }
    let comment = payload.comment.and_then(|comment| comment.address);
    let issue = payload.issue.and_then(|issue| issue.read(site)).map(Box::new);
    match (event, issue) {
        ("jira:issue_created" | "jira:issue_updated" | "jira:issue_deleted", None) => {
            What::Unusable("The payload has no issue with an id.")
        }
        ("jira:issue_deleted", Some(issue)) => What::Deleted(issue),
        ("jira:issue_created", Some(issue)) => What::Issue { issue, moved_from: None },
        ("jira:issue_updated", Some(issue)) => {
            // Where it is read next, the description comes from there: Cloud holds it as a
            // document, of which the markup in the event is a translation that differs.
            let description = issue.description.clone().filter(|_| !site.reads);
            What::Issue { issue: Box::new(TrackerIssue { description, ..*issue }), moved_from: None }
        }
        ("comment_created" | "comment_updated" | "comment_deleted", issue) => {
            let named = || comment.as_deref().and_then(issue_of_comment).map(|id| bare(id.to_owned(), id, site));
            match issue.or_else(|| named().map(Box::new)) {
                Some(issue) => What::Mentioned(issue),
                None => What::Ignored("The comment does not say which issue it belongs to."),
            }
        }
        _ => What::Ignored("Testbell follows Jira's issues; this event is about something else."),
    }
}

/// The id of the issue out of `https://example.com/rest/api/2/issue/10013/comment/10082`.
fn issue_of_comment(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("/issue/")?;
    rest.split_once("/comment/").map(|(id, _)| id).filter(|id| is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Site<'_> = Site { base_url: "https://example.com", repository: "WEB", reads: false };
    const ISSUE: &str = r#"{"id":"10040","key":"WEB-7","fields":{"summary":"T","description":"d"}}"#;

    fn recognised(body: &str, site: &Site<'_>) -> Recognised {
        Jira.recognise(&HeaderMap::new(), body.as_bytes(), site)
    }

    fn of(event: &str, more: &str) -> What {
        recognised(&format!(r#"{{"webhookEvent":"{event}"{more}}}"#), &SITE).what
    }

    #[test]
    fn either_header_carries_a_signature_of_sha_256() {
        // Published by Atlassian.
        let good = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
        let sha1 = "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8";
        let verified = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap()));
            Jira.verify(&headers.collect(), b"Hello World!", "It's a Secret to Everybody")
        };
        let [one, two] = SIGNATURES;
        assert!(verified(&[(one, good)]) && verified(&[(two, good)]) && verified(&[(one, good), (two, good)]));
        assert!(!verified(&[]) && !verified(&[(one, sha1)]) && !verified(&[(one, good), (two, sha1)]));
    }

    #[test]
    fn created_and_updated_say_how_the_issue_stands_and_deleted_was_its_last_state() {
        let more = format!(r#","issue":{ISSUE}"#);
        assert!(matches!(of("jira:issue_created", &more), What::Issue { .. }));
        assert!(matches!(of("jira:issue_updated", &more), What::Issue { .. }));
        assert!(matches!(of("jira:issue_deleted", &more), What::Deleted(_)));
        assert!(matches!(of("comment_updated", &more), What::Mentioned(_)));
        for event in ["jira:worklog_updated", "sprint_started", "issuelink_created"] {
            assert!(matches!(of(event, &more), What::Ignored(_)), "{event}");
        }
    }

    #[test]
    fn the_description_of_an_update_waits_for_the_reading() {
        let of = |event: &str, reads: bool| {
            let body = format!(r#"{{"webhookEvent":"{event}","issue":{ISSUE}}}"#);
            let What::Issue { issue, .. } = recognised(&body, &Site { reads, ..SITE }).what else { panic!("an issue") };
            issue.description
        };
        assert_eq!(of("jira:issue_updated", true), None);
        assert_eq!(of("jira:issue_updated", false).as_deref(), Some("d"));
        assert_eq!(of("jira:issue_created", true).as_deref(), Some("d"));
    }

    #[test]
    fn a_comment_without_an_issue_names_it_in_its_address() {
        let comment = r#","comment":{"self":"https://example.com/jira/rest/api/2/issue/10013/comment/10082"}"#;
        let What::Mentioned(issue) = of("comment_created", comment) else { panic!("a mention") };
        assert!(issue.is_bare());
        assert_eq!((issue.external_id.as_str(), issue.url), ("10013", None));
        assert!(matches!(of("comment_created", r#","comment":{"id":"1"}"#), What::Ignored(_)));
    }

    #[test]
    fn what_is_broken_is_refused() {
        for body in ["{}", "[]", "7", r#"{"webhookEvent":7}"#, r#"{"webhookEvent":"jira:issue_created"}"#] {
            assert!(matches!(recognised(body, &SITE).what, What::Unusable(_)), "{body}");
        }
        assert!(matches!(of("jira:issue_updated", r#","issue":{"id":"../x"}"#), What::Unusable(_)));
    }

    #[test]
    fn the_own_test_is_known_by_its_id_and_key_alone() {
        let (headers, body) = Jira.test_request("secret");
        assert!(Jira.verify(&headers, &body, "secret"));
        assert_eq!(Jira.recognise(&headers, &body, &SITE).what, What::Test);
        let real = format!(r#","test":true,"issue":{ISSUE}"#);
        assert!(matches!(of("jira:issue_updated", &real), What::Issue { .. }));
    }
}
