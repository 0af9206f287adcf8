//! The data of events, with what no later read can recover.

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, item_path};

/// The data of the only event of a type since the first `seen` ones.
async fn data_of(fixture: &TestwareFixture, seen: usize, event: &str) -> Value {
    let events = fixture.since(seen).await;
    let mut all = events.iter().filter(|envelope| envelope["type"] == event);
    let data = all.next().unwrap_or_else(|| panic!("{event} in {events:?}"))["data"].clone();
    assert!(all.next().is_none(), "one {event}");
    data
}

#[tokio::test]
async fn an_update_has_the_values_before_and_after() {
    let fixture = TestwareFixture::new().await;
    let step = |action: &str| json!({"action": action, "expected": ""});
    let case = fixture.create("cases", json!({"title": "Pay", "steps": [step("Pay")], "labels": ["ui"]})).await;
    let (run, cases) = fixture.run(&["One", "Two"]).await;
    let issue = fixture.create("issues", json!({"title": "Crash", "description": "Old"})).await;
    let seen = fixture.events().await.len();

    let change = json!({"title": "Pay by card", "steps": [step("Open"), step("Pay")], "labels": ["ui"]});
    fixture.change(&item_path("cases", &case), change).await;
    fixture.change(&item_path("runs", &run), json!({"caseIds": [cases[1]["id"]], "state": "in_progress"})).await;
    fixture.change(&item_path("issues", &issue), json!({"description": "New", "statusKind": "closed"})).await;

    let case = data_of(&fixture, seen, "case.updated").await;
    assert_eq!(case["changed"], json!(["title", "steps"]));
    let steps = json!({"from": [step("Pay")], "to": [step("Open"), step("Pay")]});
    assert_eq!(case["changes"], json!({"title": {"from": "Pay", "to": "Pay by card"}, "steps": steps}));
    assert_eq!((&case["steps"], &case["stepDetails"]), (&json!(2), &steps["to"]));

    let ids = json!({"from": [cases[0]["id"], cases[1]["id"]], "to": [cases[1]["id"]]});
    assert_eq!(data_of(&fixture, seen, "test_run.updated").await["changes"], json!({"cases": ids}));
    let state = data_of(&fixture, seen, "test_run.state_changed").await;
    assert_eq!(state["changes"], json!({"state": {"from": "new", "to": "in_progress"}}));
    assert_eq!(state["previousState"], "new");

    let issue = data_of(&fixture, seen, "issue.updated").await;
    assert_eq!(issue["changes"]["description"], json!({"from": "Old", "to": "New"}));
    assert_eq!(issue["changes"]["statusKind"], json!({"from": "open", "to": "closed"}));
    assert_eq!((&issue["provider"], &issue["description"]), (&Value::Null, &json!("New")));
}

#[tokio::test]
async fn a_completed_run_says_how_it_went() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["One", "Two", "Three"]).await;
    let issue = fixture.create("issues", json!({"title": "Crash"})).await;
    let path = item_path("runs", &run);
    for (case, status, comment, issues) in [
        (&cases[0], "passed", "", json!([])),
        (&cases[1], "failed", "It crashes.", json!([issue["id"]])),
        (&cases[2], "skipped", "", json!([])),
    ] {
        let result = json!({
            "caseId": case["id"], "status": status, "comment": comment, "elapsedSeconds": 30, "issueIds": issues,
        });
        fixture.post_ok(&format!("{path}/results"), result).await;
    }
    fixture.server.state.clock.advance(std::time::Duration::from_secs(3_600));
    let seen = fixture.events().await.len();
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    let data = data_of(&fixture, seen, "test_run.completed").await;
    assert_eq!(
        (&data["passRate"], &data["durationSeconds"], &data["testedSeconds"]),
        (&json!(50.0), &json!(3_600), &json!(90))
    );
    let comment = json!({"case": cases[1]["key"], "status": "failed", "comment": "It crashes.", "author": "Ada"});
    assert_eq!(data["comments"], json!([comment]));
    assert_eq!(data["issues"].as_array().map(Vec::len), Some(1));
    assert_eq!(data["issues"][0]["id"], issue["id"]);
}

#[tokio::test]
async fn the_events_of_an_issue_name_its_testware() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["One"]).await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let issue = fixture.create("issues", json!({"title": "Crash"})).await;
    assert_eq!(data_of(&fixture, 0, "issue.created").await["linked"], json!({"cases": [], "runs": [], "sessions": []}));
    for (path, case) in [(item_path("runs", &run), &cases[0]["id"]), (item_path("sessions", &session), &Value::Null)] {
        let result = json!({"caseId": case, "status": "failed", "issueIds": [issue["id"]]});
        fixture.post_ok(&format!("{path}/results"), result.clone()).await;
        fixture.post_ok(&format!("{path}/results"), result).await;
    }
    fixture.change(&item_path("issues", &issue), json!({"title": "Crash on start"})).await;
    let named = |item: &Value| json!([{"id": item["id"], "key": item["key"]}]);
    let linked = json!({"cases": named(&cases[0]), "runs": named(&run), "sessions": named(&session)});
    assert_eq!(data_of(&fixture, 0, "issue.updated").await["linked"], linked);
}
