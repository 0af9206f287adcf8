use std::time::Duration;

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

async fn statuses(fixture: &TestwareFixture, run: &Value) -> Vec<(String, String)> {
    let cases = fixture.read(&format!("{}/cases", item_path("runs", run))).await;
    let text = |case: &Value, field: &str| case[field].as_str().unwrap().to_owned();
    cases["items"].as_array().unwrap().iter().map(|case| (text(case, "title"), text(case, "status"))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(title, status)| (title.to_owned(), status.to_owned())).collect()
}

#[tokio::test]
async fn a_run_counts_its_cases_by_their_latest_result() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund", "Cancel"]).await;
    assert_eq!((&run["key"], &run["state"], &run["completedAt"]), (&json!("WEB-R1"), &json!("new"), &Value::Null));
    assert_eq!((&run["counts"]["untested"], &run["author"]), (&json!(3), &json!("Ada")));
    let results = format!("{}/results", item_path("runs", &run));
    let seen = fixture.events().await.len();
    fixture.post_ok(&results, json!({"caseId": cases[0]["id"], "status": "failed", "comment": "It spins"})).await;
    fixture.server.state.clock.advance(Duration::from_secs(60));
    let again = json!({"caseId": cases[0]["id"], "status": "passed", "elapsedSeconds": 90});
    let added = fixture.post_ok(&results, again).await;
    assert_eq!((&added["caseKey"], &added["parentKey"]), (&json!("WEB-C1"), &json!("WEB-R1")));
    fixture.post_ok(&results, json!({"caseId": cases[2]["id"], "status": "skipped"})).await;

    let now = fixture.read(&item_path("runs", &run)).await;
    let counts = json!({"untested": 1, "passed": 1, "failed": 0, "blocked": 0, "retest": 0, "skipped": 1});
    assert_eq!(now["counts"], counts);
    assert_eq!(now["state"], "new");
    assert!(now["updatedAt"].as_str() > run["updatedAt"].as_str());
    let expected = [("Pay", "passed"), ("Refund", "untested"), ("Cancel", "skipped")];
    assert_eq!(statuses(&fixture, &run).await, pairs(&expected));
    assert_eq!(fixture.column(&results, "status").await, ["skipped", "passed", "failed"]);
    let listed = fixture.api.all(&results, 2).await;
    assert_eq!((listed.len(), &listed[1]["elapsedSeconds"]), (3, &json!(90)));

    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["test_run.result_added", "result.created"].repeat(3));
    let data = &events[2]["data"];
    assert_eq!(
        (&data["counts"]["passed"], &data["counts"]["failed"], &data["total"]),
        (&json!(1), &json!(0), &json!(3))
    );
    assert_eq!(data["result"]["case"], json!({"id": cases[0]["id"], "key": "WEB-C1", "title": "Pay"}));
    assert_eq!((&data["result"]["status"], &data["result"]["elapsedSeconds"]), (&json!("passed"), &json!(90)));
}

#[tokio::test]
async fn the_cases_of_a_run_are_filtered_by_status() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund", "Cancel"]).await;
    let path = item_path("runs", &run);
    for (case, status) in [(0, "passed"), (1, "failed"), (0, "failed"), (1, "passed")] {
        let result = json!({"caseId": cases[case]["id"], "status": status});
        fixture.post_ok(&format!("{path}/results"), result).await;
    }
    for (status, title) in [("failed", "Pay"), ("passed", "Refund"), ("untested", "Cancel")] {
        assert_eq!(fixture.column(&format!("{path}/cases?status={status}"), "title").await, [title]);
    }
    assert_eq!(fixture.api.get(&format!("{path}/cases?status=broken")).await.status, 422);
}

