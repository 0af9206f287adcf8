//! Syncs of issues from Jira.

use std::time::Duration;

use app::model::integration::Credentials;
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use app::service::Integrations;
use serde_json::{Value, json};

use super::slow_and_truncated_responses;
use crate::support::TestServer;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::fixture;
use crate::support::tracker::Tracker;

fn cloud() -> Option<Credentials> {
    Some(Credentials { email: Some("ada@example.com".to_owned()), token: "api-token".to_owned() })
}

fn data_center() -> Option<Credentials> {
    Some(Credentials { email: None, token: "pat".to_owned() })
}

async fn start(credentials: Option<Credentials>, answers: Vec<FakeResponse>) -> (TestServer, FakeTracker, Tracker) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let jira = server.tracker(Provider::Jira, &fake.base, credentials).await;
    (server, fake, jira)
}

fn issue(summary: &str) -> Value {
    let paragraph = json!({"type": "paragraph", "content": [{"type": "text", "text": "It is "},
        {"type": "text", "text": "wrong", "marks": [{"type": "strong"}]}]});
    json!({"id": "10040", "key": "WEB-7", "fields": {
        "summary": summary,
        "description": {"type": "doc", "version": 1, "content": [paragraph]},
        "status": {"name": "Fertig", "statusCategory": {"key": "done"}},
        "priority": null, "issuetype": {"name": "Bug"}, "labels": ["a"], "assignee": null,
        "updated": "2026-01-05T02:00:59.000-0800",
    }})
}

/// An event about that issue.
fn event(n: u32) -> Value {
    let mut issue = issue(&format!("Event {n}"));
    issue["fields"]["description"] = json!("It is {color:red}wrong{color}");
    issue["fields"]["updated"] = json!(format!("2026-01-05T02:00:{n:02}.000-0800"));
    json!({"webhookEvent": "jira:issue_updated", "issue": issue})
}

/// Sends an event, and waits until the coalesce window has ended.
async fn send_event(server: &TestServer, jira: &Tracker) {
    server.send_event(jira, event(1)).await;
    server.state.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn many_events_lead_to_one_cloud_request_by_id() {
    let (server, fake, jira) = start(cloud(), vec![FakeResponse::json(&issue("As it is now"))]).await;
    for n in 0..20 {
        server.send_event(&jira, event(n)).await;
    }
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&jira, "the issue is read", |issue| issue.title == "As it is now").await;
    assert_eq!(read.description, "It is **wrong**");
    assert_eq!((read.status.as_str(), read.status_kind), ("Fertig", StatusKind::Closed));
    assert_eq!(read.url, Some(format!("{}/browse/WEB-7", fake.base)));
    assert_eq!((read.priority, read.assignee, read.sync_error), (None, None, None));
    assert_eq!(fake.paths(), ["/rest/api/3/issue/10040"]);
    assert!(fake.query().unwrap().contains("fields=summary"));
    assert_eq!(fake.header("authorization").as_deref(), Some("Basic YWRhQGV4YW1wbGUuY29tOmFwaS10b2tlbg=="));
    server.stop().await;
}

#[tokio::test]
async fn data_center_uses_api_version_2_and_wiki_markup() {
    let mut of_server = issue("Read");
    of_server["fields"]["description"] = json!("h2. Steps\n# open *it*");
    let (server, fake, jira) = start(data_center(), vec![FakeResponse::json(&of_server)]).await;
    send_event(&server, &jira).await;
    let read = server.wait_for_issue(&jira, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!(read.description, "## Steps\n\n1. open **it**");
    assert_eq!(fake.paths(), ["/rest/api/2/issue/10040"]);
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer pat"));
    server.stop().await;
}

#[tokio::test]
async fn recorded_responses_are_parsed() {
    for (file, id, expected) in [
        ("rest.cloud-v3.get-issue.200", "10002", ("ED-1", "Event 1", "Main order flow broken")),
        (
            "rest.server.jira-to-matrix.issue",
            "11442",
            (
                "BBCOM-1398",
                "Prueba de creación de tareas en un proyecto público",
                "Prueba de creación de tareas en un proyecto público",
            ),
        ),
    ] {
        let (server, _fake, jira) =
            start(cloud(), vec![FakeResponse::new(200, fixture(&format!("jira/{file}.json")))]).await;
        let mut event = event(1);
        event["issue"]["id"] = json!(id);
        event["issue"]["fields"]["updated"] = json!("2018-01-05T02:00:01.000-0800");
        server.send_event(&jira, event).await;
        server.state.clock.advance(Duration::from_secs(1));
        let read = server.wait_for_issue(&jira, file, |issue| issue.key.as_deref() == Some(expected.0)).await;
        assert_eq!((read.title.as_str(), read.description.as_str()), (expected.1, expected.2));
        server.stop().await;
    }
}

#[tokio::test]
async fn an_issue_known_by_id_appears_after_its_sync() {
    let (server, _fake, jira) = start(data_center(), vec![FakeResponse::json(&issue("Read"))]).await;
    let address = "https://jira.example.com/rest/api/2/issue/10040/comment/1";
    let comment = json!({"webhookEvent": "comment_created", "comment": {"self": address}});
    assert_eq!(server.send_event(&jira, comment).await, "unchanged");
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&jira, "the issue appears", |issue| issue.title == "Read").await;
    assert_eq!((read.key.as_deref(), read.hidden_reason, read.sync_due_at), (Some("WEB-7"), None, None));
    server.stop().await;
}

