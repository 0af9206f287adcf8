use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, item_path};

#[tokio::test]
async fn an_issue_shows_its_linked_results() {
    let fixture = TestwareFixture::new().await;
    let issue =
        fixture.create("issues", json!({"title": "Crash", "key": "acme/shop#1", "url": "https://t.example/1"})).await;
    let other = fixture.create("issues", json!({"title": "Other"})).await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let issues = json!([issue["id"], other["id"], issue["id"]]);
    let of_run = json!({"caseId": cases[0]["id"], "status": "failed", "comment": "Boom", "issueIds": issues});
    let first = fixture.post_ok(&format!("{}/results", item_path("runs", &run)), of_run).await;
    let of_session = json!({"status": "failed", "issueIds": [issue["id"]]});
    let second = fixture.post_ok(&format!("{}/results", item_path("sessions", &session)), of_session).await;
    fixture.post_ok(&format!("{}/results", item_path("sessions", &session)), json!({"status": "passed"})).await;

    let linked = format!("{}/results", item_path("issues", &issue));
    assert_eq!(fixture.api.all(&linked, 1).await, [second.clone(), first.clone()]);
    let expected = json!({
        "id": issue["id"], "key": "acme/shop#1", "title": "Crash", "status": "open", "statusKind": "open",
        "url": "https://t.example/1",
    });
    assert_eq!(second["issues"], json!([expected]));
    assert_eq!(first["issues"].as_array().unwrap().len(), 2);
    assert_eq!((&first["parentKey"], &second["parentKey"]), (&json!("WEB-R1"), &json!("WEB-S1")));

    let events = fixture.events().await;
    let added = events.iter().find(|event| event["type"] == "test_run.result_added").unwrap();
    let linked_issue = &added["data"]["result"]["issues"][0];
    assert_eq!((&linked_issue["key"], &linked_issue["url"]), (&json!("acme/shop#1"), &json!("https://t.example/1")));
    let link = linked_issue["link"].as_str().unwrap();
    assert!(link.ends_with(&format!("/projects/{}{}", fixture.project, item_path("issues", &issue))), "{link}");

    assert_eq!(fixture.api.delete(&item_path("runs", &run)).await.status, 204);
    assert_eq!(fixture.column(&linked, "parentKey").await, ["WEB-S1"]);
    assert_eq!(fixture.api.delete(&item_path("issues", &issue)).await.status, 204);
    assert_eq!(fixture.api.get(&linked).await.status, 404);
    let results = fixture.read(&format!("{}/results", item_path("sessions", &session))).await;
    assert_eq!(results["items"][1]["issues"], json!([]));
}

#[tokio::test]
async fn invalid_fields_of_a_result_are_named() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let stranger = fixture.case("In no run").await;
    let foreign = fixture.server.project(&fixture.ada, "OTHER").await;
    let foreign = fixture.post_ok(&format!("/projects/{foreign}/issues"), json!({"title": "x"})).await;
    let gone = fixture.create("issues", json!({"title": "x"})).await;
    fixture.api.delete(&item_path("issues", &gone)).await;
    let many: Vec<_> =
        (0..21).map(|_| fixture.server.state.ids.next::<app::model::id::IssueId>().to_string()).collect();
    let seen = fixture.events().await.len();
    let (of_run, of_session) =
        (format!("{}/results", item_path("runs", &run)), format!("{}/results", item_path("sessions", &session)));
    let id = &cases[0]["id"];
    let broken = json!({"status": "untested", "comment": "x".repeat(64 * 1024 + 1), "elapsedSeconds": 10_000_001});
    for (path, body, fields) in [
        (&of_run, broken, vec!["caseId", "comment", "elapsedSeconds", "status"]),
        (&of_run, json!({"caseId": stranger["id"], "status": "passed"}), vec!["caseId"]),
        (&of_session, json!({"caseId": id, "status": "passed"}), vec!["caseId"]),
        (&of_run, json!({"caseId": id, "status": "failed", "issueIds": [foreign["id"]]}), vec!["issueIds"]),
        (&of_run, json!({"caseId": id, "status": "failed", "issueIds": [gone["id"]]}), vec!["issueIds"]),
        (&of_session, json!({"status": "failed", "issueIds": many}), vec!["issueIds"]),
    ] {
        assert_eq!(error_fields(&fixture.api.post(path, &body).await), fields, "{path}");
    }
    assert_eq!(fixture.api.post(&of_session, &json!({"status": "great"})).await.status, 422);
    assert!(fixture.column(&of_run, "id").await.is_empty());
    assert_eq!(fixture.read(&item_path("runs", &run)).await, run);
    assert_eq!(fixture.since(seen).await, Vec::<Value>::new());
}
