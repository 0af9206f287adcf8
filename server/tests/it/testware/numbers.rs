use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_made_at_once_have_twenty_different_numbers() {
    let world = World::new().await;
    for (what, letter, body) in [
        ("cases", "C", json!({"title": "x"})),
        ("runs", "R", json!({"name": "x"})),
        ("sessions", "S", json!({"name": "x"})),
    ] {
        let made = join_all((0..20).map(|_| world.make(what, body.clone()))).await;
        let keys: BTreeSet<String> = made.iter().map(|thing| thing["key"].as_str().unwrap().to_owned()).collect();
        let expected: BTreeSet<String> = (1..=20).map(|number| format!("WEB-{letter}{number}")).collect();
        assert_eq!(keys, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_added_at_once_are_all_kept_and_counted() {
    let world = World::new().await;
    let (run, cases) = world.run(&["Pay", "Refund"]).await;
    let path = format!("/runs/{}/results", run["id"].as_str().unwrap());
    let result = |n: usize| json!({"caseId": cases[n % 2]["id"], "status": "passed"});
    join_all((0..20).map(|n| world.done(&path, result(n)))).await;
    assert_eq!(world.column(&path, "status").await.len(), 20);
    let events = world.events().await;
    let added = events.iter().filter(|event| event["type"] == "test_run.result_added");
    assert!(added.clone().all(|event| event["data"]["total"] == 2));
    assert_eq!(added.count(), 20);
}

#[tokio::test]
async fn each_project_counts_for_itself() {
    let world = World::new().await;
    world.case("x").await;
    let other = world.server.project(&world.ada, "SHOP").await;
    let made = world.done(&format!("/projects/{other}/cases"), json!({"title": "x"})).await;
    assert_eq!(made["key"], "SHOP-C1");
}