#[tokio::test]
async fn a_run_gets_the_active_cases_of_suites_and_of_those_below() {
    let fixture = TestwareFixture::new().await;
    let suite = async |name: &str, parent: &Value| {
        fixture.create("suites", json!({"name": name, "parentId": parent})).await["id"].clone()
    };
    let shop = suite("Shop", &Value::Null).await;
    let payment = suite("Payment", &shop).await;
    let other = suite("Other", &Value::Null).await;
    let case =
        async |title: &str, suite: &Value| fixture.create("cases", json!({"title": title, "suiteId": suite})).await;
    let archived = case("Archived", &shop).await;
    fixture.change(&item_path("cases", &archived), json!({"state": "archived"})).await;
    for (title, suite) in [("Pay", &payment), ("Browse", &shop), ("Elsewhere", &other)] {
        case(title, suite).await;
    }
    let refund = case("Refund", &payment).await;
    let new = json!({"name": "Shop", "caseIds": [refund["id"]], "suiteIds": [shop, payment]});
    let seen = fixture.events().await.len();
    let run = fixture.create("runs", new).await;
    let expected = [("Refund", "untested"), ("Pay", "untested"), ("Browse", "untested")];
    assert_eq!(statuses(&fixture, &run).await, pairs(&expected));
    assert_eq!(event_types(&fixture.since(seen).await), ["test_run.created"]);

    let foreign = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.post_ok(&format!("/projects/{foreign}/suites"), json!({"name": "x"})).await;
    let many: Vec<_> = (0..501).map(|n| format!("sui_{n:026}")).collect();
    for suites in [json!([foreign["id"]]), json!([shop, "sui_00000000000000000000000000"]), json!(many)] {
        let new = json!({"name": "No", "suiteIds": suites});
        assert_eq!(error_fields(&fixture.api.post(&fixture.of_project("runs"), &new).await), ["suiteIds"]);
    }
}

#[tokio::test]
async fn fields_and_state_of_a_run_have_their_own_events() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let path = item_path("runs", &run);
    let seen = fixture.events().await.len();
    fixture.change(&path, json!({"state": "in_progress"})).await;
    fixture.change(&path, json!({"name": "Release 2", "state": "blocked"})).await;
    let turned = json!([cases[1]["id"], cases[0]["id"], cases[1]["id"]]);
    fixture.change(&path, json!({"description": "All", "caseIds": turned})).await;
    let events = fixture.since(seen).await;
    let expected = ["state_changed", "started", "updated", "state_changed", "updated"];
    assert_eq!(event_types(&events), expected.map(|verb| format!("test_run.{verb}")));
    assert_eq!(
        (&events[0]["data"]["previousState"], &events[0]["data"]["state"]),
        (&json!("new"), &json!("in_progress"))
    );
    assert_eq!(events[2]["data"]["changed"], json!(["name"]));
    assert_eq!(
        (&events[3]["data"]["previousState"], &events[3]["data"]["state"]),
        (&json!("in_progress"), &json!("blocked"))
    );
    assert_eq!(events[4]["data"]["changed"], json!(["description", "cases"]));
    assert_eq!(statuses(&fixture, &run).await, pairs(&[("Refund", "untested"), ("Pay", "untested")]));
}

#[tokio::test]
async fn a_run_starts_and_gets_cases_in_a_defined_order() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let (refund, voucher) = (fixture.case("Refund").await, fixture.case("Voucher").await);
    let path = item_path("runs", &run);
    let seen = fixture.events().await.len();
    let wanted = json!([voucher["id"], cases[0]["id"], refund["id"]]);
    fixture.change(&path, json!({"name": "Release 2", "state": "in_progress", "caseIds": wanted})).await;
    fixture.change(&path, json!({"state": "new"})).await;
    fixture.change(&path, json!({"caseIds": [cases[0]["id"]]})).await;
    let events = fixture.since(seen).await;
    let expected = ["updated", "cases_added", "state_changed", "started", "state_changed", "updated"];
    assert_eq!(event_types(&events), expected.map(|verb| format!("test_run.{verb}")));
    let added = json!([
        {"id": voucher["id"], "key": "WEB-C3", "title": "Voucher"},
        {"id": refund["id"], "key": "WEB-C2", "title": "Refund"},
    ]);
    assert_eq!((&events[1]["data"]["addedCases"], &events[1]["data"]["total"]), (&added, &json!(3)));
}

