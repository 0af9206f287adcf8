use std::time::Duration;

use app::model::live::ChangeKind;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

#[tokio::test]
async fn each_change_of_a_case_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let steps = json!([{"action": "Pay", "expected": "Paid"}, {"action": " ", "expected": ""}]);
    let new = json!({"title": " Pay by card ", "labels": ["ui", "ui"], "steps": steps, "preconditions": "A cart"});
    let made = fixture.create("cases", new).await;
    assert_eq!((made["key"].as_str(), made["title"].as_str()), (Some("WEB-C1"), Some("Pay by card")));
    assert_eq!((&made["priority"], &made["labels"]), (&json!("medium"), &json!(["ui"])));
    assert_eq!(made["steps"], json!([{"action": "Pay", "expected": "Paid"}]));
    assert_eq!(made["author"], "Ada");
    let path = item_path("cases", &made);
    assert_eq!(fixture.read(&path).await, made);

    let changed = fixture.change(&path, json!({"title": "Pay by voucher", "priority": "high"})).await;
    assert_eq!(changed["preconditions"], "A cart");
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    for field in ["title", "preconditions", "steps", "priority", "labels"] {
        assert_eq!(copy[field], changed[field], "{field}");
    }
    assert_eq!(copy["key"], "WEB-C2");
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);
    assert_eq!(fixture.api.delete(&path).await.status, 404);

    let events = fixture.events().await;
    assert_eq!(event_types(&events), ["case.created", "case.updated", "case.duplicated", "case.deleted"]);
    assert_eq!(events[0]["data"]["steps"], 1);
    assert_eq!(events[0]["actor"]["name"], "Ada");
    assert_eq!(events[1]["data"]["changed"], json!(["title", "priority"]));
    let from = json!({"id": made["id"], "key": "WEB-C1", "title": "Pay by voucher"});
    assert_eq!((&events[2]["data"]["key"], &events[2]["data"]["duplicatedFrom"]), (&json!("WEB-C2"), &from));
    assert_eq!(events[3]["data"]["id"], made["id"]);
    let link = events[3]["data"]["link"].as_str().unwrap();
    assert!(link.ends_with(&format!("/projects/{}{path}", fixture.project)), "{link}");
}

#[tokio::test]
async fn a_case_update_without_effect_is_no_event() {
    let fixture = TestwareFixture::new().await;
    let made = fixture.create("cases", json!({"title": "Pay", "labels": ["ui"]})).await;
    fixture.server.state.clock.advance(Duration::from_secs(60));
    for body in [json!({}), json!({"title": " Pay ", "labels": ["ui", " "], "steps": [{}], "priority": "medium"})] {
        assert_eq!(fixture.change(&item_path("cases", &made), body).await, made);
    }
    assert_eq!(fixture.events().await.len(), 1);
}

#[tokio::test]
async fn invalid_fields_of_a_case_are_named() {
    let fixture = TestwareFixture::new().await;
    let cases = fixture.of_project("cases");
    let body = json!({
        "title": "", "preconditions": "x".repeat(64 * 1024 + 1), "labels": ["x".repeat(101)],
        "steps": vec![json!({"action": "a"}); 101],
    });
    assert_eq!(error_fields(&fixture.api.post(&cases, &body).await), ["labels", "preconditions", "steps", "title"]);
    let body = json!({"title": "x", "steps": [{"action": "a", "expected": "x".repeat(4_001)}]});
    assert_eq!(error_fields(&fixture.api.post(&cases, &body).await), ["steps"]);
    assert_eq!(fixture.api.post(&cases, &json!({"title": "x", "priority": "urgent"})).await.status, 422);
    assert!(fixture.column(&cases, "key").await.is_empty());
    assert!(fixture.events().await.is_empty());
    // Refused requests use up no number.
    assert_eq!(fixture.case("x").await["key"], "WEB-C1");
}

