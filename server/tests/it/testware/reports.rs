use std::time::Duration;

use app::model::people::Role;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, item_path};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The counts that are not 0.
fn counts(counts: &Value) -> Value {
    let mut counts = counts.clone();
    counts.as_object_mut().unwrap().retain(|_, count| *count != 0);
    counts
}

/// A field and the counts of each row.
fn rows(report: &Value, list: &str, field: &str) -> Vec<(Value, Value)> {
    report[list].as_array().unwrap().iter().map(|row| (row[field].clone(), counts(&row["counts"]))).collect()
}

async fn add(fixture: &TestwareFixture, run: &str, case: &Value, status: &str, seconds: Option<u32>) {
    let result = json!({"caseId": case["id"], "status": status, "elapsedSeconds": seconds});
    fixture.post_ok(&format!("{run}/results"), result).await;
}

#[tokio::test]
async fn a_report_counts_results_by_time_suite_and_tester() {
    let fixture = TestwareFixture::new().await;
    let grace = fixture.server.user("Grace", false).await;
    fixture.server.join(fixture.project, &grace, Role::Member).await;
    let suite = fixture.create("suites", json!({"name": "Payments"})).await;
    let pay = fixture.create("cases", json!({"title": "Pay", "suiteId": suite["id"]})).await;
    let refund = fixture.create("cases", json!({"title": "Refund", "suiteId": suite["id"]})).await;
    let login = fixture.case("Log in").await;
    let milestone = fixture.create("milestones", json!({"name": "Release 4"})).await;
    let plan = fixture.create("plans", json!({"name": "Regression"})).await;
    let new = json!({"name": "Release 1", "caseIds": [pay["id"], refund["id"], login["id"]],
        "milestoneId": milestone["id"], "planId": plan["id"]});
    let run = item_path("runs", &fixture.create("runs", new).await);
    let session = json!({"name": "Explore", "milestoneId": milestone["id"]});
    let session = item_path("sessions", &fixture.create("sessions", session).await);
    // Another run doesn't count.
    let (other, cases) = fixture.run(&["Elsewhere"]).await;
    add(&fixture, &item_path("runs", &other), &cases[0], "failed", Some(900)).await;

    add(&fixture, &run, &pay, "failed", Some(10)).await;
    add(&fixture, &run, &refund, "passed", Some(90)).await;
    fixture.server.state.clock.advance(2 * HOUR);
    add(&fixture, &run, &pay, "passed", Some(21)).await;
    let graces = fixture.server.api(&grace).await;
    let reply = graces.post(&format!("{session}/results"), &json!({"status": "blocked"})).await;
    assert_eq!(reply.status, 201, "{}", reply.text);

    let of_run = fixture.read(&format!("{run}/report")).await;
    assert_eq!((&of_run["key"], &of_run["name"]), (&json!("WEB-R1"), &json!("Release 1")));
    assert_eq!(counts(&of_run["progress"]), json!({"passed": 2, "untested": 1}));
    assert_eq!(counts(&of_run["results"]), json!({"passed": 2, "failed": 1}));
    assert_eq!(of_run["periodHours"], 1);
    assert_eq!(
        rows(&of_run, "timeline", "from"),
        [
            (json!("2026-01-05T10:00:00.000Z"), json!({"passed": 1, "failed": 1})),
            (json!("2026-01-05T11:00:00.000Z"), json!({})),
            (json!("2026-01-05T12:00:00.000Z"), json!({"passed": 1})),
        ]
    );
    assert_eq!(
        rows(&of_run, "suites", "name"),
        [(json!("Payments"), json!({"passed": 2})), (json!("No suite"), json!({"untested": 1}))]
    );
    assert_eq!((&of_run["suites"][0]["key"], &of_run["suites"][1]["suiteId"]), (&json!("WEB-U1"), &Value::Null));
    assert_eq!(rows(&of_run, "testers", "name"), [(json!("Ada"), json!({"passed": 2, "failed": 1}))]);
    assert_eq!((&of_run["otherSuites"], &of_run["otherTesters"]), (&Value::Null, &Value::Null));
    let flaky = json!([{"caseId": pay["id"], "key": "WEB-C1", "title": "Pay", "passed": 1, "failed": 1}]);
    assert_eq!(of_run["flakyCases"], flaky);
    let slow = |case: &Value, average: u32, longest: u32, results: u32| {
        json!({"caseId": case["id"], "key": case["key"], "title": case["title"], "averageSeconds": average,
            "longestSeconds": longest, "results": results})
    };
    assert_eq!(of_run["slowestCases"], json!([slow(&refund, 90, 90, 1), slow(&pay, 16, 21, 2)]));

    let of_plan = fixture.read(&format!("{}/report", item_path("plans", &plan))).await;
    assert_eq!(of_plan["key"], "WEB-P1");
    for figure in ["progress", "results", "timeline", "suites", "testers", "flakyCases", "slowestCases"] {
        assert_eq!(of_plan[figure], of_run[figure], "{figure}");
    }
    let of_milestone = fixture.read(&format!("{}/report", item_path("milestones", &milestone))).await;
    assert_eq!(counts(&of_milestone["progress"]), json!({"passed": 2, "untested": 1, "blocked": 1}));
    assert_eq!(counts(&of_milestone["results"]), json!({"passed": 2, "failed": 1, "blocked": 1}));
    assert_eq!(rows(&of_milestone, "testers", "name")[1], (json!("Grace"), json!({"blocked": 1})));
    assert_eq!(of_milestone["suites"], of_run["suites"]);

    // A deleted run no longer counts.
    assert_eq!(fixture.api.delete(&run).await.status, 204);
    assert_eq!(fixture.api.get(&format!("{run}/report")).await.status, 404);
    let of_plan = fixture.read(&format!("{}/report", item_path("plans", &plan))).await;
    assert_eq!(counts(&of_plan["results"]), json!({}));
}

