use serde_json::{Value, json};

use super::world::{World, at, named};

#[tokio::test]
async fn an_issue_shows_the_results_that_are_linked_to_it() {
    let world = World::new().await;
    let issue =
        world.make("issues", json!({"title": "Crash", "key": "acme/shop#1", "url": "https://t.example/1"})).await;
    let other = world.make("issues", json!({"title": "Other"})).await;
    let (run, cases) = world.run(&["Pay"]).await;
    let session = world.make("sessions", json!({"name": "Explore"})).await;
    let issues = json!([issue["id"], other["id"], issue["id"]]);
    let of_run = json!({"caseId": cases[0]["id"], "status": "failed", "comment": "Boom", "issueIds": issues});
    let first = world.done(&format!("{}/results", at("runs", &run)), of_run).await;
    let of_session = json!({"status": "failed", "issueIds": [issue["id"]]});
    let second = world.done(&format!("{}/results", at("sessions", &session)), of_session).await;
    world.done(&format!("{}/results", at("sessions", &session)), json!({"status": "passed"})).await;

    let linked = format!("{}/results", at("issues", &issue));
    assert_eq!(world.api.all(&linked, 1).await, [second.clone(), first.clone()]);
    let expected = json!({
        "id": issue["id"], "key": "acme/shop#1", "title": "Crash", "status": "open", "statusKind": "open",
        "url": "https://t.example/1",
    });
    assert_eq!(second["issues"], json!([expected]));
    assert_eq!(first["issues"].as_array().unwrap().len(), 2);
    assert_eq!((&first["parentKey"], &second["parentKey"]), (&json!("WEB-R1"), &json!("WEB-S1")));

    let events = world.events().await;
    let added = events.iter().find(|event| event["type"] == "test_run.result_added").unwrap();
    let told = &added["data"]["result"]["issues"][0];
    assert_eq!((&told["key"], &told["url"]), (&json!("acme/shop#1"), &json!("https://t.example/1")));
    let link = told["link"].as_str().unwrap();
    assert!(link.ends_with(&format!("/projects/{}{}", world.project, at("issues", &issue))), "{link}");

    assert_eq!(world.api.delete(&at("runs", &run)).await.status, 204);
    assert_eq!(world.column(&linked, "parentKey").await, ["WEB-S1"]);
    assert_eq!(world.api.delete(&at("issues", &issue)).await.status, 204);
    assert_eq!(world.api.get(&linked).await.status, 404);
    let results = world.read(&format!("{}/results", at("sessions", &session))).await;
    assert_eq!(results["items"][1]["issues"], json!([]));
}

#[tokio::test]
async fn fields_of_a_result_that_break_a_rule_are_named_and_nothing_is_stored() {
    let world = World::new().await;
    let (run, cases) = world.run(&["Pay"]).await;
    let session = world.make("sessions", json!({"name": "Explore"})).await;
    let stranger = world.case("In no run").await;
    let foreign = world.server.project(&world.ada, "OTHER").await;
    let foreign = world.done(&format!("/projects/{foreign}/issues"), json!({"title": "x"})).await;
    let gone = world.make("issues", json!({"title": "x"})).await;
    world.api.delete(&at("issues", &gone)).await;
    let many: Vec<_> = (0..21).map(|_| world.server.core.ids.next::<app::model::id::IssueId>().to_string()).collect();
    let seen = world.events().await.len();
    let (of_run, of_session) =
        (format!("{}/results", at("runs", &run)), format!("{}/results", at("sessions", &session)));
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
        assert_eq!(named(&world.api.post(path, &body).await), fields, "{path}");
    }
    assert_eq!(world.api.post(&of_session, &json!({"status": "great"})).await.status, 422);
    assert!(world.column(&of_run, "id").await.is_empty());
    assert_eq!(world.read(&at("runs", &run)).await, run);
    assert_eq!(world.since(seen).await, Vec::<Value>::new());
}