#[tokio::test]
async fn a_run_update_without_effect_is_no_event() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    let seen = fixture.events().await.len();
    fixture.server.state.clock.advance(Duration::from_secs(60));
    let same = json!({"name": " Release 1 ", "description": "", "state": "new", "caseIds": [cases[0]["id"]]});
    for body in [json!({}), same] {
        assert_eq!(fixture.change(&item_path("runs", &run), body).await, run);
    }
    assert!(fixture.since(seen).await.is_empty());
}

#[tokio::test]
async fn a_case_with_results_stays_in_its_run() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund", "Cancel"]).await;
    let path = item_path("runs", &run);
    fixture.post_ok(&format!("{path}/results"), json!({"caseId": cases[0]["id"], "status": "failed"})).await;
    let reply = fixture.api.patch(&path, &json!({"name": "x", "caseIds": [cases[1]["id"]]})).await;
    assert_eq!(error_fields(&reply), ["caseIds"]);
    assert!(reply.json["detail"].as_str().unwrap().contains("WEB-C1 has results"), "{}", reply.text);
    // The whole request is refused.
    assert_eq!(fixture.read(&path).await["name"], "Release 1");
    fixture.change(&path, json!({"caseIds": [cases[2]["id"], cases[0]["id"]]})).await;
    assert_eq!(statuses(&fixture, &run).await, pairs(&[("Cancel", "untested"), ("Pay", "failed")]));
}

#[tokio::test]
async fn a_deleted_case_stays_in_its_run() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let path = item_path("runs", &run);
    assert_eq!(fixture.api.delete(&item_path("cases", &cases[0])).await.status, 204);
    assert_eq!(statuses(&fixture, &run).await, pairs(&[("Pay", "untested"), ("Refund", "untested")]));
    fixture.post_ok(&format!("{path}/results"), json!({"caseId": cases[0]["id"], "status": "passed"})).await;
    fixture.change(&path, json!({"caseIds": [cases[1]["id"], cases[0]["id"]]})).await;
    let new = json!({"name": "x", "caseIds": [cases[0]["id"]]});
    assert_eq!(error_fields(&fixture.api.post(&fixture.of_project("runs"), &new).await), ["caseIds"]);
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(statuses(&fixture, &copy).await, pairs(&[("Refund", "untested")]));
}

#[tokio::test]
async fn a_copy_of_a_run_has_its_cases_without_results() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let path = item_path("runs", &run);
    fixture.post_ok(&format!("{path}/results"), json!({"caseId": cases[0]["id"], "status": "failed"})).await;
    fixture.change(&path, json!({"description": "All", "state": "done"})).await;
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    let seen = fixture.events().await.len();
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!((&copy["key"], &copy["name"], &copy["description"]), (&json!("WEB-R2"), &run["name"], &json!("All")));
    assert_eq!((&copy["state"], &copy["completedAt"]), (&json!("new"), &Value::Null));
    assert_eq!(copy["counts"]["untested"], 2);
    assert_eq!(statuses(&fixture, &copy).await, pairs(&[("Pay", "untested"), ("Refund", "untested")]));
    assert!(fixture.column(&format!("{}/results", item_path("runs", &copy)), "id").await.is_empty());
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["test_run.duplicated"]);
    let from = json!({"id": run["id"], "key": "WEB-R1", "name": "Release 1"});
    assert_eq!(events[0]["data"]["duplicatedFrom"], from);
}

