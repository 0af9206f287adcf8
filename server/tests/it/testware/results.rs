use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

/// A run of two cases with a result of the first one; the path of the run, the cases, the result.
async fn with_result(fixture: &TestwareFixture) -> (String, Vec<Value>, Value) {
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let path = item_path("runs", &run);
    let new = json!({"caseId": cases[0]["id"], "status": "failed", "comment": "It spins", "elapsedSeconds": 90});
    let result = fixture.post_ok(&format!("{path}/results"), new).await;
    (path, cases, result)
}

async fn issue(fixture: &TestwareFixture, title: &str) -> Value {
    fixture.create("issues", json!({"title": title})).await
}

#[tokio::test]
async fn each_change_of_a_result_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let (run, cases, result) = with_result(&fixture).await;
    let (crash, slow) = (issue(&fixture, "Crash").await, issue(&fixture, "Slow").await);
    let path = item_path("results", &result);
    let seen = fixture.events().await.len();
    let links = json!({"status": "blocked", "issueIds": [crash["id"], slow["id"]]});
    let changed = fixture.change(&path, links.clone()).await;
    assert_eq!((&changed["status"], changed["issues"].as_array().unwrap().len()), (&json!("blocked"), 2));
    assert_eq!(fixture.change(&path, links).await, changed);
    fixture.change(&path, json!({"comment": "", "elapsedSeconds": 0, "issueIds": [slow["id"]]})).await;
    let now = fixture.read(&path).await;
    assert_eq!((&now["comment"], &now["elapsedSeconds"]), (&json!(""), &Value::Null));
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);

    let events = fixture.since(seen).await;
    let expected = ["updated", "issue_linked", "updated", "deleted"];
    assert_eq!(event_types(&events), expected.map(|verb| format!("result.{verb}")));
    let data = &events[0]["data"];
    assert_eq!(data["changes"]["status"], json!({"from": "failed", "to": "blocked"}));
    assert_eq!(data["changed"], json!(["status", "issues"]));
    assert_eq!((&data["key"], &data["title"]), (&cases[0]["key"], &json!("Pay")));
    assert_eq!((&data["testRun"]["key"], &data["session"]), (&json!("WEB-R1"), &Value::Null));
    assert!(data["link"].as_str().unwrap().ends_with(&run), "{}", data["link"]);
    assert_eq!(events[1]["data"]["linkedIssues"].as_array().unwrap().len(), 2);
    assert_eq!(events[2]["data"]["changed"], json!(["comment", "elapsedSeconds", "issues"]));
}

#[tokio::test]
async fn a_case_has_the_status_of_its_latest_result_after_a_change() {
    let fixture = TestwareFixture::new().await;
    let (run, cases, first) = with_result(&fixture).await;
    let again = json!({"caseId": cases[0]["id"], "status": "passed"});
    let second = fixture.post_ok(&format!("{run}/results"), again).await;
    let status = async || fixture.column(&format!("{run}/cases"), "status").await.remove(0);
    fixture.change(&item_path("results", &first), json!({"status": "retest"})).await;
    assert_eq!(status().await, "passed", "the other one is newer");
    fixture.change(&item_path("results", &second), json!({"status": "blocked"})).await;
    assert_eq!(status().await, "blocked");
    assert_eq!(fixture.api.delete(&item_path("results", &second)).await.status, 204);
    assert_eq!(status().await, "retest");
    assert_eq!(fixture.api.delete(&item_path("results", &first)).await.status, 204);
    assert_eq!(status().await, "untested");
    assert_eq!(fixture.read(&run).await["counts"]["untested"], 2);
}

#[tokio::test]
async fn results_of_a_completed_run_are_read_only() {
    let fixture = TestwareFixture::new().await;
    let (run, cases, result) = with_result(&fixture).await;
    fixture.post_ok(&format!("{run}/complete"), Value::Null).await;
    let seen = fixture.events().await.len();
    let path = item_path("results", &result);
    let bulk = json!({"results": [{"caseId": cases[0]["id"], "status": "passed"}]});
    for reply in [
        fixture.api.patch(&path, &json!({"status": "passed"})).await,
        fixture.api.delete(&path).await,
        fixture.api.post(&format!("{run}/results/bulk"), &bulk).await,
    ] {
        assert_eq!(reply.status, 409, "{}", reply.text);
    }
    assert_eq!(fixture.read(&path).await["status"], "failed");
    assert!(fixture.since(seen).await.is_empty());
}

#[tokio::test]
async fn wrong_fields_of_a_changed_result_are_named() {
    let fixture = TestwareFixture::new().await;
    let (_, _, result) = with_result(&fixture).await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.api.post(&format!("/projects/{other}/issues"), &json!({"title": "Elsewhere"})).await.json;
    let seen = fixture.events().await.len();
    for (change, fields) in [
        (json!({"status": "untested"}), vec!["status"]),
        (json!({"elapsedSeconds": 10_000_001, "comment": "\u{0}"}), vec!["comment", "elapsedSeconds"]),
        (json!({"status": "passed", "issueIds": [foreign["id"]]}), vec!["issueIds"]),
    ] {
        let reply = fixture.api.patch(&item_path("results", &result), &change).await;
        assert_eq!(error_fields(&reply), fields, "{change}");
    }
    assert_eq!(fixture.read(&item_path("results", &result)).await, result);
    assert!(fixture.since(seen).await.is_empty());
}

