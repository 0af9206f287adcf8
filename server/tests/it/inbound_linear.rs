//! Linear's signing secret, its accepted events, and their effects.

use std::time::Duration;

use app::model::issue::StatusKind;
use app::model::provider::Provider;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::providers::issue_provider;

use crate::support::any_tracker::base_url;
use crate::support::inbound::{NOTHING, Rows, answer, sign};
use crate::support::tracker::Tracker;
use crate::support::{TestServer, eventually};

const ID: &str = "2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9";

async fn start() -> (TestServer, Tracker) {
    let server = TestServer::start().await;
    let linear = server.tracker(Provider::Linear, base_url(Provider::Linear), None).await;
    (server, linear)
}

/// An event about an issue, changed at `second` past ten.
fn event(action: &str, title: &str, second: u32) -> Value {
    json!({
        "action": action, "type": "Issue", "organizationId": "o", "webhookTimestamp": 1_767_607_200_000_i64,
        "url": "https://elsewhere.example/acme/issue/ENG-7",
        "data": {
            "id": ID, "identifier": "ENG-7", "number": 7, "title": title, "description": "It is **wrong**.",
            "priority": 2, "priorityLabel": "High", "teamId": "t", "team": {"id": "t", "key": "ENG", "name": "Engineering"},
            "state": {"id": "s", "name": "In Review", "type": "started", "color": "#fff"},
            "assignee": {"id": "u", "name": "Ada Lovelace"}, "labels": [{"id": "l", "name": "checkout", "color": "#fff"}],
            "updatedAt": format!("2026-01-05T10:00:{second:02}.000Z"),
            "url": "https://elsewhere.example/acme/issue/ENG-7/slug",
        },
    })
}

fn signed(server: &TestServer, linear: &Tracker, secret: &str, body: &Value) -> RequestBuilder {
    let body = body.to_string();
    let signature = sign(secret, body.as_bytes()).replace("sha256=", "");
    let request = server.http.post(&linear.url).header("content-type", "application/json; charset=utf-8");
    request.header("linear-event", "Issue").header("linear-signature", signature).body(body)
}

#[tokio::test]
async fn newer_states_update_an_issue_and_older_ones_do_not() {
    let (server, linear) = start().await;
    assert_eq!(server.send_event(&linear, event("create", "Total wrong", 10)).await, "created");
    let first = server.only_issue(&linear).await;
    assert_eq!(
        (first.key.as_deref(), first.status.as_str(), first.status_kind),
        (Some("ENG-7"), "In Review", StatusKind::Open)
    );
    assert_eq!((first.assignee.as_deref(), first.priority.as_deref()), (Some("Ada Lovelace"), Some("High")));
    assert_eq!(
        (first.labels.0.as_slice(), first.description.as_str()),
        (&["checkout".to_owned()][..], "It is **wrong**.")
    );
    assert_eq!(first.url.as_deref(), Some("https://tracker.example.com/issue/ENG-7"));
    let mut done = event("update", "Total is wrong", 20);
    done["data"]["state"] = json!({"name": "Done", "type": "completed"});
    done["data"].as_object_mut().unwrap().remove("assignee");
    assert_eq!(server.send_event(&linear, done).await, "applied");
    assert_eq!(server.send_event(&linear, event("update", "Total", 15)).await, "unchanged");
    let issue = server.only_issue(&linear).await;
    assert_eq!((issue.id, issue.title.as_str(), issue.assignee), (first.id, "Total is wrong", None));
    assert_eq!(issue.status_kind, StatusKind::Closed);
    server.stop().await;
}

#[tokio::test]
async fn an_issue_in_the_trash_is_deleted_until_it_is_restored() {
    let (server, linear) = start().await;
    assert_eq!(server.send_event(&linear, event("create", "One", 10)).await, "created");
    let mut trashed = event("remove", "One", 20);
    trashed["data"]["trashed"] = json!(true);
    assert_eq!(server.send_event(&linear, trashed).await, "applied");
    assert!(server.issues(linear.project).await.is_empty());
    assert_eq!(server.send_event(&linear, event("restore", "One", 30)).await, "created");
    assert_eq!(server.only_issue(&linear).await.title, "One");
    server.stop().await;
}

#[tokio::test]
async fn an_issue_that_moves_to_another_team_keeps_its_row() {
    let (server, linear) = start().await;
    assert_eq!(server.send_event(&linear, event("create", "One", 10)).await, "created");
    let first = server.only_issue(&linear).await;
    let mut moved = event("update", "One", 20);
    moved["data"]["identifier"] = json!("OPS-3");
    assert_eq!(server.send_event(&linear, moved).await, "applied");
    let issue = server.only_issue(&linear).await;
    assert_eq!((issue.id, issue.key.as_deref()), (first.id, Some("OPS-3")));
    server.stop().await;
}