#[tokio::test]
async fn invalid_fields_of_a_run_are_named() {
    let fixture = TestwareFixture::new().await;
    let runs = fixture.of_project("runs");
    let long = json!({"name": "", "description": "x".repeat(64 * 1024 + 1)});
    assert_eq!(error_fields(&fixture.api.post(&runs, &long).await), ["description", "name"]);
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..501 {
        ids.push(fixture.server.state.ids.next::<app::testware::case::CaseId>().to_string());
    }
    assert_eq!(error_fields(&fixture.api.post(&runs, &json!({"name": "x", "caseIds": ids})).await), ["caseIds"]);
    let other = fixture.server.project(&fixture.ada, "OTHER").await;
    let foreign = fixture.post_ok(&format!("/projects/{other}/cases"), json!({"title": "x"})).await;
    let reply = fixture.api.post(&runs, &json!({"name": "x", "caseIds": [foreign["id"]]})).await;
    assert_eq!(error_fields(&reply), ["caseIds"]);
    assert!(fixture.column(&runs, "key").await.is_empty());
    assert_eq!(event_types(&fixture.events().await), ["case.created"], "of the other project");
}

#[tokio::test]
async fn the_cases_of_a_run_are_paged_in_order() {
    let fixture = TestwareFixture::new().await;
    let mut ids = Vec::new();
    for n in 0..500 {
        ids.push(fixture.case(&n.to_string()).await["id"].clone());
    }
    let run = fixture.create("runs", json!({"name": "All", "caseIds": ids})).await;
    assert_eq!(run["counts"]["untested"], 500);
    let cases = fixture.api.all(&format!("{}/cases", item_path("runs", &run)), 200).await;
    let read: Vec<_> = cases.iter().map(|case| case["caseId"].clone()).collect();
    assert_eq!(read, ids);
}

#[tokio::test]
async fn runs_are_found_by_name_key_state_and_completion() {
    let fixture = TestwareFixture::new().await;
    for name in ["Release 1", "Nightly", "Release 2"] {
        fixture.create("runs", json!({"name": name})).await;
    }
    let runs = fixture.of_project("runs");
    let items = fixture.read(&runs).await["items"].clone();
    fixture.post_ok(&format!("{}/complete", item_path("runs", &items[0])), Value::Null).await;
    fixture.change(&item_path("runs", &items[1]), json!({"state": "in_review"})).await;
    for (query, found) in [
        ("search=release", vec!["WEB-R3", "WEB-R1"]),
        ("search=web-r2", vec!["WEB-R2"]),
        ("state=in_review", vec!["WEB-R2"]),
        ("completed=true", vec!["WEB-R3"]),
        ("completed=false", vec!["WEB-R2", "WEB-R1"]),
        ("completed=false&search=release", vec!["WEB-R1"]),
        ("limit=1", vec!["WEB-R3"]),
    ] {
        assert_eq!(fixture.column(&format!("{runs}?{query}"), "key").await, found, "{query}");
    }
    assert_eq!(fixture.api.all(&runs, 1).await.len(), 3);
    let foreign = fixture.case("x").await["id"].as_str().unwrap().to_owned();
    assert_eq!(error_fields(&fixture.api.get(&format!("{runs}?cursor={foreign}")).await), ["cursor"]);
}

#[tokio::test]
async fn a_deleted_run_is_not_found() {
    let fixture = TestwareFixture::new().await;
    let (run, _) = fixture.run(&["Pay"]).await;
    let path = item_path("runs", &run);
    let seen = fixture.events().await.len();
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    for read in [path.clone(), format!("{path}/cases"), format!("{path}/results")] {
        assert_eq!(fixture.api.get(&read).await.status, 404, "{read}");
    }
    assert_eq!(fixture.api.patch(&path, &json!({"name": "x"})).await.status, 404);
    assert!(fixture.column(&fixture.of_project("runs"), "key").await.is_empty());
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["test_run.deleted"]);
    assert_eq!((&events[0]["data"]["name"], &events[0]["data"]["total"]), (&json!("Release 1"), &json!(1)));
}
