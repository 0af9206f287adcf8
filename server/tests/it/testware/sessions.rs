use std::time::Duration;

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

#[tokio::test]
async fn each_change_of_a_session_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let new = json!({"name": " Vouchers ", "charter": "Explore", "timeBoxMinutes": 90});
    let made = fixture.create("sessions", new).await;
    assert_eq!((&made["key"], &made["name"], &made["state"]), (&json!("WEB-S1"), &json!("Vouchers"), &json!("new")));
    let path = item_path("sessions", &made);
    assert_eq!(fixture.read(&path).await, made);
    let changed =
        fixture.change(&path, json!({"charter": "Explore more", "timeBoxMinutes": 0, "state": "blocked"})).await;
    assert_eq!((&changed["timeBoxMinutes"], &changed["name"]), (&Value::Null, &json!("Vouchers")));
    fixture.post_ok(&format!("{path}/results"), json!({"status": "failed", "elapsedSeconds": 5})).await;
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(
        (&copy["key"], &copy["charter"], &copy["state"]),
        (&json!("WEB-S2"), &json!("Explore more"), &json!("new"))
    );
    assert_eq!(copy["counts"]["failed"], 0);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);
    assert_eq!(fixture.api.get(&format!("{path}/results")).await.status, 404);

    let events = fixture.events().await;
    let expected = [
        "session.created",
        "session.updated",
        "session.state_changed",
        "session.result_added",
        "result.created",
        "session.duplicated",
        "session.deleted",
    ];
    assert_eq!(event_types(&events), expected);
    assert_eq!(events[1]["data"]["changed"], json!(["charter", "timeBoxMinutes"]));
    assert_eq!((&events[2]["data"]["previousState"], &events[2]["data"]["state"]), (&json!("new"), &json!("blocked")));
    assert_eq!(events[3]["data"]["result"].get("case"), None);
    assert_eq!(events[5]["data"]["duplicatedFrom"], json!({"id": made["id"], "key": "WEB-S1", "name": "Vouchers"}));
    assert_eq!(events[6]["data"]["counts"]["failed"], 1);
}

#[tokio::test]
async fn a_session_counts_its_results() {
    let fixture = TestwareFixture::new().await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let results = format!("{}/results", item_path("sessions", &session));
    for status in ["passed", "failed", "passed", "retest"] {
        let added = fixture.post_ok(&results, json!({"status": status})).await;
        assert_eq!((&added["caseId"], &added["parentKey"]), (&Value::Null, &json!("WEB-S1")));
    }
    let counts = json!({"untested": 0, "passed": 2, "failed": 1, "blocked": 0, "retest": 1, "skipped": 0});
    assert_eq!(fixture.read(&item_path("sessions", &session)).await["counts"], counts);
    assert_eq!(fixture.read(&fixture.of_project("sessions")).await["items"][0]["counts"], counts);
    assert_eq!(fixture.column(&results, "status").await, ["retest", "passed", "failed", "passed"]);
    let last = fixture.events().await.into_iter().rfind(|event| event["type"] == "session.result_added").unwrap();
    assert_eq!((&last["data"]["counts"], &last["data"]["total"]), (&counts, &json!(4)));
}

#[tokio::test]
async fn a_session_update_without_effect_is_no_event() {
    let fixture = TestwareFixture::new().await;
    let made = fixture.create("sessions", json!({"name": "Explore"})).await;
    fixture.server.state.clock.advance(Duration::from_secs(60));
    for body in [json!({}), json!({"name": " Explore ", "charter": "", "timeBoxMinutes": 0, "state": "new"})] {
        assert_eq!(fixture.change(&item_path("sessions", &made), body).await, made);
    }
    assert_eq!(fixture.events().await.len(), 1);
}

#[tokio::test]
async fn invalid_fields_of_a_session_are_named() {
    let fixture = TestwareFixture::new().await;
    let sessions = fixture.of_project("sessions");
    let body = json!({"name": "", "charter": "x".repeat(64 * 1024 + 1), "timeBoxMinutes": 1_441});
    assert_eq!(error_fields(&fixture.api.post(&sessions, &body).await), ["charter", "name", "timeBoxMinutes"]);
    assert!(fixture.column(&sessions, "key").await.is_empty());
    assert!(fixture.events().await.is_empty());
}

#[tokio::test]
async fn sessions_are_found_by_name_key_state_and_completion() {
    let fixture = TestwareFixture::new().await;
    for name in ["Vouchers", "Basket"] {
        fixture.create("sessions", json!({"name": name})).await;
    }
    let sessions = fixture.of_project("sessions");
    let newest = fixture.read(&sessions).await["items"][0].clone();
    fixture.change(&item_path("sessions", &newest), json!({"state": "in_progress"})).await;
    fixture.post_ok(&format!("{}/complete", item_path("sessions", &newest)), Value::Null).await;
    for (query, found) in [
        ("", vec!["WEB-S2", "WEB-S1"]),
        ("search=vouch", vec!["WEB-S1"]),
        ("search=s2", vec!["WEB-S2"]),
        ("state=in_progress", vec!["WEB-S2"]),
        ("completed=true", vec!["WEB-S2"]),
        ("completed=false", vec!["WEB-S1"]),
    ] {
        assert_eq!(fixture.column(&format!("{sessions}?{query}"), "key").await, found, "{query}");
    }
    assert_eq!(fixture.api.all(&sessions, 1).await.len(), 2);
}