#[tokio::test]
async fn cases_are_found_by_title_key_priority_and_label() {
    let fixture = TestwareFixture::new().await;
    fixture.create("cases", json!({"title": "Pay 100% by card", "labels": ["a\"b"]})).await;
    fixture.create("cases", json!({"title": "Redeem a voucher", "priority": "critical", "labels": ["ui"]})).await;
    for n in 3..=10 {
        fixture.case(&format!("More {n}")).await;
    }
    for (query, found) in [
        ("search=card", vec!["WEB-C1"]),
        ("search=100%25", vec!["WEB-C1"]),
        ("search=web-c10", vec!["WEB-C10"]),
        ("search=WEB-C1", vec!["WEB-C10", "WEB-C1"]),
        ("search=c2", vec!["WEB-C2"]),
        ("search=voucher%20c2", vec!["WEB-C2"]),
        ("search=voucher%20card", vec![]),
        ("priority=critical", vec!["WEB-C2"]),
        ("label=ui", vec!["WEB-C2"]),
        ("label=u", vec![]),
        ("label=a%22b", vec!["WEB-C1"]),
    ] {
        assert_eq!(fixture.column(&format!("{}?{query}", fixture.of_project("cases")), "key").await, found, "{query}");
    }
    let long = format!("{}?search={}", fixture.of_project("cases"), "x".repeat(201));
    assert_eq!(error_fields(&fixture.api.get(&long).await), ["search"]);
    let keys: Vec<_> =
        fixture.api.all(&fixture.of_project("cases"), 3).await.iter().map(|c| c["key"].clone()).collect();
    assert_eq!(keys.len(), 10);
    assert_eq!((&keys[0], &keys[9]), (&json!("WEB-C10"), &json!("WEB-C1")));
}

#[tokio::test]
async fn keys_follow_the_project_key() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay"]).await;
    fixture.change(&format!("/projects/{}", fixture.project), json!({"key": "SHOP"})).await;
    assert_eq!(fixture.read(&item_path("cases", &cases[0])).await["key"], "SHOP-C1");
    assert_eq!(fixture.read(&item_path("runs", &run)).await["key"], "SHOP-R1");
    assert_eq!(fixture.case("Next").await["key"], "SHOP-C2");
}

#[tokio::test]
async fn each_change_of_testware_sends_a_live_message() {
    let fixture = TestwareFixture::new().await;
    let mut live = fixture.server.changes(fixture.project);
    let (run, cases) = fixture.run(&["Pay"]).await;
    let session = fixture.create("sessions", json!({"name": "Explore"})).await;
    fixture.change(&item_path("runs", &run), json!({"name": "Release 2", "state": "done"})).await;
    let mut kinds = Vec::new();
    while kinds.len() < 4 {
        let kind = live.recv().await.unwrap().change.kind;
        if !matches!(kind, ChangeKind::DeliveryChanged { .. } | ChangeKind::WebhookChanged { .. }) {
            kinds.push(kind);
        }
    }
    let changed = |item: &Value| ChangeKind::ItemChanged(item["id"].as_str().unwrap().parse().unwrap());
    let expected = [changed(&cases[0]), changed(&run), changed(&session), changed(&run)];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn an_archived_case_stays_in_its_runs_and_is_added_to_no_other() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay", "Refund"]).await;
    let path = item_path("cases", &cases[0]);
    let seen = fixture.events().await.len();
    assert_eq!(fixture.change(&path, json!({"state": "archived"})).await["state"], "archived");
    fixture.change(&path, json!({"state": "archived"})).await;
    let list = fixture.of_project("cases");
    assert_eq!(fixture.column(&list, "title").await, ["Refund"]);
    assert_eq!(fixture.column(&format!("{list}?state=archived"), "title").await, ["Pay"]);
    assert_eq!(fixture.column(&format!("{}/cases", item_path("runs", &run)), "title").await, ["Pay", "Refund"]);
    let other = json!({"name": "Another", "caseIds": [cases[0]["id"]]});
    let refused = fixture.api.post(&fixture.of_project("runs"), &other).await;
    assert_eq!(error_fields(&refused), ["caseIds"]);
    let copy = fixture.post_ok(&format!("{}/duplicate", item_path("runs", &run)), Value::Null).await;
    assert_eq!(fixture.column(&format!("{}/cases", item_path("runs", &copy)), "title").await, ["Refund"]);
    fixture.change(&path, json!({"state": "active"})).await;
    fixture.post_ok(&fixture.of_project("runs"), other).await;

    let events: Vec<_> =
        fixture.since(seen).await.into_iter().filter(|event| event["type"] == "case.state_changed").collect();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["data"]["changes"], json!({"state": {"from": "active", "to": "archived"}}));
    assert_eq!(
        (&events[1]["data"]["previousState"], &events[1]["data"]["state"]),
        (&json!("archived"), &json!("active"))
    );
}

