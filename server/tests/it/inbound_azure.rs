//! Accepted events of Azure DevOps, and their effects.

use app::model::integration::Credentials;
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use app::service::Issues;
use serde_json::{Value, json};
use server::providers::issue_provider;

use crate::support::TestServer;
use crate::support::inbound::{NOTHING, Rows, answer, fixture};
use crate::support::tracker::{BASIC, Tracker};

async fn start() -> (TestServer, Tracker) {
    let server = TestServer::start().await;
    let azure = server.tracker(Provider::AzureDevops, "", None).await;
    (server, azure)
}

/// An event of the work item 5, with all fields, changed at `second` past ten.
fn event(verb: &str, title: &str, second: u32) -> Value {
    let fields = json!({
        "System.Title": title,
        "System.WorkItemType": "Bug",
        "System.State": "New",
        "System.AssignedTo": "Ada Lovelace <ada@example.com>",
        "System.ChangedDate": format!("2026-01-05T10:00:{second:02}.000Z"),
        "System.Tags": "checkout; total",
        "Microsoft.VSTS.Common.Priority": 2,
        "Microsoft.VSTS.TCM.ReproSteps": "<div>Open <b>it</b></div>",
    });
    json!({"eventType": format!("workitem.{verb}"), "resource": {"id": 5, "rev": 1, "fields": fields}})
}

/// An update of it.
fn update(state: &str, second: u32) -> Value {
    let changed = |new: &str| json!({"oldValue": "x", "newValue": new});
    let fields = json!({
        "System.State": changed(state),
        "System.ChangedDate": changed(&format!("2026-01-05T10:00:{second:02}.000Z")),
        "System.AssignedTo": {"oldValue": "Ada Lovelace <ada@example.com>"},
    });
    json!({"eventType": "workitem.updated", "resource": {"id": 2, "workItemId": 5, "fields": fields}})
}

