use std::process::Command;

use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::testware::automation::result_table;

use super::fixture::{TestwareFixture, event_types, item_path};
use crate::support::api::Reply;
use crate::support::binary::testbell;

const JUNIT: &str = r#"<testsuites><testsuite name="cart">
  <testcase classname="cart.CartTest" name="adds" time="0.25"/>
  <testcase classname="cart.CartTest" name="removes" time="0.5"><failure message="expected 1, got 2">CartTest.java:42</failure></testcase>
  <testcase classname="cart.CartTest" name="empties"><skipped/></testcase>
</testsuite></testsuites>"#;

async fn report(fixture: &TestwareFixture, query: &str, report: &'static str) -> Reply {
    fixture.api.raw("POST", &fixture.of_project(&format!("automation-runs{query}")), &[], report).await
}

#[tokio::test]
async fn a_report_becomes_a_completed_run_with_its_results() {
    let fixture = TestwareFixture::new().await;
    let case = fixture.create("cases", json!({"title": "Remove", "automationLinks": ["cart.CartTest.removes"]})).await;
    let seen = fixture.events().await.len();
    let query = "?name=main+%2312&url=https%3A%2F%2Fci.example%2F12";
    let run = report(&fixture, query, JUNIT).await;
    assert_eq!((run.status, run.json["key"].as_str()), (201, Some("WEB-A1")), "{}", run.text);
    let run = run.json;
    let counts = json!({"untested": 0, "passed": 1, "failed": 1, "blocked": 0, "retest": 0, "skipped": 1});
    assert_eq!((&run["name"], &run["format"], &run["counts"]), (&json!("main #12"), &json!("junit"), &counts));
    assert_eq!((&run["durationMs"], &run["url"]), (&json!(750), &json!("https://ci.example/12")));
    let path = item_path("automation-runs", &run);
    assert_eq!(fixture.read(&path).await, run);

    let results = fixture.read(&format!("{path}/results")).await["items"].clone();
    let names: Vec<_> = results.as_array().unwrap().iter().map(|result| result["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["adds", "removes", "empties"]);
    let failed = &results[1];
    assert_eq!((&failed["status"], &failed["durationMs"]), (&json!("failed"), &json!(500)));
    assert_eq!((&failed["caseId"], &failed["caseKey"]), (&case["id"], &json!("WEB-C1")));
    assert!(failed["message"].as_str().unwrap().starts_with("expected 1, got 2"), "{failed}");
    assert_eq!((&results[0]["caseId"], &results[0]["message"]), (&Value::Null, &json!("")));
    assert_eq!(fixture.column(&format!("{path}/results?status=failed"), "name").await, ["removes"]);

    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["automation_run.created", "automation_run.completed"]);
    assert_eq!(events[0]["data"]["total"], 0);
    let completed = &events[1]["data"];
    assert_eq!((&completed["counts"], &completed["passRate"]), (&counts, &json!(50.0)));
    assert_eq!(completed["failures"].as_array().unwrap().len(), 1);
    assert_eq!(completed["failures"][0]["case"], "WEB-C1");
}

#[tokio::test]
async fn missing_cases_are_created_on_request_without_events() {
    let fixture = TestwareFixture::new().await;
    assert_eq!(report(&fixture, "", JUNIT).await.json["createdCases"], 0);
    let seen = fixture.events().await.len();
    let run = report(&fixture, "?createCases=true", JUNIT).await.json;
    assert_eq!(run["createdCases"], 3);
    assert_eq!(event_types(&fixture.since(seen).await), ["automation_run.created", "automation_run.completed"]);
    assert_eq!(fixture.column(&fixture.of_project("cases"), "title").await, ["empties", "removes", "adds"]);
    let again = report(&fixture, "?createCases=true", JUNIT).await.json;
    assert_eq!(again["createdCases"], 0);
    let results = format!("{}/results", item_path("automation-runs", &again));
    assert_eq!(fixture.column(&results, "caseKey").await, ["WEB-C1", "WEB-C2", "WEB-C3"]);
    let audit = fixture.read(&fixture.of_project("audit")).await;
    let actions = audit["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "cases.created");
    assert_eq!(actions.count(), 1);
}

#[tokio::test]
async fn several_reports_become_one_run() {
    let fixture = TestwareFixture::new().await;
    let run = report(&fixture, "?complete=false", JUNIT).await.json;
    assert_eq!(run["completedAt"], Value::Null);
    let path = item_path("automation-runs", &run);
    let go = "{\"Action\":\"pass\",\"Package\":\"shop\",\"Test\":\"TestPay\",\"Elapsed\":0.1}\n";
    let added = fixture.api.raw("POST", &format!("{path}/reports"), &[], go).await;
    assert_eq!((added.status, &added.json["counts"]["passed"]), (200, &json!(2)), "{}", added.text);
    let completed = fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(completed["counts"]["passed"], 2);
    let late = fixture.api.raw("POST", &format!("{path}/reports"), &[], go).await;
    assert_eq!(late.status, 409, "{}", late.text);
    let events = fixture.events().await;
    assert_eq!(event_types(&events), ["automation_run.created", "automation_run.completed"]);
    assert_eq!(events[1]["data"]["total"], 4);
    let list = fixture.of_project("automation-runs");
    assert_eq!(fixture.column(&format!("{list}?completed=true&search=junit"), "key").await, ["WEB-A1"]);
}

#[tokio::test]
async fn the_results_are_paged_in_the_order_of_the_report() {
    let fixture = TestwareFixture::new().await;
    let tests: String = (0..1_203).map(|n| format!("<testcase name=\"test {n:04}\"/>")).collect();
    let body = format!("<testsuite>{tests}</testsuite>");
    let run = fixture.api.raw("POST", &fixture.of_project("automation-runs"), &[], body).await;
    assert_eq!(run.status, 201, "{}", run.text);
    let results = fixture.api.all(&format!("{}/results", item_path("automation-runs", &run.json)), 200).await;
    let names: Vec<_> = results.iter().map(|result| result["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 1_203);
    assert!(names.is_sorted());
}

#[tokio::test]
async fn a_report_that_is_none_says_why() {
    let fixture = TestwareFixture::new().await;
    for (body, said) in [
        ("", "The file is empty."),
        ("<html/>", "unknown"),
        ("<testsuite><testcase", "The XML is broken in line 1."),
        ("{\"a\": 1}", "The format is unknown."),
        ("<testsuite/>", "The report has no tests."),
    ] {
        let reply = report(&fixture, "", body).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.text);
        assert!(reply.text.contains(said), "{body}: {}", reply.text);
    }
    for (query, field) in [("?name=", "name"), ("?url=javascript:1", "url"), ("?createCases=maybe", "createCases")] {
        let reply = report(&fixture, query, JUNIT).await;
        assert_eq!(reply.status, 422, "{query}: {}", reply.text);
        assert!(reply.json["errors"].get(field).is_some(), "{query}: {}", reply.text);
    }
    let path = fixture.of_project("automation-runs");
    let large = fixture.api.raw("POST", &path, &[], " ".repeat(16 * 1024 * 1024 + 1)).await;
    assert_eq!(large.status, 413, "{}", large.text);
    let compressed = fixture.api.raw("POST", &path, &[("content-encoding", "gzip")], JUNIT).await;
    assert_eq!(compressed.status, 415, "{}", compressed.text);
    assert!(fixture.events().await.is_empty());
    assert!(fixture.column(&path, "key").await.is_empty());
}

#[tokio::test]
async fn the_command_for_ci_reports_files_and_exits_with_their_outcome() {
    let fixture = TestwareFixture::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (junit, go) = (folder.path().join("junit.xml"), folder.path().join("go.json"));
    std::fs::write(&junit, JUNIT).unwrap();
    std::fs::write(&go, "{\"Action\":\"pass\",\"Package\":\"shop\",\"Test\":\"TestPay\",\"Elapsed\":0.1}\n").unwrap();
    let token = fixture.api.token.clone().unwrap();
    let base = fixture.server.url("");
    let run = async |files: &[&std::path::Path]| {
        let mut command: Command = testbell(folder.path());
        command.env("TESTBELL_SERVER", &base).env("TESTBELL_TOKEN", &token);
        command.args(["ci", "report", "--project", "web", "--name", "CI"]).args(files);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, stdout, stderr) = run(&[&junit, &go]).await;
    assert_eq!((code, stdout.trim()), (Some(1), "WEB-A1: 2 passed, 1 failed, 1 skipped"), "{stderr}");
    let (code, stdout, stderr) = run(&[&go]).await;
    assert_eq!((code, stdout.trim()), (Some(0), "WEB-A2: 1 passed, 0 failed, 0 skipped"), "{stderr}");
    let (code, _, stderr) = run(&[&folder.path().join("none.xml")]).await;
    assert!(code == Some(2) && stderr.contains("none.xml"), "{code:?} {stderr}");
    std::fs::write(&junit, "nothing").unwrap();
    let (code, _, stderr) = run(&[&junit]).await;
    assert!(code == Some(2) && stderr.contains("junit.xml: ") && stderr.contains("format"), "{code:?} {stderr}");
    // One bad file doesn't hide the results of the others.
    let (code, stdout, stderr) = run(&[&junit, &go]).await;
    assert_eq!((code, stdout.trim()), (Some(2), "WEB-A3: 1 passed, 0 failed, 0 skipped"), "{stderr}");
    assert!(stderr.contains("junit.xml: "), "{stderr}");
    let list = fixture.of_project("automation-runs");
    assert_eq!(fixture.column(&format!("{list}?completed=true"), "name").await, ["CI", "CI", "CI"]);
}

#[tokio::test]
async fn concurrent_reports_create_each_case_once() {
    let fixture = TestwareFixture::new().await;
    let tests: String = (0..60).map(|n| format!("<testcase classname=\"c\" name=\"test {n}\"/>")).collect();
    let body = format!("<testsuite>{tests}</testsuite>");
    let path = fixture.of_project("automation-runs?createCases=true");
    let send = || fixture.api.raw("POST", &path, &[], body.clone());
    let replies = futures::future::join_all([send(), send(), send()]).await;
    let mut created = 0;
    for reply in &replies {
        assert_eq!(reply.status, 201, "{}", reply.text);
        created += reply.json["createdCases"].as_u64().unwrap();
        let results = format!("{}/results", item_path("automation-runs", &reply.json));
        let results = fixture.api.all(&results, 200).await;
        assert!(results.iter().all(|result| result["caseKey"].is_string()));
    }
    assert_eq!(created, 60);
    assert_eq!(fixture.api.all(&fixture.of_project("cases"), 200).await.len(), 60);
    let next = fixture.case("By hand").await;
    assert!(next["key"].as_str().unwrap().trim_start_matches("WEB-C").parse::<u32>().unwrap() > 60);
}

#[tokio::test]
async fn the_results_of_a_deleted_run_are_deleted() {
    let fixture = TestwareFixture::new().await;
    let (run, other) = (report(&fixture, "", JUNIT).await.json, report(&fixture, "", JUNIT).await.json);
    let path = item_path("automation-runs", &run);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&format!("{path}/results")).await.status, 404);
    let left = result_table::Entity::find().count(fixture.server.state.store.read()).await.unwrap();
    assert_eq!(left, 3);
    assert_eq!(fixture.read(&item_path("automation-runs", &other)).await["counts"]["passed"], 1);
}

#[tokio::test]
async fn a_token_that_only_reads_reports_nothing() {
    let fixture = TestwareFixture::new().await;
    let new = json!({"name": "Reader", "scope": "read"});
    let token = fixture.post_ok("/tokens", new).await["secret"].as_str().unwrap().to_owned();
    let reader = fixture.server.with_token(&token);
    let refused = reader.raw("POST", &fixture.of_project("automation-runs"), &[], "no report").await;
    assert_eq!(refused.status, 403, "{}", refused.text);
}
