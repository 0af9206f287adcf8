//! Accepted events of Gitea and Forgejo, and their effects.

use app::model::issue::StatusKind;
use app::model::provider::Provider;
use serde_json::{Value, json};
use server::providers::issue_provider;

use crate::support::TestServer;
use crate::support::any_tracker::base_url;
use crate::support::inbound::{NOTHING, Rows, answer, fixture, sign};
use crate::support::tracker::Tracker;

async fn start() -> (TestServer, Tracker) {
    let server = TestServer::start().await;
    let gitea = server.tracker(Provider::Gitea, base_url(Provider::Gitea), None).await;
    (server, gitea)
}

/// An event about the issue 5, changed at `second` past ten.
fn event(action: &str, title: &str, second: u32) -> Value {
    json!({
        "action": action, "number": 7, "repository": {"id": 4, "full_name": "acme/Shop"},
        "issue": {
            "id": 5, "number": 7, "title": title, "body": "It is **wrong**.",
            "state": if action == "closed" { "closed" } else { "open" },
            "labels": [{"id": 1, "name": "checkout"}],
            "assignee": {"login": "ada"}, "assignees": [{"login": "ada"}, {"login": "bob"}],
            "updated_at": format!("2026-01-05T10:00:{second:02}Z"), "pull_request": null,
            "html_url": "https://elsewhere.example/acme/Shop/issues/7",
        },
    })
}

/// Sends an event under the name that `header` has; returns the outcome.
async fn send(server: &TestServer, gitea: &Tracker, (header, name): (&str, &str), body: &Value) -> Value {
    let body = body.to_string();
    let signature = sign(&gitea.secret, body.as_bytes());
    let request = server.http.post(&gitea.url).header("content-type", "application/json").header(header, name);
    answer(request.header("x-hub-signature-256", signature).body(body)).await.1["outcome"].clone()
}

#[tokio::test]
async fn recorded_payloads_are_followed_to_the_end() {
    let (server, gitea) = start().await;
    for (file, expected) in [("opened", "created"), ("opened", "duplicate"), ("closed", "applied")] {
        let body = fixture(&format!("gitea/go-scm.issues_{file}.json"));
        assert_eq!(server.send_event(&gitea, body).await, expected, "{file}");
    }
    let issue = server.only_issue(&gitea).await;
    assert_eq!((issue.key.as_deref(), issue.title.as_str()), (Some("gogits/hello-world#1"), "Problem"));
    assert_eq!((issue.status.as_str(), issue.status_kind), ("closed", StatusKind::Closed));
    assert_eq!((issue.external_id.as_deref(), issue.description.as_str()), (Some("47"), "Closed #1"));
    assert_eq!(issue.url.as_deref(), Some("https://tracker.example.com/gogits/hello-world/issues/1"));
    server.stop().await;
}

