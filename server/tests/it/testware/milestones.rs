use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

#[tokio::test]
async fn each_change_of_a_milestone_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let new = json!({"name": " Release 4 ", "description": "All of it", "dueOn": "2026-12-24"});
    let made = fixture.create("milestones", new).await;
    assert_eq!(
        (&made["key"], &made["name"], &made["dueOn"]),
        (&json!("WEB-M1"), &json!("Release 4"), &json!("2026-12-24"))
    );
    let path = item_path("milestones", &made);
    assert_eq!(fixture.read(&path).await, made);
    let both = json!({"name": "Release 4.0", "dueOn": "2027-01-08"});
    fixture.change(&path, both.clone()).await;
    fixture.change(&path, both).await;
    assert_eq!(fixture.change(&path, json!({"dueOn": ""})).await["dueOn"], Value::Null);
    let completed = fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(completed["completedAt"], "2026-01-05T10:00:00.000Z");
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);

    let events = fixture.events().await;
    let expected = ["created", "updated", "due_date_changed", "due_date_changed", "completed", "deleted"];
    assert_eq!(event_types(&events), expected.map(|verb| format!("milestone.{verb}")));
    assert_eq!(events[1]["data"]["changed"], json!(["name"]));
    assert_eq!(events[2]["data"]["changes"], json!({"dueOn": {"from": "2026-12-24", "to": "2027-01-08"}}));
    assert_eq!(events[3]["data"]["changes"], json!({"dueOn": {"from": "2027-01-08", "to": null}}));
    assert_eq!(events[4]["data"]["completedAt"], "2026-01-05T10:00:00.000Z");
}

#[tokio::test]
async fn a_completed_milestone_is_read_only() {
    let fixture = TestwareFixture::new().await;
    let milestone = fixture.create("milestones", json!({"name": "Release 4"})).await;
    let path = item_path("milestones", &milestone);
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    let changed = fixture.api.patch(&path, &json!({"name": "Release 5"})).await;
    let again = fixture.api.post(&format!("{path}/complete"), &Value::Null).await;
    for reply in [changed, again] {
        assert_eq!(reply.status, 409);
        assert_eq!(reply.json["detail"], "WEB-M1 is completed and can't be changed.");
    }
    let run =
        fixture.api.post(&fixture.of_project("runs"), &json!({"name": "r", "milestoneId": milestone["id"]})).await;
    assert_eq!(error_fields(&run), ["milestoneId"]);
}

#[tokio::test]
async fn a_run_of_a_completed_milestone_keeps_it_and_its_copy_has_none() {
    let fixture = TestwareFixture::new().await;
    let milestone = fixture.create("milestones", json!({"name": "Release 4"})).await;
    let run = fixture.create("runs", json!({"name": "Payments", "milestoneId": milestone["id"]})).await;
    let path = item_path("runs", &run);
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(copy["milestoneId"], milestone["id"]);
    fixture.post_ok(&format!("{}/complete", item_path("milestones", &milestone)), Value::Null).await;
    let changed = fixture.change(&path, json!({"name": "All payments", "milestoneId": milestone["id"]})).await;
    assert_eq!((&changed["name"], &changed["milestoneId"]), (&json!("All payments"), &milestone["id"]));
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(copy["milestoneId"], Value::Null);
}

#[tokio::test]
async fn wrong_fields_of_a_milestone_are_named() {
    let fixture = TestwareFixture::new().await;
    for (body, fields) in [
        (json!({"name": ""}), vec!["name"]),
        (json!({"name": "x", "dueOn": "2026-02-30"}), vec!["dueOn"]),
        (json!({"name": "", "dueOn": "soon"}), vec!["dueOn", "name"]),
    ] {
        let reply = fixture.api.post(&fixture.of_project("milestones"), &body).await;
        assert_eq!(error_fields(&reply), fields, "{body}");
    }
    assert!(fixture.events().await.is_empty());
}

#[tokio::test]
async fn a_milestone_counts_its_runs_and_sessions() {
    let fixture = TestwareFixture::new().await;
    let milestone = fixture.create("milestones", json!({"name": "Release 4"})).await;
    let path = item_path("milestones", &milestone);
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let session = fixture.create("sessions", json!({"name": "Explore", "milestoneId": milestone["id"]})).await;
    assert_eq!(session["milestoneId"], milestone["id"]);
    fixture.change(&item_path("runs", &run), json!({"milestoneId": milestone["id"]})).await;
    let result = json!({"caseId": cases[0]["id"], "status": "failed"});
    fixture.post_ok(&format!("{}/results", item_path("runs", &run)), result).await;
    fixture.post_ok(&format!("{}/results", item_path("sessions", &session)), json!({"status": "passed"})).await;

    let counts = json!({"untested": 1, "passed": 1, "failed": 1, "blocked": 0, "retest": 0, "skipped": 0});
    assert_eq!(fixture.read(&path).await["counts"], counts);
    let events = fixture.events().await;
    let reference = json!({"id": milestone["id"], "key": "WEB-M1", "name": "Release 4"});
    let added = events.iter().rfind(|event| event["type"] == "session.result_added").unwrap();
    assert_eq!(added["data"]["milestone"], reference);
    let updated = events.iter().find(|event| event["type"] == "test_run.updated").unwrap();
    assert_eq!(updated["data"]["changed"], json!(["milestoneId"]));

    let of_milestone = format!("{}?milestone={}", fixture.of_project("runs"), milestone["id"].as_str().unwrap());
    assert_eq!(fixture.column(&of_milestone, "key").await, ["WEB-R1"]);
    fixture.create("runs", json!({"name": "Another"})).await;
    assert_eq!(fixture.column(&of_milestone, "key").await, ["WEB-R1"]);

    assert_eq!(fixture.api.delete(&item_path("runs", &run)).await.status, 204);
    assert_eq!(fixture.read(&path).await["counts"]["failed"], 0);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.read(&item_path("sessions", &session)).await["milestoneId"], Value::Null);
}

#[tokio::test]
async fn only_milestones_of_the_project_can_be_chosen() {
    let fixture = TestwareFixture::new().await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.post_ok(&format!("/projects/{other}/milestones"), json!({"name": "Elsewhere"})).await;
    let run = fixture.create("runs", json!({"name": "r"})).await;
    for id in [foreign["id"].clone(), json!("mil_00000000000000000000000000"), json!("x")] {
        let reply = fixture.api.patch(&item_path("runs", &run), &json!({"milestoneId": id})).await;
        assert_eq!(error_fields(&reply), ["milestoneId"], "{id}");
        assert_eq!(reply.json["errors"]["milestoneId"], "Choose an open milestone of this project.");
    }
}

#[tokio::test]
async fn milestones_are_listed_by_completion() {
    let fixture = TestwareFixture::new().await;
    for name in ["One", "Two", "Three"] {
        fixture.create("milestones", json!({"name": name})).await;
    }
    let list = fixture.read(&fixture.of_project("milestones")).await["items"].clone();
    fixture.post_ok(&format!("{}/complete", item_path("milestones", &list[1])), Value::Null).await;
    let names =
        async |query: &str| fixture.column(&format!("{}{query}", fixture.of_project("milestones")), "name").await;
    assert_eq!(names("").await, ["Three", "Two", "One"]);
    assert_eq!(names("?completed=true").await, ["Two"]);
    assert_eq!(names("?completed=false").await, ["Three", "One"]);
    assert_eq!(names("?search=web-m1").await, ["One"]);
}
