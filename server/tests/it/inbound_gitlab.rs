//! Accepted events of GitLab, and their effects.

use app::model::issue::StatusKind;
use app::model::provider::Provider;
use serde_json::{Value, json};
use server::providers::issue_provider;

use crate::support::TestServer;
use crate::support::any_tracker::credentials;
use crate::support::inbound::{NOTHING, Rows, answer, fixture};
use crate::support::tracker::Tracker;

async fn start() -> (TestServer, Tracker) {
    let server = TestServer::start().await;
    let gitlab = server.tracker(Provider::Gitlab, "", None).await;
    (server, gitlab)
}

/// An event about the issue 5, changed at `second` past ten.
fn event(action: &str, title: &str, second: u32) -> Value {
    json!({
        "object_kind": "issue", "event_type": "issue",
        "project": {"id": 4, "path_with_namespace": "acme/Shop"},
        "object_attributes": {
            "id": 5, "iid": 7, "action": action, "title": title, "description": "It is **wrong**.",
            "state": if action == "close" { "closed" } else { "opened" }, "type": "Issue", "assignee_ids": [3],
            "updated_at": format!("2026-01-05 10:00:{second:02} UTC"), "confidential": false,
        },
        "labels": [{"id": 1, "title": "checkout"}],
        "assignees": [{"id": 3, "name": "Ada Lovelace", "username": "ada"}],
    })
}