#[tokio::test]
async fn results_that_are_added_at_once_end_with_one_event() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund", "Cancel"]).await;
    let crash = issue(&fixture, "Crash").await;
    let path = item_path("runs", &run);
    let seen = fixture.events().await.len();
    let results = json!([
        {"caseId": cases[0]["id"], "status": "failed", "issueIds": [crash["id"]]},
        {"caseId": cases[1]["id"], "status": "passed"},
        {"caseId": cases[0]["id"], "status": "passed"},
    ]);
    let added = fixture.post_ok(&format!("{path}/results/bulk"), json!({"results": results})).await;
    assert_eq!(added["resultIds"].as_array().unwrap().len(), 3);
    assert_eq!((&added["counts"]["passed"], &added["counts"]["failed"]), (&json!(2), &json!(1)));
    assert_eq!(fixture.column(&format!("{path}/cases"), "status").await, ["passed", "passed", "untested"]);

    let events = fixture.since(seen).await;
    let mut expected = ["test_run.result_added"; 3].to_vec();
    expected.extend(["result.created"; 3]);
    expected.extend(["result.issue_linked", "execution.completed"]);
    assert_eq!(event_types(&events), expected);
    let ids: Vec<&Value> = events[3..6].iter().map(|event| &event["data"]["id"]).collect();
    assert_eq!(json!(ids), added["resultIds"], "in the order of the request");
    let data = &events[7]["data"];
    assert_eq!((&data["id"], &data["key"], &data["total"]), (&added["id"], &json!("WEB-R1"), &json!(3)));
    assert_eq!(data["counts"], added["counts"]);
}

#[tokio::test]
async fn one_wrong_result_refuses_all_and_is_named() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let stranger = fixture.case("Elsewhere").await;
    let path = format!("{}/results/bulk", item_path("runs", &run));
    let good = json!({"caseId": cases[0]["id"], "status": "passed"});
    let deleted = issue(&fixture, "Deleted").await;
    assert_eq!(fixture.api.delete(&item_path("issues", &deleted)).await.status, 204);
    let mut linked = good.clone();
    linked["issueIds"] = json!([deleted["id"]]);
    let seen = fixture.events().await.len();
    for (results, fields) in [
        (json!([]), vec!["results"]),
        (json!(vec![&good; 1001]), vec!["results"]),
        (json!([good, {"caseId": stranger["id"], "status": "passed"}]), vec!["results[1].caseId"]),
        (json!([{"status": "untested"}, good]), vec!["results[0].caseId", "results[0].status"]),
        (json!([good, linked]), vec!["results[1].issueIds"]),
    ] {
        let reply = fixture.api.post(&path, &json!({"results": results})).await;
        assert_eq!(error_fields(&reply), fields);
    }
    assert_eq!(fixture.read(&item_path("runs", &run)).await["counts"]["untested"], 1);
    assert!(fixture.since(seen).await.is_empty());
    let most = fixture.api.post(&path, &json!({"results": vec![&good; 1000]})).await;
    assert_eq!(most.status, 201, "{}", most.text);
    assert_eq!(fixture.since(seen).await.len(), 2001);
}

#[tokio::test]
async fn an_aborted_run_is_read_only_and_its_failed_cases_can_be_tested_again() {
    let fixture = TestwareFixture::new().await;
    let (run, _, _) = with_result(&fixture).await;
    let seen = fixture.events().await.len();
    let aborted = fixture.post_ok(&format!("{run}/abort"), Value::Null).await;
    assert_eq!((&aborted["aborted"], &aborted["completedAt"]), (&json!(true), &json!("2026-01-05T10:00:00.000Z")));
    let again = fixture.api.post(&format!("{run}/abort"), &Value::Null).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.json["detail"], "WEB-R1 was aborted and can't be changed. Duplicate it to continue.");
    let copy = fixture.post_ok(&format!("{run}/duplicate?cases=failed"), Value::Null).await;
    assert_eq!((&copy["aborted"], &copy["counts"]["untested"]), (&json!(false), &json!(1)));
    assert_eq!(fixture.column(&format!("{}/cases", item_path("runs", &copy)), "title").await, ["Pay"]);
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["test_run.aborted", "test_run.duplicated"]);
    let data = &events[0]["data"];
    assert_eq!((&data["passRate"], &data["testedSeconds"], &data["total"]), (&json!(0.0), &json!(90), &json!(2)));
    let none = fixture.api.post(&format!("{}/duplicate?cases=failed", item_path("runs", &copy)), &Value::Null).await;
    assert_eq!((none.status, fixture.column(&fixture.of_project("runs"), "key").await.len()), (409, 2));
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let reply = fixture.api.post(&format!("{}/abort", item_path("sessions", &session)), &Value::Null).await;
    assert_eq!(reply.status, 404);
}