#[tokio::test]
async fn an_automation_link_leads_to_one_case() {
    let fixture = TestwareFixture::new().await;
    let (pay, refund) = (fixture.case("Pay").await, fixture.case("Refund").await);
    let seen = fixture.events().await.len();
    let links = json!([" a.b.pays ", "", "a.b.pays", "tests/pay.spec.ts › pays"]);
    let linked = fixture.change(&item_path("cases", &pay), json!({"automationLinks": links})).await;
    assert_eq!(linked["automationLinks"], json!(["a.b.pays", "tests/pay.spec.ts › pays"]));
    fixture.change(&item_path("cases", &pay), json!({"automationLinks": linked["automationLinks"]})).await;
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["case.automation_links_changed"]);
    let change = json!({"from": [], "to": ["a.b.pays", "tests/pay.spec.ts › pays"]});
    assert_eq!(events[0]["data"]["changes"], json!({"automationLinks": change}));

    let list = fixture.of_project("cases");
    assert_eq!(fixture.column(&format!("{list}?automationLink=a.b.pays"), "title").await, ["Pay"]);
    assert!(fixture.column(&format!("{list}?automationLink=a.b"), "title").await.is_empty());
    assert!(fixture.column(&format!("{list}?automationLink=a.b.pays&state=archived"), "title").await.is_empty());
    let taken = fixture.api.patch(&item_path("cases", &refund), &json!({"automationLinks": ["a.b.pays"]})).await;
    assert_eq!(error_fields(&taken), ["automationLinks"]);
    assert_eq!(taken.json["errors"]["automationLinks"], "WEB-C1 already has the link a.b.pays.");
    let copy = fixture.post_ok(&format!("{}/duplicate", item_path("cases", &pay)), Value::Null).await;
    assert_eq!(copy["automationLinks"], json!([]));
    assert_eq!(fixture.api.delete(&item_path("cases", &pay)).await.status, 204);
    fixture.change(&item_path("cases", &refund), json!({"automationLinks": ["a.b.pays"]})).await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let same = json!({"title": "Elsewhere", "automationLinks": ["a.b.pays"]});
    fixture.post_ok(&format!("/projects/{other}/cases"), same).await;
    assert_eq!(fixture.column(&format!("{list}?automationLink=a.b.pays"), "title").await, ["Refund"]);
}

#[tokio::test]
async fn wrong_automation_links_are_refused() {
    let fixture = TestwareFixture::new().await;
    let many: Vec<_> = (0..21).map(|n| format!("test {n}")).collect();
    for links in [json!(["x".repeat(501)]), json!(["a\u{0}b"]), json!(["a\nb"]), json!(many)] {
        let reply =
            fixture.api.post(&fixture.of_project("cases"), &json!({"title": "t", "automationLinks": links})).await;
        assert_eq!(error_fields(&reply), ["automationLinks"], "{links}");
    }
}