#[tokio::test]
async fn recorded_payloads_lead_to_the_expected_outcome() {
    let title = "Some great new idea!";
    for (verb, expected, issue) in [
        ("created", "created", Some((title, "New"))),
        ("updated", "created", Some((title, "Approved"))),
        ("commented", "created", Some((title, "New"))),
        ("restored", "created", Some((title, "New"))),
        ("deleted", "ignored", None),
    ] {
        let (server, azure) = start().await;
        let body = fixture(&format!("azure/aspnet.workitem.{verb}.json"));
        assert_eq!(server.send_event(&azure, &body).await, expected, "{verb}");
        let issues = server.issues(azure.project).await;
        assert_eq!(issues.first().map(|row| (row.title.as_str(), row.status.as_str())), issue, "{verb}");
        assert!(issues.iter().all(|row| row.external_id.as_deref() == Some("5")), "{verb}");
        assert_eq!(server.send_event(&azure, body).await, "duplicate", "{verb}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_recorded_work_item_is_followed_past_its_deletion() {
    let (server, azure) = start().await;
    for (verb, expected) in
        [("created", "created"), ("updated", "applied"), ("deleted", "applied"), ("restored", "created")]
    {
        let body = fixture(&format!("azure/aspnet.workitem.{verb}.json"));
        assert_eq!(server.send_event(&azure, body).await, expected, "{verb}");
        assert_eq!(server.issues(azure.project).await.len(), usize::from(verb != "deleted"));
    }
    let issue = server.only_issue(&azure).await;
    assert_eq!((issue.key.as_deref(), issue.issue_type.as_deref()), (Some("#5"), Some("Bug")));
    assert_eq!(issue.assignee.as_deref(), Some("Jamal Hartnet"));
    assert_eq!(issue.url.as_deref(), Some("https://dev.azure.com/acme/Shop/_workitems/edit/5"));
    server.stop().await;
}

#[tokio::test]
async fn a_work_item_is_imported_and_updated_by_changed_fields() {
    let (server, azure) = start().await;
    assert_eq!(server.send_event(&azure, event("created", "Total wrong", 10)).await, "created");
    let first = server.only_issue(&azure).await;
    assert_eq!(first.assignee.as_deref(), Some("Ada Lovelace"));
    assert_eq!((first.description.as_str(), first.priority.as_deref()), ("Open **it**", Some("2")));
    assert_eq!(first.labels.0, ["checkout", "total"]);
    assert_eq!(server.send_event(&azure, update("Closed", 20)).await, "applied");
    assert_eq!(server.send_event(&azure, update("Active", 15)).await, "unchanged");
    let issue = server.only_issue(&azure).await;
    assert_eq!((issue.id, issue.title.as_str(), issue.assignee), (first.id, "Total wrong", None));
    assert_eq!((issue.status.as_str(), issue.status_kind), ("Closed", StatusKind::Closed));
    server.stop().await;
}

#[tokio::test]
async fn a_restore_brings_back_only_what_the_tracker_deleted() {
    let (server, azure) = start().await;
    server.send_event(&azure, event("created", "One", 1)).await;
    let id = server.only_issue(&azure).await.id;
    assert_eq!(server.send_event(&azure, event("deleted", "One", 2)).await, "applied");
    assert_eq!(server.send_event(&azure, event("commented", "One", 2)).await, "ignored");
    assert_eq!(server.send_event(&azure, event("restored", "One again", 3)).await, "created");
    let back = server.only_issue(&azure).await;
    assert_eq!((back.id, back.title.as_str()), (id, "One again"));
    server.state.delete_issue(&azure.owner, id).await.unwrap();
    assert_eq!(server.send_event(&azure, event("deleted", "One again", 4)).await, "unchanged");
    assert_eq!(server.send_event(&azure, event("restored", "One again", 5)).await, "ignored");
    assert!(server.issues(azure.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn minimal_events_without_credentials_are_explained() {
    let (server, azure) = start().await;
    let minimal =
        json!({"eventType": "workitem.created", "resource": {"id": 5, "url": "https://x.example/workItems/5"}});
    let none = json!({"eventType": "workitem.updated", "message": {"text": "Bug #5 (One) updated by Ada."}});
    for body in [&minimal, &none] {
        assert_eq!(server.send_event(&azure, body).await, "ignored");
        assert!(server.latest_delivery(&azure).await.error.unwrap().contains("token"));
    }
    let nothing = json!({"eventType": "workitem.updated", "resource": null});
    assert_eq!(server.send_event(&azure, nothing).await, "ignored");
    assert!(server.latest_delivery(&azure).await.error.unwrap().contains("Resource details"));
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}

#[tokio::test]
async fn minimal_events_with_credentials_wait_for_the_sync() {
    let server = TestServer::start().await;
    let token = Credentials { email: None, token: "pat".to_owned() };
    let azure = server.tracker(Provider::AzureDevops, "http://127.0.0.1:1", Some(token)).await;
    let minimal = json!({"eventType": "workitem.updated", "resource": {"id": 2, "workItemId": 5}});
    assert_eq!(server.send_event(&azure, minimal).await, "unchanged");
    assert!(server.issues(azure.project).await.is_empty());
    // Deleted before it was read: it never appears, and its sync is cancelled.
    let deleted = json!({"eventType": "workitem.deleted", "resource": {"id": 5}});
    assert_eq!(server.send_event(&azure, deleted).await, "ignored");
    assert_eq!(server.send_event(&azure, event("created", "Late", 1)).await, "ignored");
    assert_eq!(server.rows().await.issues, 1);
    server.stop().await;
}

#[tokio::test]
async fn unusable_events_are_200() {
    let (server, azure) = start().await;
    for body in [
        json!({"eventType": "git.push"}),
        json!({}),
        json!([1]),
        json!({"eventType": "workitem.tagged", "resource": {"id": 1}}),
    ] {
        assert_eq!(server.send_event(&azure, body).await, "ignored");
    }
    assert_eq!(server.rows().await, Rows { receipts: 4, deliveries: 4, issues: 0 });
    server.stop().await;
}

#[tokio::test]
async fn invalid_credentials_are_401_and_write_nothing() {
    let (server, azure) = start().await;
    let body = event("created", "One", 1).to_string();
    let post = || server.http.post(&azure.url).header("content-type", "application/json").body(body.clone());
    for request in [
        post(),
        post().basic_auth(BASIC.0, Some("wrong")),
        post().basic_auth("wrong", Some(BASIC.1)),
        post().basic_auth(BASIC.0, None::<&str>),
        post().bearer_auth(BASIC.1),
        post().header("authorization", "Basic ???"),
        post().basic_auth(BASIC.0, Some(BASIC.1)).header("authorization", "Basic YTpi"),
    ] {
        assert_eq!(answer(request).await.0, 401);
    }
    assert_eq!(server.rows().await, NOTHING);
    assert_eq!(answer(post().basic_auth(BASIC.0, Some(BASIC.1))).await.1["outcome"], "created");
    server.stop().await;
}

#[tokio::test]
async fn a_test_event_changes_no_work_item() {
    let (server, azure) = start().await;
    let test = issue_provider(Provider::AzureDevops).inbound().unwrap();
    for expected in ["test", "duplicate"] {
        let (headers, body) = test.test_request(&server::providers::basic_auth::credential(BASIC.0, BASIC.1));
        let request = server.http.post(&azure.url).headers(headers).body(body);
        assert_eq!(answer(request).await.1["outcome"], expected);
        assert!(server.latest_delivery(&azure).await.test);
    }
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}