#[tokio::test]
async fn a_move_to_another_key_is_followed() {
    let mut moved = issue("Moved");
    moved["key"] = json!("SHOP-1");
    let (server, _fake, jira) = start(cloud(), vec![FakeResponse::json(&moved)]).await;
    send_event(&server, &jira).await;
    let read = server.wait_for_issue(&jira, "the new key", |issue| issue.key.as_deref() == Some("SHOP-1")).await;
    assert_eq!(server.issues(jira.project).await.len(), 1);
    assert_eq!(read.external_id.as_deref(), Some("10040"));
    server.stop().await;
}

#[tokio::test]
async fn failures_are_shown_and_change_no_issue() {
    let elsewhere = || FakeResponse::new(301, "").with("location", "https://elsewhere.example/rest/api/3/issue/10040");
    let mut other = issue("Another issue");
    other["id"] = json!("99");
    for (answer, word) in [
        (FakeResponse::new(401, "").with("x-seraph-loginreason", "AUTHENTICATED_FAILED"), "rejected the token"),
        (FakeResponse::new(403, "{}"), "no permission to read WEB-7"),
        (FakeResponse::new(404, r#"{"errorMessages":["Issue does not exist"]}"#), "404"),
        (FakeResponse::new(410, "{}"), "deleted"),
        (FakeResponse::new(429, "").with("retry-after", 30), "rate limit"),
        (FakeResponse::new(503, "").with("retry-after", 30), "rate limit"),
        (FakeResponse::new(500, ""), "500"),
        (elsewhere(), "can't follow"),
        (FakeResponse::html(200), "is a web page"),
        (FakeResponse::new(200, "{"), "not the issue"),
        (FakeResponse::json(&other), "not the issue"),
    ] {
        let (server, fake, jira) = start(cloud(), vec![answer]).await;
        send_event(&server, &jira).await;
        let failed = server.wait_for_sync_error(&jira).await.sync_error.unwrap();
        assert!(failed.contains(word), "{word}: {failed}");
        assert!(!failed.contains("api-token"));
        assert_eq!((server.only_issue(&jira).await.title.as_str(), fake.paths().len()), ("Event 1", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_rate_limit_pauses_the_sync() {
    let limited = FakeResponse::new(429, "").with("retry-after", 120);
    let (server, fake, jira) = start(cloud(), vec![limited, FakeResponse::json(&issue("Read"))]).await;
    send_event(&server, &jira).await;
    let until = server.wait_for_sync_error(&jira).await.paused_until.unwrap();
    assert_eq!(until, server.state.clock.now() + Duration::from_secs(120));
    server.state.clock.advance(Duration::from_secs(121));
    server.wait_for_issue(&jira, "reading goes on", |issue| issue.title == "Read").await;
    assert_eq!(fake.paths().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn slow_and_truncated_responses_are_retried() {
    let answer = FakeResponse::json(&issue("Read"));
    slow_and_truncated_responses(Provider::Jira, cloud(), answer, send_event).await;
}

#[tokio::test]
async fn a_connection_test_says_what_is_wrong() {
    let project = json!({"id": "1", "key": "WEB", "name": "Web shop"});
    for (credentials, answer, ok, word, path) in [
        (cloud(), FakeResponse::json(&project), true, "Web shop", "/rest/api/3/project/WEB"),
        (data_center(), FakeResponse::json(&project), true, "Web shop", "/rest/api/2/project/WEB"),
        (None, FakeResponse::json(&project), true, "Without a token", "/rest/api/2/project/WEB"),
        (cloud(), FakeResponse::new(401, ""), false, "token", "/rest/api/3/project/WEB"),
        (cloud(), FakeResponse::new(404, ""), false, "no access", "/rest/api/3/project/WEB"),
        (cloud(), FakeResponse::html(200), false, "is a web page", "/rest/api/3/project/WEB"),
        (cloud(), FakeResponse::new(200, "{}"), false, "does not look like Jira", "/rest/api/3/project/WEB"),
    ] {
        let (server, fake, jira) = start(credentials, vec![answer]).await;
        let test = server.state.test_integration(&jira.owner, jira.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), [path]);
        server.stop().await;
    }
}
