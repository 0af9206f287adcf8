use serde_json::{Value, json};

use super::fixture::{TestwareFixture, event_types, item_path};

/// A run and a session, each with the body of a result.
async fn both(fixture: &TestwareFixture) -> [(String, &'static str, Value); 2] {
    let (run, cases) = fixture.run(&["Pay"]).await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let of_run = json!({"caseId": cases[0]["id"], "status": "passed"});
    [
        (item_path("runs", &run), "test_run", of_run),
        (item_path("sessions", &session), "session", json!({"status": "passed"})),
    ]
}

#[tokio::test]
async fn a_completed_item_takes_no_changes() {
    let fixture = TestwareFixture::new().await;
    for (path, subject, result) in both(&fixture).await {
        fixture.post_ok(&format!("{path}/results"), result.clone()).await;
        let seen = fixture.events().await.len();
        let completed = fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
        assert!(completed["completedAt"].is_string());
        let refused = [
            fixture.api.patch(&path, &json!({"name": "x"})).await,
            fixture.api.patch(&path, &json!({"state": "done"})).await,
            fixture.api.post(&format!("{path}/results"), &result).await,
            fixture.api.post(&format!("{path}/complete"), &Value::Null).await,
        ];
        for reply in refused {
            assert_eq!(reply.status, 409, "{}", reply.text);
            assert!(reply.json["detail"].as_str().unwrap().contains("Duplicate it"), "{}", reply.text);
        }
        assert_eq!(fixture.read(&path).await, completed);
        assert_eq!(event_types(&fixture.since(seen).await), [format!("{subject}.completed")]);
        assert_eq!(fixture.api.delete(&path).await.status, 204);
    }
}

#[tokio::test]
async fn completion_and_state_are_independent() {
    let fixture = TestwareFixture::new().await;
    for (path, subject, _) in both(&fixture).await {
        let seen = fixture.events().await.len();
        let done = fixture.change(&path, json!({"state": "done"})).await;
        assert_eq!(done["completedAt"], Value::Null);
        fixture.change(&path, json!({"state": "blocked"})).await;
        let completed = fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
        assert_eq!(completed["state"], "blocked");
        let events = fixture.since(seen).await;
        let moved = format!("{subject}.state_changed");
        assert_eq!(event_types(&events), [moved.clone(), moved, format!("{subject}.completed")]);
        assert_eq!(events[0]["data"]["completedAt"], Value::Null);
        assert_eq!(events[2]["data"]["completedAt"], completed["completedAt"]);
    }
}

#[tokio::test]
async fn concurrent_completions_succeed_once() {
    let fixture = TestwareFixture::new().await;
    for (path, subject, _) in both(&fixture).await {
        let complete = format!("{path}/complete");
        let seen = fixture.events().await.len();
        let (one, other) =
            tokio::join!(fixture.api.post(&complete, &Value::Null), fixture.api.post(&complete, &Value::Null));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(event_types(&fixture.since(seen).await), [format!("{subject}.completed")]);
    }
}
