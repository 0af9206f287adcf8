use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;

use super::fixture::TestwareFixture;

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_items_get_different_numbers() {
    let fixture = TestwareFixture::new().await;
    for (what, letter, body) in [
        ("cases", "C", json!({"title": "x"})),
        ("runs", "R", json!({"name": "x"})),
        ("sessions", "S", json!({"name": "x"})),
    ] {
        let made = join_all((0..20).map(|_| fixture.create(what, body.clone()))).await;
        let keys: BTreeSet<String> = made.iter().map(|thing| thing["key"].as_str().unwrap().to_owned()).collect();
        let expected: BTreeSet<String> = (1..=20).map(|number| format!("WEB-{letter}{number}")).collect();
        assert_eq!(keys, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_results_are_all_counted() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let path = format!("/runs/{}/results", run["id"].as_str().unwrap());
    let result = |n: usize| json!({"caseId": cases[n % 2]["id"], "status": "passed"});
    join_all((0..20).map(|n| fixture.post_ok(&path, result(n)))).await;
    assert_eq!(fixture.column(&path, "status").await.len(), 20);
    let events = fixture.events().await;
    let added = events.iter().filter(|event| event["type"] == "test_run.result_added");
    assert!(added.clone().all(|event| event["data"]["total"] == 2));
    assert_eq!(added.count(), 20);
}

#[tokio::test]
async fn each_project_has_its_own_numbers() {
    let fixture = TestwareFixture::new().await;
    fixture.case("x").await;
    let other = fixture.server.project(&fixture.ada, "SHOP").await;
    let made = fixture.post_ok(&format!("/projects/{other}/cases"), json!({"title": "x"})).await;
    assert_eq!(made["key"], "SHOP-C1");
}
