//! The change history of test cases.

use std::time::Duration;

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, item_path};
use super::reviews::ReviewFixture;

async fn history(fixture: &TestwareFixture, case: &Value) -> Vec<Value> {
    let path = format!("{}/history", item_path("cases", case));
    fixture.read(&path).await["items"].as_array().unwrap().clone()
}

fn part(kind: &str, text: &str) -> Value {
    json!({"kind": kind, "text": text})
}

#[tokio::test]
async fn each_change_of_a_case_is_in_its_history() {
    let fixture = TestwareFixture::new().await;
    let suite = fixture.create("suites", json!({"name": "Payment"})).await;
    let case = fixture.create("cases", json!({"title": "Pay by card", "labels": ["ui"]})).await;
    let path = item_path("cases", &case);
    for change in [
        json!({"title": "Pay by voucher", "labels": []}),
        json!({"title": "Pay by voucher"}),
        json!({"automationLinks": ["shop.pays"], "state": "archived"}),
        json!({"suiteId": suite["id"]}),
    ] {
        fixture.server.state.clock.advance(Duration::from_secs(1));
        fixture.change(&path, change).await;
    }
    let versions = history(&fixture, &case).await;
    let changed: Vec<_> = versions.iter().map(|version| version["changed"].clone()).collect();
    let all = json!(["title", "preconditions", "steps", "priority", "labels"]);
    let expected = [json!(["suite"]), json!(["state", "automationLinks"]), json!(["title", "labels"]), all];
    assert_eq!(changed, expected, "newest first, and nothing for a change that changes nothing");
    assert_eq!(versions[0]["changes"][0]["parts"], json!([part("added", "WEB-U1 Payment")]));
    assert_eq!(versions[1]["changes"][0]["parts"], json!([part("removed", "active"), part("added", "archived")]));
    assert_eq!(versions[1]["changes"][1]["parts"], json!([part("added", "shop.pays")]));
    let title = json!([part("same", "Pay by "), part("removed", "card"), part("added", "voucher")]);
    assert_eq!(versions[2]["changes"][0]["parts"], title);
    assert_eq!((&versions[3]["created"], &versions[3]["changes"]), (&json!(true), &json!([])));
    assert_eq!((&versions[3]["user"], &versions[3]["userId"]), (&json!("Ada"), &json!(fixture.ada.id)));
    assert_eq!(versions[3]["createdAt"], case["createdAt"]);
    let paged = fixture.api.all(&format!("{path}/history"), 1).await;
    assert_eq!(paged, versions);
}

#[tokio::test]
async fn a_copy_begins_with_its_creation() {
    let fixture = TestwareFixture::new().await;
    let case = fixture.case("Pay").await;
    fixture.change(&item_path("cases", &case), json!({"title": "Pay twice"})).await;
    let copy = fixture.post_ok(&format!("{}/duplicate", item_path("cases", &case)), Value::Null).await;
    let versions = history(&fixture, &copy).await;
    assert_eq!((versions.len(), &versions[0]["created"]), (1, &json!(true)));
}

#[tokio::test]
async fn a_case_of_a_report_begins_with_its_first_change() {
    let fixture = TestwareFixture::new().await;
    let report = br#"<testsuite><testcase name="pays"/></testsuite>"#;
    let reported =
        fixture.api.raw("POST", &fixture.of_project("automation-runs?createCases=true"), &[], report.as_slice()).await;
    assert_eq!(reported.status, 201, "{}", reported.text);
    let case = fixture.read(&fixture.of_project("cases")).await["items"][0].clone();
    assert!(history(&fixture, &case).await.is_empty());
    fixture.change(&item_path("cases", &case), json!({"priority": "low"})).await;
    let versions = history(&fixture, &case).await;
    assert_eq!((versions.len(), &versions[0]["changed"]), (1, &json!(["priority"])));
}

#[tokio::test]
async fn a_merged_review_is_in_the_history() {
    let fixture = ReviewFixture::new().await;
    let review = fixture.review(&[&fixture.grace.0]).await;
    fixture.decide(&fixture.grace.1, &review, "approved").await;
    let merged = fixture.grace.1.post(&format!("{}/merge", item_path("reviews", &review)), &Value::Null).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    let versions = history(&fixture.testware, &fixture.case).await;
    assert_eq!((&versions[0]["changed"], &versions[0]["user"]), (&json!(["title"]), &json!("Grace")));
}

#[tokio::test]
async fn the_history_of_a_deleted_case_is_gone() {
    let fixture = TestwareFixture::new().await;
    let case = fixture.case("Pay").await;
    let path = item_path("cases", &case);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&format!("{path}/history")).await.status, 404);
}
