//! GitHub's webhooks: <https://docs.github.com/webhooks/webhook-events-and-payloads#issues>.
//!
//! Only `issues` is followed. Its payload carries the whole issue whatever the action, so that
//! all actions but `deleted` and `transferred` say the same: this is how the issue stands now.
//! Which repository the issue belongs to is not compared with the integration: repositories are
//! renamed, issues are transferred, an organisation's webhook covers many of them, and address
//! and secret have proved already who sends.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;

use super::{Inbound, Recognised, What, plain, signature, test_headers};
use crate::tracker::github::{GithubIssue, Reading};
use crate::tracker::{Site, lenient};

/// See the [module](self).
pub struct Github;

/// The body of a test: GitHub counts ids and numbers from 1.
const TEST: &str = r#"{"action":"opened","issue":{"id":0,"number":0,"title":"Testbell's own test"}}"#;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload<'a> {
    #[serde(deserialize_with = "lenient")]
    action: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    issue: Option<GithubIssue<'a>>,
    #[serde(deserialize_with = "lenient")]
    repository: Option<Repository>,
    #[serde(borrow, deserialize_with = "lenient")]
    changes: Option<Changes<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Changes<'a> {
    #[serde(borrow, deserialize_with = "lenient")]
    new_issue: Option<GithubIssue<'a>>,
    #[serde(deserialize_with = "lenient")]
    new_repository: Option<Repository>,
    #[serde(borrow, deserialize_with = "lenient")]
    old_issue: Option<GithubIssue<'a>>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

impl Inbound for Github {
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
        // The SHA-1 of `X-Hub-Signature` is not looked at.
        signature::verify(headers, "x-hub-signature-256", body, secret)
    }

    fn event_name(&self, headers: &HeaderMap) -> String {
        let name = headers.get("x-github-event").and_then(|name| name.to_str().ok()).unwrap_or_default();
        Some(plain(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
    }

    fn recognise(&self, headers: &HeaderMap, body: &[u8], _site: &Site<'_>) -> Recognised {
        let name = self.event_name(headers);
        let payload = serde_json::from_slice::<Payload>(body).ok();
        let action = payload.as_ref().and_then(|payload| payload.action.as_deref()).map(plain);
        let event = match &action {
            Some(action) if !action.is_empty() => format!("{name}.{action}"),
            _ => name.clone(),
        };
        let what = match (name.as_str(), payload) {
            ("issues", Some(payload)) => issues(action.as_deref(), payload),
            ("issues", None) => What::Unusable("The payload is not a JSON object."),
            ("unknown", _) => What::Unusable("The header X-GitHub-Event is missing: it says what the event is about."),
            ("ping", _) => What::Ignored("GitHub says hello: the webhook reaches Testbell."),
            _ => What::Ignored("Testbell follows GitHub's Issues events; this one is about something else."),
        };
        Recognised { event, what }
    }

    fn wrong_content_type(&self, is_form: bool) -> &'static str {
        if is_form {
            "The payload came as a form. In GitHub, open Settings, Webhooks, edit this webhook and set \
             \"Content type\" to \"application/json\"."
        } else {
            "The payload must come as application/json: that is the \"Content type\" of the webhook in GitHub's \
             Settings, Webhooks."
        }
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let signature = signature::sign(TEST.as_bytes(), secret);
        let headers = test_headers(&[("x-github-event", "issues"), ("x-hub-signature-256", &signature)]);
        (headers, Bytes::from_static(TEST.as_bytes()))
    }
}

fn issues(action: Option<&str>, payload: Payload) -> What {
    let changes = payload.changes.unwrap_or_default();
    let Some(issue) = payload.issue else { return What::Unusable("The payload has no issue.") };
    if issue.is_test() {
        return What::Test;
    }
    let here = payload.repository.as_ref().map(|repository| repository.full_name.as_str());
    if let ("transferred", Some(new_issue)) = (action.unwrap_or_default(), changes.new_issue) {
        let there = changes.new_repository.as_ref().map(|repository| repository.full_name.as_str());
        return state(new_issue, there, issue.external_id());
    }
    let moved_from = changes.old_issue.and_then(|old| old.external_id());
    match state(issue, here, moved_from) {
        What::Issue { issue, .. } if action == Some("deleted") => What::Deleted(issue),
        what => what,
    }
}

