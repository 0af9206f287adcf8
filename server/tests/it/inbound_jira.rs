//! Accepted events of Jira, and their effects.

use app::model::integration::Credentials;
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use app::service::Issues;
use serde_json::{Value, json};
use server::providers::issue_provider;

use crate::support::TestServer;
use crate::support::inbound::{NOTHING, Rows, answer, fixture, sign};
use crate::support::tracker::Tracker;

const BASE: &str = "https://jira.example.com";

async fn start() -> (TestServer, Tracker) {
    let server = TestServer::start().await;
    let jira = server.tracker(Provider::Jira, BASE, None).await;
    (server, jira)
}

/// An event of the issue 10040, changed at `second` past ten in Los Angeles.
fn event(name: &str, summary: &str, second: u32) -> Value {
    let fields = json!({
        "summary": summary,
        "description": "The total is *wrong*.",
        "status": {"name": "To Do", "statusCategory": {"key": "new"}},
        "priority": {"name": "High"},
        "issuetype": {"name": "Bug"},
        "labels": ["checkout"],
        "assignee": {"displayName": "Grace", "accountId": "5c"},
        "updated": format!("2026-01-05T02:00:{second:02}.000-0800"),
    });
    json!({"webhookEvent": name, "timestamp": 1_550_286_113_023_u64,
           "issue": {"id": "10040", "key": "WEB-7", "fields": fields}})
}