#[tokio::test]
async fn newer_states_update_an_issue_and_older_ones_do_not() {
    let (server, gitea) = start().await;
    assert_eq!(server.send_event(&gitea, event("opened", "Total wrong", 10)).await, "created");
    let first = server.only_issue(&gitea).await;
    assert_eq!(
        (first.assignee.as_deref(), first.labels.0.as_slice()),
        (Some("ada, bob"), &["checkout".to_owned()][..])
    );
    assert_eq!(first.url.as_deref(), Some("https://tracker.example.com/acme/Shop/issues/7"));
    let mut unassigned = event("unassigned", "Total is wrong", 20);
    unassigned["issue"]["assignee"].take();
    unassigned["issue"]["assignees"].take();
    assert_eq!(server.send_event(&gitea, unassigned).await, "applied");
    assert_eq!(server.send_event(&gitea, event("edited", "Total", 15)).await, "unchanged");
    let issue = server.only_issue(&gitea).await;
    assert_eq!((issue.id, issue.title.as_str(), issue.assignee), (first.id, "Total is wrong", None));
    assert_eq!(server.send_event(&gitea, event("closed", "Total is wrong", 30)).await, "applied");
    assert_eq!(server.send_event(&gitea, event("deleted", "Total is wrong", 40)).await, "applied");
    assert!(server.issues(gitea.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn every_name_of_an_event_is_known() {
    for (header, name) in [
        ("x-gitea-event", "issues"),
        ("x-forgejo-event", "issues"),
        ("x-gogs-event", "issues"),
        ("x-github-event", "issues"),
        ("x-forgejo-event", "issue_label"),
    ] {
        let (server, gitea) = start().await;
        assert_eq!(
            send(&server, &gitea, (header, name), &event("opened", "One", 1)).await,
            "created",
            "{header} {name}"
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn a_comment_imports_an_unknown_issue_and_changes_no_known_one() {
    let (server, gitea) = start().await;
    let name = ("x-gitea-event", "issue_comment");
    assert_eq!(send(&server, &gitea, name, &event("created", "One", 1)).await, "created");
    assert_eq!(send(&server, &gitea, name, &event("edited", "Old title", 2)).await, "ignored");
    assert_eq!(server.only_issue(&gitea).await.title, "One");
    server.stop().await;
}

#[tokio::test]
async fn pull_requests_and_other_events_are_ignored() {
    let (server, gitea) = start().await;
    let mut pull_request = event("created", "One", 1);
    pull_request["issue"]["pull_request"] = json!({"merged": false});
    let mut comment = event("created", "Two", 1);
    comment["is_pull"] = json!(true);
    for (name, body) in [
        ("issues", &pull_request),
        ("issue_comment", &pull_request),
        ("issue_comment", &comment),
        ("pull_request", &json!({"action": "opened", "pull_request": {"id": 5}})),
        ("push", &json!({"ref": "refs/heads/main"})),
    ] {
        let outcome = send(&server, &gitea, ("x-gitea-event", name), body).await;
        assert!(outcome == "ignored" || outcome == "duplicate", "{name}: {outcome}");
    }
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_signature_is_401_and_writes_nothing() {
    let (server, gitea) = start().await;
    let body = event("opened", "One", 1).to_string();
    let right = sign(&gitea.secret, body.as_bytes());
    let bare = right.trim_start_matches("sha256=");
    let post = || {
        let request = server.http.post(&gitea.url).header("content-type", "application/json");
        request.header("x-gitea-event", "issues").body(body.clone())
    };
    for request in [
        post(),
        post().header("x-gitea-signature", ""),
        post().header("x-gitea-signature", &right),
        post().header("x-hub-signature-256", bare),
        post().header("x-hub-signature", "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8"),
        post().header("x-gitea-signature", bare).header("x-gitea-signature", bare),
        post().header("x-gitea-signature", bare).header("x-hub-signature-256", sign("another", body.as_bytes())),
    ] {
        assert_eq!(answer(request).await.0, 401);
    }
    assert_eq!(server.rows().await, NOTHING);
    for (name, value, expected) in [
        ("x-gitea-signature", bare, "created"),
        ("x-forgejo-signature", bare, "duplicate"),
        ("x-hub-signature-256", &right, "duplicate"),
    ] {
        assert_eq!(answer(post().header(name, value)).await.1["outcome"], expected, "{name}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_test_event_changes_no_issue() {
    let (server, gitea) = start().await;
    let test = issue_provider(Provider::Gitea).inbound().unwrap();
    for expected in ["test", "duplicate"] {
        let (headers, body) = test.test_request(&gitea.secret);
        let request = server.http.post(&gitea.url).headers(headers).body(body);
        assert_eq!(answer(request).await.1["outcome"], expected);
        assert!(server.latest_delivery(&gitea).await.test);
    }
    assert_eq!(server.rows().await, Rows { receipts: 1, deliveries: 2, issues: 0 });
    server.stop().await;
}