fn state(issue: GithubIssue, repository: Option<&str>, moved_from: Option<String>) -> What {
    match issue.read(repository) {
        Reading::Issue(issue) => {
            let moved_from = moved_from.filter(|old| *old != issue.external_id);
            What::Issue { issue, moved_from }
        }
        Reading::PullRequest => What::Ignored("A pull request is no issue."),
        Reading::Unusable(reason) => What::Unusable(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUE: &str = r#"{"id":7,"number":3,"title":"T","html_url":"https://github.com/a/b/issues/3"}"#;

    const SITE: Site<'_> = Site { base_url: "https://github.com", repository: "a/b", reads: false };

    fn recognise(event: &str, body: &str) -> Recognised {
        let mut headers = HeaderMap::new();
        headers.insert("x-github-event", event.parse().unwrap());
        Github.recognise(&headers, body.as_bytes(), &SITE)
    }

    #[test]
    fn every_action_but_two_says_how_the_issue_stands() {
        for action in ["opened", "edited", "pinned", "typed", "one_of_tomorrow"] {
            let got = recognise("issues", &format!(r#"{{"action":"{action}","changes":{{}},"issue":{ISSUE}}}"#));
            assert_eq!(got.event, format!("issues.{action}"));
            assert!(matches!(got.what, What::Issue { moved_from: None, .. }), "{action}");
        }
        let got = recognise("issues", &format!(r#"{{"action":"deleted","issue":{ISSUE}}}"#));
        assert!(matches!(got.what, What::Deleted(_)));
    }

    #[test]
    fn a_transfer_is_the_new_issue_with_the_id_of_the_old_one_on_both_sides() {
        let new = r#"{"id":9,"number":1,"title":"T","html_url":"https://github.com/a/c/issues/1"}"#;
        let left = format!(r#"{{"action":"transferred","issue":{ISSUE},"changes":{{"new_issue":{new}}}}}"#);
        let arrived = format!(r#"{{"action":"opened","issue":{new},"changes":{{"old_issue":{ISSUE}}}}}"#);
        for body in [left, arrived] {
            let What::Issue { issue, moved_from } = recognise("issues", &body).what else { panic!("an issue") };
            assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("9", "a/c#1"));
            assert_eq!(moved_from.as_deref(), Some("7"));
        }
    }

    #[test]
    fn the_repository_of_the_payload_makes_the_key() {
        let body = format!(r#"{{"action":"opened","issue":{ISSUE},"repository":{{"full_name":"new/name"}}}}"#);
        let What::Issue { issue, .. } = recognise("issues", &body).what else { panic!("an issue") };
        assert_eq!(issue.key, "new/name#3");
    }

    #[test]
    fn what_is_not_followed_is_ignored_and_what_is_broken_is_refused() {
        for event in ["ping", "issue_comment", "push", "star"] {
            assert!(matches!(recognise(event, r#"{"zen":"x"}"#).what, What::Ignored(_)), "{event}");
        }
        for body in ["{}", "[]", "null", "7", r#"{"issue":[]}"#, r#"{"action":"deleted","issue":{}}"#] {
            assert!(matches!(recognise("issues", body).what, What::Unusable(_)), "{body}");
        }
        assert!(matches!(Github.recognise(&HeaderMap::new(), b"{}", &SITE).what, What::Unusable(_)));
    }

    #[test]
    fn the_own_test_is_known_by_its_id_alone() {
        let (headers, body) = Github.test_request("secret");
        assert!(Github.verify(&headers, &body, "secret"));
        assert_eq!(Github.recognise(&headers, &body, &SITE).what, What::Test);
        assert_eq!(Github.test_request("secret"), (headers, body));
        let real = format!(r#"{{"action":"opened","test":true,"issue":{ISSUE}}}"#);
        assert!(matches!(recognise("issues", &real).what, What::Issue { .. }));
    }

    #[test]
    fn an_event_name_is_cut_to_what_may_be_shown() {
        assert_eq!(recognise("ping<script>", r#"{"action":"a b\u0000"}"#).event, "pingscript.ab");
    }
}
