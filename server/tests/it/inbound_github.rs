//! Events of GitHub: recorded payloads, and small ones for each rule.

use app::model::catalog::EventType;
use app::model::delivery::{DeliveryQuery, InboundOutcome};
use app::model::integration::PutIntegration;
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use app::model::webhook::{CreateInbound, CreateWebhook, Direction};
use app::service::{Deliveries, Integrations, Webhooks};
use futures::future::join_all;
use serde_json::{Value, json};
use server::entity::delivery::StoredStatus;
use server::providers::issue_provider;

use crate::support::TestServer;
use crate::support::inbound::{Rows, answer, event, fixture, issue_json, sign};

#[tokio::test]
async fn recorded_payloads_lead_to_the_expected_outcome() {
    for (file, event, expected, title) in [
        ("issues.opened.json", "issues", "created", Some("Spelling error in the README file")),
        ("issues.opened.with-empty-body.json", "issues", "created", Some("Spelling error in the README file")),
        ("issues.edited.json", "issues", "created", Some("Spelling error in the README file")),
        ("issues.labeled.json", "issues", "created", Some("Spelling error in the README file")),
        ("issues.reopened.json", "issues", "created", Some("Spelling error in the README file")),
        ("issues.transferred.json", "issues", "created", Some("Spelling error in the README file")),
        ("integrations-slack.issues.closed.json", "issues", "created", Some("Needs content")),
        ("issues.deleted.json", "issues", "ignored", None),
        ("issue_comment.created.json", "issue_comment", "ignored", None),
        ("ping.default.json", "ping", "ignored", None),
    ] {
        let server = TestServer::start().await;
        let github = server.github().await;
        let body = fixture(&format!("github/{file}"));
        assert_eq!(server.outcome(&github, event, body.clone()).await, expected, "{file}");
        let issues = server.issues(github.project).await;
        assert_eq!(issues.first().map(|issue| issue.title.as_str()), title, "{file}");
        assert_eq!(server.outcome(&github, event, body).await, "duplicate", "{file}");
        assert_eq!(server.rows().await.deliveries, 2, "{file}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_recorded_issue_is_followed_to_its_end() {
    let server = TestServer::start().await;
    let github = server.github().await;
    for (file, expected) in [
        ("issues.opened.json", "created"),
        ("issues.labeled.json", "unchanged"),
        ("issues.edited.json", "unchanged"),
        ("issues.opened.with-empty-body.json", "applied"),
        ("issues.reopened.json", "unchanged"),
        ("issues.deleted.json", "applied"),
        ("integrations-slack.issues.closed.json", "created"),
    ] {
        assert_eq!(server.outcome(&github, "issues", fixture(&format!("github/{file}"))).await, expected, "{file}");
    }
    let issues = server.issues(github.project).await;
    let [closed] = issues.as_slice() else { panic!("one issue is left") };
    assert_eq!(closed.key.as_deref(), Some("github-slack/public-test#1"));
    assert_eq!((closed.status.as_str(), closed.status_kind), ("closed", StatusKind::Closed));
    assert_eq!(closed.labels.0, ["enhancement", "invalid", "question"]);
    assert_eq!(closed.assignee.as_deref(), Some("wilhelmklopp"));
    assert_eq!(closed.external_id.as_deref(), Some("265831302"));
    assert_eq!(closed.author_id, github.owner.id);
    assert_eq!(server.rows().await.receipts, 7);
    server.stop().await;
}

#[tokio::test]
async fn newer_states_update_an_issue_and_older_ones_do_not() {
    let server = TestServer::start().await;
    let github = server.github().await;
    assert_eq!(server.outcome(&github, "issues", event("opened", "Total wrong", 10)).await, "created");
    assert_eq!(server.outcome(&github, "issues", event("edited", "Total is wrong", 20)).await, "applied");
    assert_eq!(server.outcome(&github, "issues", event("edited", "Total", 15)).await, "unchanged");
    assert_eq!(server.outcome(&github, "issues", event("pinned", "Total is wrong", 30)).await, "unchanged");
    assert_eq!(server.outcome(&github, "issues", event("edited", "Wrong total", 30)).await, "applied");
    let issues = server.issues(github.project).await;
    let [issue] = issues.as_slice() else { panic!("one issue") };
    assert_eq!((issue.title.as_str(), issue.key.as_deref()), ("Wrong total", Some("acme/checkout#42")));
    assert_eq!(issue.url.as_deref(), Some("https://github.com/acme/checkout/issues/42"));
    assert_eq!(issue.description, "The total is **wrong**.");
    assert_eq!(issue.tracker_updated_at.unwrap().to_rfc3339(), "2026-01-05T10:00:30+00:00");
    server.stop().await;
}

#[tokio::test]
async fn each_event_records_a_delivery_and_updates_its_webhook() {
    let server = TestServer::start().await;
    let github = server.github().await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    server.outcome(&github, "ping", r#"{"zen":"Keep it simple."}"#).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    let rows = server.received(github.project).await;
    let actual: Vec<_> = rows.iter().map(|row| (row.event_type.as_str(), row.outcome.unwrap())).collect();
    use InboundOutcome::{Created, Duplicate, Ignored};
    assert_eq!(actual, [("issues.opened", Created), ("ping", Ignored), ("issues.opened", Duplicate)]);
    assert!(rows.iter().all(|row| row.status == StoredStatus::Delivered && row.status_code == Some(200)));
    assert!(rows.iter().all(|row| row.attempts == 1 && row.duration_ms.is_some() && row.finished_at.is_some()));
    assert!(rows.iter().all(|row| row.event_id.is_none() && row.next_attempt_at.is_none()));
    assert_eq!(rows[0].issue_id, Some(server.issues(github.project).await[0].id));
    let subject = rows[0].subject.as_deref().unwrap();
    assert!(subject.starts_with('#') && subject.ends_with(" One"), "{subject}");
    assert_eq!(rows[1].subject, None);
    assert!(rows[1].error.is_some() && rows[2].error.is_some());
    let webhook = server.webhook_row(github.webhook).await;
    let now = Some(server.state.clock.now());
    assert_eq!((webhook.last_dispatched_at, webhook.last_success_at, webhook.last_failure_at), (now, now, None));
    server.stop().await;
}

#[tokio::test]
async fn a_deleted_issue_stays_deleted() {
    let server = TestServer::start().await;
    let github = server.github().await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    assert_eq!(server.outcome(&github, "issues", event("deleted", "One", 2)).await, "applied");
    assert_eq!(server.outcome(&github, "issues", event("reopened", "One", 3)).await, "ignored");
    assert_eq!(server.outcome(&github, "issues", event("deleted", "One", 4)).await, "unchanged");
    assert!(server.issues(github.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_deletion_that_arrives_first_prevents_the_import() {
    let server = TestServer::start().await;
    let github = server.github().await;
    assert_eq!(server.outcome(&github, "issues", event("deleted", "One", 2)).await, "ignored");
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "ignored");
    assert!(server.issues(github.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_second_test_event_is_a_duplicate() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let test = issue_provider(Provider::Github).inbound().unwrap();
    for expected in ["test", "duplicate"] {
        let (headers, body) = test.test_request(&github.secret);
        let request = server.inbound(&github.token).headers(headers).body(body);
        assert_eq!(answer(request).await, (200, json!({"ok": true, "outcome": expected})));
    }
    assert_eq!(server.rows().await, Rows { receipts: 1, deliveries: 2, issues: 0 });
    assert!(server.received(github.project).await.iter().all(|row| row.test && row.event_type == "issues.opened"));
    server.stop().await;
}

#[tokio::test]
async fn pull_requests_are_not_issues() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let mut issue = issue_json("A pull request", 1);
    issue["pull_request"] = json!({"url": "https://api.github.com/repos/acme/checkout/pulls/42"});
    let body = json!({"action": "opened", "issue": issue}).to_string();
    assert_eq!(server.outcome(&github, "issues", body).await, "ignored");
    assert_eq!(server.rows().await.issues, 0);
    server.stop().await;
}

#[tokio::test]
async fn malformed_fields_do_not_fail_the_event() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let mut issue = issue_json("Zero\0 in the title\nand a line", 1);
    issue["body"] = json!("zero\0 in the body");
    issue["labels"] = json!(["plain", {"name": "object"}, 7, null]);
    issue["state"] = json!(null);
    issue["html_url"] = json!("javascript:alert(1)");
    let body = json!({"action": "opened", "issue": issue, "repository": {"full_name": "a/b"}}).to_string();
    assert_eq!(server.outcome(&github, "issues", body).await, "created");
    let issue = server.issues(github.project).await.remove(0);
    assert_eq!(
        (issue.title.as_str(), issue.description.as_str()),
        ("Zero  in the title and a line", "zero in the body")
    );
    assert_eq!((issue.labels.0.as_slice(), issue.url), (["plain", "object"].map(str::to_owned).as_slice(), None));
    assert_eq!(issue.status_kind, StatusKind::Open);
    server.stop().await;
}

fn at_new_place() -> Value {
    let mut issue = issue_json("One", 5);
    issue["id"] = json!(9000);
    issue["number"] = json!(1);
    issue["html_url"] = json!("https://github.com/acme/shop/issues/1");
    issue
}

fn transferred() -> String {
    let new_repository = json!({"full_name": "acme/shop"});
    let changes = json!({"new_issue": at_new_place(), "new_repository": new_repository});
    json!({"action": "transferred", "issue": issue_json("One", 5), "changes": changes}).to_string()
}

fn arrived() -> String {
    let changes = json!({"old_issue": issue_json("One", 5), "old_repository": {"full_name": "acme/checkout"}});
    json!({"action": "opened", "issue": at_new_place(), "changes": changes, "repository": {"full_name": "acme/shop"}})
        .to_string()
}

#[tokio::test]
async fn a_transfer_is_followed_in_any_order_of_its_events() {
    let labeled = json!({"action": "labeled", "issue": at_new_place()}).to_string();
    for order in [
        vec![(transferred(), "applied"), (arrived(), "unchanged")],
        vec![(arrived(), "applied"), (transferred(), "unchanged")],
        vec![(labeled, "created"), (transferred(), "applied"), (arrived(), "unchanged")],
    ] {
        let server = TestServer::start().await;
        let github = server.github().await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        let known = server.issues(github.project).await.remove(0).id;
        for (body, expected) in order {
            assert_eq!(server.outcome(&github, "issues", body).await, expected);
        }
        assert_eq!(server.outcome(&github, "issues", event("edited", "Late", 4)).await, "ignored");
        let issues = server.issues(github.project).await;
        let [issue] = issues.as_slice() else { panic!("one issue, and not {}", issues.len()) };
        assert_eq!(issue.id, known);
        assert_eq!(issue.key.as_deref(), Some("acme/shop#1"));
        assert_eq!(issue.url.as_deref(), Some("https://github.com/acme/shop/issues/1"));
        assert_eq!(issue.external_id.as_deref(), Some("9000"));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_transfer_does_not_restore_a_deleted_issue() {
    let server = TestServer::start().await;
    let github = server.github().await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    server.outcome(&github, "issues", event("deleted", "One", 2)).await;
    assert_eq!(server.outcome(&github, "issues", transferred()).await, "ignored");
    assert_eq!(server.outcome(&github, "issues", arrived()).await, "ignored");
    assert!(server.issues(github.project).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn fifty_concurrent_events_import_one_issue() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let sent = (0..50).map(|n| server.outcome(&github, "issues", event("edited", &format!("State {n}"), n)));
    let outcomes = join_all(sent).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "created").count(), 1);
    assert!(outcomes.iter().all(|outcome| ["created", "applied", "unchanged"].contains(&outcome.as_str())));
    let issues = server.issues(github.project).await;
    let [issue] = issues.as_slice() else { panic!("one issue") };
    assert_eq!(issue.title, "State 49");
    assert_eq!(server.rows().await, Rows { receipts: 50, deliveries: 50, issues: 1 });
    server.stop().await;
}

#[tokio::test]
async fn concurrent_duplicates_are_applied_once() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let body = event("opened", "One", 1);
    let outcomes = join_all((0..20).map(|_| server.outcome(&github, "issues", body.clone()))).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "created").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "duplicate").count(), 19);
    assert_eq!(server.rows().await, Rows { receipts: 1, deliveries: 20, issues: 1 });
    server.stop().await;
}

#[tokio::test]
async fn the_same_body_is_new_to_another_webhook() {
    let server = TestServer::start().await;
    let (one, two) = (server.github().await, server.github().await);
    let body = event("opened", "One", 1);
    assert_eq!(server.outcome(&one, "issues", body.clone()).await, "created");
    assert_eq!(server.outcome(&two, "issues", body).await, "created");
    assert_eq!(server.issues(two.project).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_new_webhook_receives_events_for_subscribers() {
    let server = TestServer::start().await;
    let owner = server.user("Grace", false).await;
    let project = server.project(&owner, "WEB").await;
    let tracker = PutIntegration {
        provider: Provider::Github,
        base_url: String::new(),
        repository: "acme/checkout".to_owned(),
        only_from_repository: None,
        sync_milestones: None,
        credentials: None,
    };
    server.state.put_integration(&owner, project, tracker).await.unwrap();
    let created = server.state.create_inbound(&owner, project, CreateInbound::default()).await.unwrap();
    let subscriber = CreateWebhook {
        name: "Tools".to_owned(),
        url: "http://127.0.0.1:1/".to_owned(),
        events: vec![EventType::IssueCreated.into()],
        ..CreateWebhook::default()
    };
    let subscriber = server.state.create_webhook(&owner, project, subscriber).await.unwrap().webhook.id;
    let reveal = created.reveal.unwrap();
    let body = event("opened", "One", 1);
    let request = server
        .http
        .post(reveal.url.unwrap())
        .header("content-type", "application/json")
        .header("x-github-event", "issues")
        .header("x-hub-signature-256", sign(&reveal.secret.unwrap(), body.as_bytes()));
    assert_eq!(answer(request.body(body)).await, (200, json!({"ok": true, "outcome": "created"})));
    let all = server.state.list_deliveries(&owner, project, DeliveryQuery::default()).await.unwrap().items;
    let received = all.iter().find(|delivery| delivery.direction == Direction::Inbound).unwrap();
    assert_eq!((received.event.as_str(), received.outcome), ("issues.opened", Some(InboundOutcome::Created)));
    let sent = all.iter().find(|delivery| delivery.direction == Direction::Outbound).unwrap();
    assert_eq!((sent.event.as_str(), sent.webhook_id), ("issue.created", subscriber));
    server.stop().await;
}
