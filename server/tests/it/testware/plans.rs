use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

#[tokio::test]
async fn each_change_of_a_plan_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let plan = fixture.create("plans", json!({"name": " All browsers ", "description": "One run each"})).await;
    assert_eq!((&plan["key"], &plan["name"]), (&json!("WEB-P1"), &json!("All browsers")));
    let path = item_path("plans", &plan);
    let renamed = json!({"name": "Every browser"});
    fixture.change(&path, renamed.clone()).await;
    fixture.change(&path, renamed).await;
    let completed = fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(completed["completedAt"], "2026-01-05T10:00:00.000Z");
    let refused = fixture.api.patch(&path, &json!({"name": "Again"})).await;
    assert_eq!(refused.json["detail"], "WEB-P1 is completed and can't be changed.");
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);

    let events = fixture.events().await;
    assert_eq!(event_types(&events), ["created", "updated", "completed", "deleted"].map(|verb| format!("plan.{verb}")));
    assert_eq!(events[1]["data"]["changes"]["name"], json!({"from": "All browsers", "to": "Every browser"}));
}

#[tokio::test]
async fn a_plan_counts_its_runs() {
    let fixture = TestwareFixture::new().await;
    let plan = fixture.create("plans", json!({"name": "All browsers"})).await;
    let path = item_path("plans", &plan);
    let (first, cases) = fixture.run(&["Pay", "Refund"]).await;
    fixture.change(&item_path("runs", &first), json!({"planId": plan["id"]})).await;
    let second = json!({"name": "Safari", "planId": plan["id"], "caseIds": [cases[0]["id"]]});
    let second = fixture.create("runs", second).await;
    let result = json!({"caseId": cases[0]["id"], "status": "failed"});
    fixture.post_ok(&format!("{}/results", item_path("runs", &second)), result).await;
    let counts = json!({"untested": 2, "passed": 0, "failed": 1, "blocked": 0, "retest": 0, "skipped": 0});
    assert_eq!(fixture.read(&path).await["counts"], counts);

    let of_plan = format!("{}?plan={}", fixture.of_project("runs"), plan["id"].as_str().unwrap());
    assert_eq!(fixture.column(&of_plan, "key").await, ["WEB-R2", "WEB-R1"]);
    let sessions = format!("{}?plan={}", fixture.of_project("sessions"), plan["id"].as_str().unwrap());
    assert_eq!(error_fields(&fixture.api.get(&sessions).await), ["plan"]);
    let events = fixture.events().await;
    let reference = json!({"id": plan["id"], "key": "WEB-P1", "name": "All browsers"});
    let created = events.iter().rfind(|event| event["type"] == "test_run.created").unwrap();
    assert_eq!(created["data"]["plan"], reference);
    let updated = events.iter().find(|event| event["type"] == "test_run.updated").unwrap();
    assert_eq!(updated["data"]["changed"], json!(["planId"]));

    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.read(&item_path("runs", &second)).await["planId"], Value::Null);
}

#[tokio::test]
async fn only_open_plans_of_the_project_can_be_chosen() {
    let fixture = TestwareFixture::new().await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.post_ok(&format!("/projects/{other}/plans"), json!({"name": "Elsewhere"})).await;
    let completed = fixture.create("plans", json!({"name": "Done"})).await;
    let run = fixture.create("runs", json!({"name": "Payments", "planId": completed["id"]})).await;
    fixture.post_ok(&format!("{}/complete", item_path("plans", &completed)), Value::Null).await;
    for plan in [&foreign["id"], &completed["id"]] {
        let reply = fixture.api.post(&fixture.of_project("runs"), &json!({"name": "x", "planId": plan})).await;
        assert_eq!(error_fields(&reply), ["planId"], "{plan}");
    }
    // The run of a completed plan keeps it. A copy has none.
    let path = item_path("runs", &run);
    let changed = fixture.change(&path, json!({"name": "All payments", "planId": completed["id"]})).await;
    assert_eq!(changed["planId"], completed["id"]);
    assert_eq!(fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await["planId"], Value::Null);
}