#[tokio::test]
async fn recorded_payloads_lead_to_the_expected_outcome() {
    for (file, key, title, assignee) in [
        ("go-scm.issue_create", "gitlab-org/hello-world#1", "found a bug", None),
        ("go-scm.issue_closed", "gitlab-org/hello-world#1", "found a bug", None),
        ("go-playground.issue-event", "gitlabhq/gitlab-test#23", "New API: create/update/delete file", Some("User1")),
    ] {
        let (server, gitlab) = start().await;
        let body = fixture(&format!("gitlab/{file}.json"));
        assert_eq!(server.send_event(&gitlab, &body).await, "created", "{file}");
        let issue = server.only_issue(&gitlab).await;
        assert_eq!(
            (issue.key.as_deref(), issue.title.as_str(), issue.assignee.as_deref()),
            (Some(key), title, assignee)
        );
        assert_eq!(server.send_event(&gitlab, body).await, "duplicate", "{file}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_recorded_issue_is_followed_to_its_end() {
    let (server, gitlab) = start().await;
    assert_eq!(server.send_event(&gitlab, fixture("gitlab/go-scm.issue_create.json")).await, "created");
    assert_eq!(server.send_event(&gitlab, fixture("gitlab/go-scm.issue_closed.json")).await, "applied");
    let issue = server.only_issue(&gitlab).await;
    assert_eq!((issue.status.as_str(), issue.status_kind), ("closed", StatusKind::Closed));
    assert_eq!(
        (issue.description.as_str(), issue.labels.0.as_slice()),
        ("website is broken", &["critical".to_owned()][..])
    );
    assert_eq!(issue.external_id.as_deref(), Some("8131350"));
    assert_eq!(issue.url.as_deref(), Some("https://gitlab.com/gitlab-org/hello-world/-/issues/1"));
    assert_eq!(issue.tracker_updated_at.unwrap().to_rfc3339(), "2017-12-10T16:41:28+00:00");
    assert_eq!(server.latest_delivery(&gitlab).await.event_type, "issue.close");
    server.stop().await;
}

#[tokio::test]
async fn newer_states_update_an_issue_and_older_ones_do_not() {
    let (server, gitlab) = start().await;
    assert_eq!(server.send_event(&gitlab, event("open", "Total wrong", 10)).await, "created");
    let first = server.only_issue(&gitlab).await;
    assert_eq!((first.assignee.as_deref(), first.issue_type.as_deref()), (Some("Ada Lovelace"), Some("Issue")));
    assert_eq!(first.labels.0, ["checkout"]);
    let mut unassigned = event("update", "Total is wrong", 20);
    unassigned["assignees"].take();
    unassigned["object_attributes"]["assignee_ids"] = json!([]);
    unassigned["labels"] = json!([]);
    assert_eq!(server.send_event(&gitlab, unassigned).await, "applied");
    assert_eq!(server.send_event(&gitlab, event("update", "Total", 15)).await, "unchanged");
    let issue = server.only_issue(&gitlab).await;
    assert_eq!((issue.id, issue.title.as_str(), issue.assignee), (first.id, "Total is wrong", None));
    assert!(issue.labels.0.is_empty());
    assert_eq!(server.send_event(&gitlab, event("close", "Total is wrong", 30)).await, "applied");
    assert_eq!(server.send_event(&gitlab, event("reopen", "Total is wrong", 40)).await, "applied");
    assert_eq!(server.only_issue(&gitlab).await.status, "open");
    server.stop().await;
}

#[tokio::test]
async fn confidential_issues_and_work_items_are_issues() {
    for (kind, header) in
        [("issue", "Confidential Issue Hook"), ("work_item", "Issue Hook"), ("incident", "Issue Hook")]
    {
        let (server, gitlab) = start().await;
        let mut body = event("open", "One", 1);
        body["object_kind"] = json!(kind);
        body["object_attributes"]["confidential"] = json!(true);
        let request = server.http.post(&gitlab.url).header("content-type", "application/json");
        let request = request.header("x-gitlab-event", header).header("x-gitlab-token", &gitlab.secret);
        assert_eq!(answer(request.body(body.to_string())).await.1["outcome"], "created", "{kind}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_comment_imports_an_unknown_issue_and_changes_no_known_one() {
    let note = |title: &str| {
        json!({
            "object_kind": "note", "project": {"path_with_namespace": "acme/Shop"},
            "object_attributes": {"id": 99, "note": "I see it too.", "noteable_type": "Issue", "action": "create"},
            "issue": {"id": 5, "iid": 7, "title": title, "state": "opened", "assignee_ids": [3]},
        })
    };
    let (server, gitlab) = start().await;
    assert_eq!(server.send_event(&gitlab, note("One")).await, "created");
    assert_eq!(server.send_event(&gitlab, note("Old title")).await, "ignored");
    assert_eq!(server.only_issue(&gitlab).await.title, "One");
    assert_eq!(server.latest_delivery(&gitlab).await.event_type, "note.create");
    server.stop().await;
}

#[tokio::test]
async fn the_page_of_an_issue_is_on_the_integrations_own_server() {
    let server = TestServer::start().await;
    let gitlab = server.tracker(Provider::Gitlab, "http://127.0.0.1:1/gitlab", credentials()).await;
    let mut body = event("open", "One", 1);
    body["project"].take();
    body["object_attributes"]["url"] = json!("https://elsewhere.example/gitlab/acme/Shop/-/issues/7");
    assert_eq!(server.send_event(&gitlab, body).await, "created");
    let issue = server.only_issue(&gitlab).await;
    assert_eq!(issue.url.as_deref(), Some("http://127.0.0.1:1/gitlab/acme/Shop/-/issues/7"));
    assert_eq!(issue.key.as_deref(), Some("acme/Shop#7"));
    server.stop().await;
}

#[tokio::test]
async fn other_events_are_200() {
    let (server, gitlab) = start().await;
    let merge_request =
        json!({"object_kind": "merge_request", "object_attributes": {"id": 5, "iid": 7, "title": "One"}});
    let epic = json!({"object_kind": "work_item", "object_attributes": {"id": 5, "iid": 7, "type": "Epic"}});
    let on_commit = json!({"object_kind": "note", "object_attributes": {"id": 1, "noteable_type": "Commit"}});
    for body in [json!({"object_kind": "push"}), json!({}), merge_request, epic, on_commit] {
        assert_eq!(server.send_event(&gitlab, body).await, "ignored");
    }
    assert_eq!(server.rows().await, Rows { receipts: 5, deliveries: 5, issues: 0 });
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_token_is_401_and_writes_nothing() {
    let (server, gitlab) = start().await;
    let body = event("open", "One", 1).to_string();
    let post = || server.http.post(&gitlab.url).header("content-type", "application/json").body(body.clone());
    for request in [
        post(),
        post().header("x-gitlab-token", ""),
        post().header("x-gitlab-token", "another"),
        post().header("x-gitlab-token", format!("{}x", gitlab.secret)),
        post().header("x-gitlab-token", &gitlab.secret).header("x-gitlab-token", "another"),
        post().bearer_auth(&gitlab.secret),
    ] {
        assert_eq!(answer(request).await.0, 401);
    }
    assert_eq!(server.rows().await, NOTHING);
    assert_eq!(answer(post().header("x-gitlab-token", &gitlab.secret)).await.1["outcome"], "created");
    server.stop().await;
}

#[tokio::test]
async fn a_test_event_changes_no_issue() {
    let (server, gitlab) = start().await;
    let test = issue_provider(Provider::Gitlab).inbound().unwrap();
    for expected in ["test", "duplicate"] {
        let (headers, body) = test.test_request(&gitlab.secret);
        let request = server.http.post(&gitlab.url).headers(headers).body(body);
        assert_eq!(answer(request).await.1["outcome"], expected);
        assert!(server.latest_delivery(&gitlab).await.test);
    }
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}