#[tokio::test]
async fn a_report_of_any_size_is_bounded() {
    let fixture = TestwareFixture::new().await;
    let mut cases = Vec::new();
    for number in 0..52 {
        let suite = fixture.create("suites", json!({"name": format!("Suite {number}")})).await;
        let case = json!({"title": format!("Case {number}"), "suiteId": suite["id"]});
        cases.push(fixture.create("cases", case).await["id"].take());
    }
    let run = item_path("runs", &fixture.create("runs", json!({"name": "All", "caseIds": cases})).await);
    let bulk = |status: &str| {
        let results = cases.iter().map(|case| json!({"caseId": case, "status": status, "elapsedSeconds": 5}));
        json!({"results": results.collect::<Vec<_>>()})
    };
    fixture.post_ok(&format!("{run}/results/bulk"), bulk("failed")).await;
    fixture.server.state.clock.advance(100 * 24 * HOUR);
    // The token of the fixture has expired by then.
    let api = fixture.server.api(&fixture.ada).await;
    let reply = api.post(&format!("{run}/results/bulk"), &bulk("passed")).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    let report = api.get(&format!("{run}/report")).await.json;
    assert_eq!((&report["periodHours"], report["timeline"].as_array().unwrap().len()), (&json!(48), 51));
    assert_eq!(counts(&report["timeline"][50]["counts"]), json!({"passed": 52}));
    assert_eq!(report["suites"].as_array().unwrap().len(), 50);
    assert_eq!(counts(&report["otherSuites"]), json!({"passed": 2}));
    for list in ["flakyCases", "slowestCases"] {
        assert_eq!(report[list].as_array().unwrap().len(), 20, "{list}");
    }
}

#[tokio::test]
async fn a_report_without_results_is_empty_and_strangers_see_none() {
    let fixture = TestwareFixture::new().await;
    let run = item_path("runs", &fixture.create("runs", json!({"name": "Empty"})).await);
    let report = fixture.read(&format!("{run}/report")).await;
    for list in ["timeline", "suites", "testers", "flakyCases", "slowestCases"] {
        assert_eq!(report[list], json!([]), "{list}");
    }
    let eve = fixture.server.user("Eve", false).await;
    assert_eq!(fixture.server.api(&eve).await.get(&format!("{run}/report")).await.status, 404);
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    let wrong_kind = format!("/runs/{}/report", session["id"].as_str().unwrap());
    let unknown = "/runs/run_00000000000000000000000000/report".to_owned();
    for path in [wrong_kind, unknown, format!("{}/report", item_path("sessions", &session))] {
        assert_eq!(fixture.api.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(fixture.api.get(&format!("{run}/report?limit=5")).await.status, 422);
}