#[tokio::test]
async fn a_comment_imports_an_unknown_issue_and_changes_no_known_one() {
    let (server, linear) = start().await;
    let comment = |title: &str| {
        let issue = json!({"id": ID, "identifier": "ENG-7", "title": title});
        json!({"action": "create", "type": "Comment", "data": {"id": "c", "body": "Hi", "issue": issue}})
    };
    assert_eq!(server.send_event(&linear, comment("One")).await, "created");
    assert_eq!(server.send_event(&linear, comment("Old title")).await, "ignored");
    assert_eq!(server.only_issue(&linear).await.title, "One");
    let project = json!({"action": "update", "type": "Project", "data": {"id": "p"}});
    assert_eq!(server.send_event(&linear, project).await, "ignored");
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_signature_is_401_and_writes_nothing() {
    let (server, linear) = start().await;
    let body = event("create", "One", 1).to_string();
    let right = sign(&linear.secret, body.as_bytes());
    let bare = right.trim_start_matches("sha256=");
    let post = || server.http.post(&linear.url).header("content-type", "application/json").body(body.clone());
    for request in [
        post(),
        post().header("linear-signature", ""),
        post().header("linear-signature", &right),
        post().header("linear-signature", bare).header("linear-signature", bare),
        post().header("linear-signature", sign("another", body.as_bytes()).replace("sha256=", "")),
        post().header("x-hub-signature-256", &right),
    ] {
        assert_eq!(answer(request).await.0, 401);
    }
    assert_eq!(server.rows().await, NOTHING);
    assert_eq!(answer(post().header("linear-signature", bare)).await.1["outcome"], "created");
    server.stop().await;
}

#[tokio::test]
async fn a_test_event_changes_no_issue() {
    let (server, linear) = start().await;
    let (headers, body) = issue_provider(Provider::Linear).inbound().unwrap().test_request(&linear.secret);
    assert_eq!(answer(server.http.post(&linear.url).headers(headers).body(body)).await.1["outcome"], "test");
    assert_eq!(server.rows().await, Rows { receipts: 1, deliveries: 1, issues: 0 });
    server.stop().await;
}

#[tokio::test]
async fn events_are_refused_until_linears_secret_is_entered() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    let integration = json!({"provider": "linear", "baseUrl": "https://linear.app/acme", "repository": "ENG"});
    let saved = api.call(Method::PUT, &format!("/projects/{project}/integration"), Some(&integration)).await;
    assert_eq!(saved.status, 200, "{}", saved.json);
    let created = api.post(&format!("/projects/{project}/webhooks/inbound"), &json!({})).await;
    assert_eq!(created.status, 201, "{}", created.json);
    let webhook = created.json["webhook"].clone();
    assert_eq!((created.json["reveal"].get("secret"), &webhook["secrets"]), (None, &json!([])));
    let (id, url) = (webhook["id"].as_str().unwrap(), created.json["reveal"]["url"].as_str().unwrap().to_owned());
    let linear = Tracker { provider: Provider::Linear, owner: ada, project, url, secret: String::new() };

    for secret in ["", "lin_wh_secret"] {
        assert_eq!(answer(signed(&server, &linear, secret, &event("create", "One", 1))).await.0, 401);
    }
    assert_eq!(server.rows().await, NOTHING);
    server.state.clock.advance(Duration::from_secs(2));
    let path = format!("/webhooks/{id}");
    let refused = eventually("the refusal", async || {
        let refused = api.get(&path).await.json["lastRefused"].clone();
        (refused["count"] == 2).then_some(refused)
    });
    let reason = refused.await["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("No signing secret was entered"), "{reason}");
    let test = api.post(&format!("{path}/test"), &json!({})).await;
    assert!(test.json.to_string().contains("Enter the tracker's signing secret first"), "{}", test.json);

    let rotate = format!("{path}/rotate");
    for (body, field) in [
        (json!({}), "secret"),
        (json!({"secret": "  "}), "secret"),
        (json!({"secret": "two\nlines"}), "secret"),
        (json!({"secret": "lin_wh_secret", "overlapHours": 24}), "overlapHours"),
    ] {
        let refused = api.post(&rotate, &body).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.json);
        assert!(refused.json["errors"].to_string().contains(field), "{body}: {}", refused.json);
    }
    let entered = api.post(&rotate, &json!({"secret": " lin_wh_secret "})).await;
    assert_eq!((entered.status, &entered.json["reveal"]), (200, &Value::Null), "{}", entered.json);
    assert!(!entered.json.to_string().contains("lin_wh_secret"));
    assert_eq!(entered.json["webhook"]["secrets"].as_array().unwrap().len(), 1);
    let sent = answer(signed(&server, &linear, "lin_wh_secret", &event("create", "One", 1))).await;
    assert_eq!(sent.1["outcome"], "created");

    let again = api.post(&rotate, &json!({"secret": "lin_wh_next"})).await;
    assert_eq!(again.json["webhook"]["secrets"].as_array().unwrap().len(), 1);
    let second = event("update", "Two", 2);
    assert_eq!(answer(signed(&server, &linear, "lin_wh_secret", &second)).await.0, 401);
    assert_eq!(answer(signed(&server, &linear, "lin_wh_next", &second)).await.1["outcome"], "applied");
    server.stop().await;
}