#[tokio::test]
async fn recorded_payloads_lead_to_the_expected_outcome() {
    let open = StatusKind::Open;
    for (file, expected, issue) in [
        (
            "jira-to-matrix.issue.created",
            "created",
            Some(("BBCOM-1398", "Prueba de creación de tareas en un proyecto público", open)),
        ),
        ("jira-to-matrix.issue.updated.move-issue", "created", Some(("INDEV-130", "test Task 2", open))),
        ("mattermost.webhook-cloud-comment-created", "created", Some(("TES-41", "Unit test summary 1", open))),
        (
            "mattermost.webhook-cloud-issue-created-many-fields",
            "created",
            Some(("KT-22", "Lots of fields selected", open)),
        ),
        ("mattermost.webhook-issue-created", "created", Some(("TES-41", "Unit test summary", open))),
        ("mattermost.webhook-issue-updated-assigned", "created", Some(("TES-41", "Unit test summary 1", open))),
        ("mattermost.webhook-issue-updated-renamed", "created", Some(("TES-41", "Unit test summary 1", open))),
        (
            "mattermost.webhook-issue-updated-resolved",
            "created",
            Some(("TES-41", "Unit test summary 1", StatusKind::Closed)),
        ),
        (
            "mattermost.webhook-server-issue-updated-closed",
            "created",
            Some(("TES-4", "Unit test summary 1", StatusKind::Closed)),
        ),
        ("mattermost.webhook-issue-deleted", "ignored", None),
        ("mattermost.webhook-server-comment-created", "ignored", None),
    ] {
        let (server, jira) = start().await;
        let body = fixture(&format!("jira/{file}.json"));
        assert_eq!(server.send_event(&jira, &body).await, expected, "{file}");
        let issues = server.issues(jira.project).await;
        let shown = issues.first().map(|row| (row.key.as_deref().unwrap(), row.title.as_str(), row.status_kind));
        assert_eq!(shown, issue, "{file}");
        // Without credentials to read the issue, a resend may have another effect.
        let again = if file.ends_with("server-comment-created") { "ignored" } else { "duplicate" };
        assert_eq!(server.send_event(&jira, body).await, again, "{file}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_recorded_issue_is_followed() {
    let (server, jira) = start().await;
    for (file, expected) in [
        ("issue-created", "created"),
        ("issue-updated-renamed", "applied"),
        ("issue-updated-resolved", "applied"),
        ("cloud-comment-created", "ignored"),
        ("issue-updated-assigned", "applied"),
    ] {
        let body = fixture(&format!("jira/mattermost.webhook-{file}.json"));
        assert_eq!(server.send_event(&jira, body).await, expected, "{file}");
    }
    let issue = server.only_issue(&jira).await;
    assert_eq!((issue.external_id.as_deref(), issue.key.as_deref()), (Some("10040"), Some("TES-41")));
    assert_eq!(issue.url.as_deref(), Some("https://jira.example.com/browse/TES-41"));
    assert_eq!((issue.assignee.as_deref(), issue.priority.as_deref()), (Some("Test User"), Some("High")));
    assert_eq!(
        (issue.issue_type.as_deref(), issue.labels.0.as_slice()),
        (Some("Story"), &["test-label".to_owned()][..])
    );
    assert_eq!(issue.description, "Unit test description, not that long, a little longer now");
    assert_eq!(issue.tracker_updated_at.unwrap().to_rfc3339(), "2019-02-16T03:18:01.707+00:00");
    server.stop().await;
}

#[tokio::test]
async fn newer_states_and_moves_update_an_issue() {
    let (server, jira) = start().await;
    assert_eq!(server.send_event(&jira, event("jira:issue_created", "Total wrong", 10)).await, "created");
    let first = server.only_issue(&jira).await;
    assert_eq!(first.description, "The total is **wrong**.");
    assert_eq!(first.tracker_updated_at.unwrap().to_rfc3339(), "2026-01-05T10:00:10+00:00");
    assert_eq!(server.send_event(&jira, event("jira:issue_updated", "Total", 5)).await, "unchanged");
    let mut moved = event("jira:issue_updated", "Total wrong", 20);
    moved["issue"]["key"] = json!("SHOP-1");
    assert_eq!(server.send_event(&jira, moved).await, "applied");
    let issue = server.only_issue(&jira).await;
    assert_eq!((issue.id, issue.key.as_deref()), (first.id, Some("SHOP-1")));
    assert_eq!(issue.url.as_deref(), Some("https://jira.example.com/browse/SHOP-1"));
    assert_eq!(issue.author_id, jira.owner.id);
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_issue_stays_deleted() {
    let (server, jira) = start().await;
    server.send_event(&jira, event("jira:issue_created", "One", 1)).await;
    assert_eq!(server.send_event(&jira, event("jira:issue_deleted", "One", 1)).await, "applied");
    assert_eq!(server.send_event(&jira, event("jira:issue_updated", "One", 2)).await, "ignored");
    assert!(server.issues(jira.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_comment_neither_changes_nor_restores_an_issue() {
    let (server, jira) = start().await;
    server.send_event(&jira, event("jira:issue_created", "One", 1)).await;
    let mut comment = event("comment_created", "An older summary", 1);
    comment["issue"]["fields"].as_object_mut().unwrap().remove("updated");
    assert_eq!(server.send_event(&jira, &comment).await, "ignored");
    assert_eq!(server.only_issue(&jira).await.title, "One");
    assert!(server.latest_delivery(&jira).await.error.unwrap().contains("Comments"));
    let id = server.only_issue(&jira).await.id;
    server.state.delete_issue(&jira.owner, id).await.unwrap();
    comment["timestamp"] = json!(2);
    assert_eq!(server.send_event(&jira, comment).await, "ignored");
    assert!(server.issues(jira.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn either_signature_header_is_accepted() {
    let (server, jira) = start().await;
    let body = event("jira:issue_created", "One", 1).to_string();
    let (good, wrong) = (sign(&jira.secret, body.as_bytes()), sign("another", body.as_bytes()));
    let post = |headers: Vec<(&'static str, String)>| {
        let request = server.http.post(&jira.url).header("content-type", "application/json").body(body.clone());
        answer(headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)))
    };
    let sha1 = "sha1=d03207e4b030cf234e3447bac4d93add4c6643d8".to_owned();
    for headers in [
        vec![],
        vec![("x-hub-signature", wrong.clone())],
        vec![("x-hub-signature", sha1)],
        vec![("x-hub-signature", good.replace("sha256=", ""))],
        vec![("x-hub-signature", good.clone()), ("x-hub-signature-256", wrong)],
        vec![("authorization", "Basic YTpi".to_owned())],
    ] {
        assert_eq!(post(headers).await.0, 401);
    }
    assert_eq!(server.rows().await, NOTHING);
    assert_eq!(post(vec![("x-hub-signature-256", good.clone())]).await.1["outcome"], "created");
    assert_eq!(post(vec![("x-hub-signature", good)]).await.1["outcome"], "duplicate");
    server.stop().await;
}

#[tokio::test]
async fn payloads_without_an_issue_are_rejected() {
    let (server, jira) = start().await;
    for (body, expected) in [
        (json!({"webhookEvent": "sprint_started"}), 200),
        (json!({"webhookEvent": "jira:issue_updated"}), 400),
        (json!({"issue": {"id": "1"}}), 400),
        (json!([]), 400),
    ] {
        let body = body.to_string();
        let request = server.http.post(&jira.url).header("content-type", "application/json");
        let request = request.header("x-hub-signature", sign(&jira.secret, body.as_bytes()));
        assert_eq!(answer(request.body(body)).await.0, expected);
    }
    assert_eq!(server.rows().await, Rows { receipts: 1, deliveries: 4, issues: 0 });
    server.stop().await;
}

#[tokio::test]
async fn a_test_event_changes_no_issue() {
    let (server, jira) = start().await;
    let test = issue_provider(Provider::Jira).inbound().unwrap();
    for expected in ["test", "duplicate"] {
        let (headers, body) = test.test_request(&jira.secret);
        let request = server.http.post(&jira.url).headers(headers).body(body);
        assert_eq!(answer(request).await.1["outcome"], expected);
        assert!(server.latest_delivery(&jira).await.test);
    }
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}

#[tokio::test]
async fn a_data_center_comment_names_its_issue_by_url() {
    let server = TestServer::start().await;
    let token = Credentials { email: None, token: "pat".to_owned() };
    let jira = server.tracker(Provider::Jira, "http://127.0.0.1:1", Some(token)).await;
    let address = "http://127.0.0.1:1/rest/api/2/issue/10013/comment/10082";
    let comment = json!({"webhookEvent": "comment_created", "comment": {"self": address}});
    assert_eq!(server.send_event(&jira, comment).await, "unchanged");
    // The issue is not shown until it is read.
    assert!(server.issues(jira.project).await.is_empty());
    assert_eq!(server.rows().await.issues, 1);
    server.stop().await;
}
