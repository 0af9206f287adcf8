//! Changes of several test cases at once.

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

async fn cases(fixture: &TestwareFixture, count: usize) -> Vec<Value> {
    let mut cases = Vec::new();
    for n in 1..=count {
        cases.push(fixture.create("cases", json!({"title": format!("Case {n}"), "labels": ["ui"]})).await);
    }
    cases
}

fn ids(cases: &[Value]) -> Vec<&Value> {
    cases.iter().map(|case| &case["id"]).collect()
}

#[tokio::test]
async fn several_cases_are_changed_as_single_ones_would_be() {
    let fixture = TestwareFixture::new().await;
    let suite = fixture.create("suites", json!({"name": "Payment"})).await;
    let field = fixture.create("custom-fields", json!({"name": "Browser", "type": "text"})).await;
    let made = cases(&fixture, 3).await;
    let custom = json!({field["id"].as_str().unwrap(): "Firefox"});
    let change = json!({
        "suiteId": suite["id"], "priority": "high", "addLabels": ["slow", "ui"], "customFields": custom,
    });
    // The second one has these values already, but for the suite.
    let same = json!({"priority": "high", "labels": ["ui", "slow"], "customFields": custom, "suiteId": suite["id"]});
    fixture.change(&item_path("cases", &made[1]), same).await;
    let seen = fixture.events().await.len();
    let mut body = change.clone();
    body["ids"] = json!([made[2]["id"], made[1]["id"], made[0]["id"], made[2]["id"]]);
    let result = fixture.change(&fixture.of_project("cases"), body).await;
    assert_eq!(result, json!({"changed": 2, "unchanged": 1}));
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["case.updated", "case.updated"]);
    assert_eq!((&events[0]["data"]["key"], &events[1]["data"]["key"]), (&json!("WEB-C3"), &json!("WEB-C1")));
    assert_eq!(events[0]["data"]["changed"], json!(["suiteId", "priority", "labels", "customFields"]));
    for case in &made {
        let now = fixture.read(&item_path("cases", case)).await;
        assert_eq!((&now["priority"], &now["labels"]), (&json!("high"), &json!(["ui", "slow"])));
        assert_eq!((&now["suiteId"], &now["customFields"][0]["value"]), (&suite["id"], &json!("Firefox")));
        assert_eq!(now["title"], case["title"]);
    }
    let history = fixture.read(&format!("{}/history", item_path("cases", &made[0]))).await;
    assert_eq!(history["items"].as_array().unwrap().len(), 2);

    let seen = fixture.events().await.len();
    let body = json!({"ids": ids(&made), "state": "archived", "suiteId": "", "removeLabels": ["ui", "other"]});
    assert_eq!(fixture.change(&fixture.of_project("cases"), body).await["changed"], 3);
    let types = ["case.updated", "case.state_changed"].repeat(3);
    assert_eq!(event_types(&fixture.since(seen).await), types);
    assert!(fixture.column(&fixture.of_project("cases"), "key").await.is_empty());
}

#[tokio::test]
async fn a_bulk_change_is_all_or_nothing() {
    let fixture = TestwareFixture::new().await;
    let made = cases(&fixture, 2).await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.post_ok(&format!("/projects/{other}/cases"), json!({"title": "Theirs"})).await;
    let gone = fixture.case("Gone").await;
    assert_eq!(fixture.api.delete(&item_path("cases", &gone)).await.status, 204);
    let labels: Vec<_> = (0..50).map(|n| format!("l{n}")).collect();
    fixture.change(&item_path("cases", &made[1]), json!({"labels": labels})).await;
    let suite = fixture.post_ok(&format!("/projects/{other}/suites"), json!({"name": "Theirs"})).await;
    let seen = fixture.events().await.len();
    let (path, delete) = (fixture.of_project("cases"), fixture.of_project("cases/delete"));

    let mixed = json!([made[0]["id"], foreign["id"], gone["id"]]);
    for reply in [
        fixture.api.patch(&path, &json!({"ids": mixed, "priority": "low"})).await,
        fixture.api.post(&delete, &json!({"ids": mixed})).await,
    ] {
        assert_eq!(error_fields(&reply), ["ids"]);
        let detail = reply.json["detail"].as_str().unwrap();
        assert!(detail.contains(foreign["id"].as_str().unwrap()), "{detail}");
        assert!(detail.contains(gone["id"].as_str().unwrap()), "{detail}");
        assert!(!detail.contains(made[0]["id"].as_str().unwrap()), "{detail}");
    }
    let all = ids(&made);
    let many = vec![&made[0]["id"]; 501];
    for (body, fields) in [
        (json!({"ids": []}), vec!["ids"]),
        (json!({"ids": many}), vec!["ids"]),
        (json!({"priority": "low"}), vec!["ids"]),
        (json!({"ids": all, "priority": "urgent"}), vec!["priority"]),
        (json!({"ids": ["run_00000000000000000000000000"]}), vec!["ids"]),
        (json!({"ids": all, "title": "x"}), vec!["title"]),
        (json!({"ids": all, "suiteId": suite["id"]}), vec!["suiteId"]),
        (json!({"ids": all, "customFields": {"cfd_00000000000000000000000000": "x"}}), vec!["customFields"]),
        // The first one could have it.
        (json!({"ids": all, "addLabels": ["one more"]}), vec!["addLabels"]),
        (json!({"ids": all, "addLabels": ["x".repeat(101)]}), vec!["addLabels"]),
    ] {
        let reply = fixture.api.patch(&path, &body).await;
        let named: Vec<_> = error_fields(&reply).into_iter().map(|name| name.split('[').next().unwrap()).collect();
        assert_eq!(named, fields, "{}", reply.text);
    }
    assert!(fixture.since(seen).await.is_empty());
    assert_eq!(fixture.read(&item_path("cases", &made[0])).await, made[0]);
    let stranger = fixture.server.user("Eve", false).await;
    let theirs = fixture.server.api(&stranger).await;
    assert_eq!(theirs.patch(&path, &json!({"ids": all, "priority": "low"})).await.status, 404);
}

#[tokio::test]
async fn several_cases_are_deleted_at_once() {
    let fixture = TestwareFixture::new().await;
    let made = cases(&fixture, 3).await;
    let seen = fixture.events().await.len();
    let body = json!({"ids": [made[1]["id"], made[0]["id"]]});
    let result = fixture.post_ok(&fixture.of_project("cases/delete"), body).await;
    assert_eq!(result, json!({"deleted": 2}));
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["case.deleted", "case.deleted"]);
    assert_eq!((&events[0]["data"]["key"], &events[1]["data"]["key"]), (&json!("WEB-C2"), &json!("WEB-C1")));
    assert_eq!(fixture.column(&fixture.of_project("cases"), "key").await, ["WEB-C3"]);
}
