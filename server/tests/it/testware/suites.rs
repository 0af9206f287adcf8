use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

async fn suite(fixture: &TestwareFixture, name: &str, parent: &Value) -> Value {
    fixture.create("suites", json!({"name": name, "parentId": parent})).await
}

#[tokio::test]
async fn each_change_of_a_suite_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let checkout = suite(&fixture, "Checkout", &Value::Null).await;
    let payment = suite(&fixture, "Payment", &checkout["id"]).await;
    assert_eq!((&payment["key"], &payment["parentId"]), (&json!("WEB-U2"), &checkout["id"]));
    let path = item_path("suites", &payment);
    let moved = json!({"name": "Payments", "parentId": ""});
    fixture.change(&path, moved.clone()).await;
    fixture.change(&path, moved).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);

    let events = fixture.events().await;
    let expected = ["created", "created", "updated", "deleted"];
    assert_eq!(event_types(&events), expected.map(|verb| format!("suite.{verb}")));
    assert_eq!(events[1]["data"]["parent"], json!({"id": checkout["id"], "key": "WEB-U1", "name": "Checkout"}));
    assert_eq!(events[2]["data"]["changed"], json!(["name", "parentId"]));
    assert_eq!(events[2]["data"]["parent"], Value::Null);
}

#[tokio::test]
async fn a_suite_is_not_within_itself_and_the_tree_has_ten_levels() {
    let fixture = TestwareFixture::new().await;
    let mut chain = vec![suite(&fixture, "1", &Value::Null).await];
    for level in 2..=10 {
        let above = chain.last().unwrap()["id"].clone();
        chain.push(suite(&fixture, &level.to_string(), &above).await);
    }
    let create = async |parent: &Value| {
        fixture.api.post(&fixture.of_project("suites"), &json!({"name": "x", "parentId": parent})).await
    };
    let deep = create(&chain[9]["id"]).await;
    assert_eq!(error_fields(&deep), ["parentId"]);
    assert_eq!(deep.json["detail"], "The tree of suites would be deeper than 10 levels.");
    let top = item_path("suites", &chain[0]);
    for inner in [&chain[0]["id"], &chain[1]["id"], &chain[9]["id"]] {
        let reply = fixture.api.patch(&top, &json!({"parentId": inner})).await;
        assert_eq!(error_fields(&reply), ["parentId"]);
    }
    let other = suite(&fixture, "Other", &Value::Null).await;
    let reply = fixture.api.patch(&top, &json!({"parentId": other["id"]})).await;
    assert_eq!(error_fields(&reply), ["parentId"], "a tree of ten levels fits only at the top");
    let second = item_path("suites", &chain[1]);
    assert_eq!(fixture.change(&second, json!({"parentId": other["id"]})).await["parentId"], other["id"]);
}

#[tokio::test]
async fn cases_choose_a_suite_of_their_project() {
    let fixture = TestwareFixture::new().await;
    let checkout = suite(&fixture, "Checkout", &Value::Null).await;
    let case = fixture.create("cases", json!({"title": "Pay", "suiteId": checkout["id"]})).await;
    fixture.case("Elsewhere").await;
    let of_suite = format!("{}?suite={}", fixture.of_project("cases"), checkout["id"].as_str().unwrap());
    assert_eq!(fixture.column(&of_suite, "title").await, ["Pay"]);
    let path = item_path("cases", &case);
    let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(copy["suiteId"], checkout["id"]);
    let seen = fixture.events().await.len();
    fixture.change(&path, json!({"suiteId": ""})).await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.post_ok(&format!("/projects/{other}/suites"), json!({"name": "Foreign"})).await;
    for wrong in [&foreign["id"], &json!("sui_x")] {
        assert_eq!(error_fields(&fixture.api.patch(&path, &json!({"suiteId": wrong})).await), ["suiteId"]);
    }
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events)[0], "case.updated");
    assert_eq!(events[0]["data"]["changes"]["suiteId"], json!({"from": checkout["id"], "to": null}));
    assert_eq!(fixture.events().await[1]["data"]["suite"]["name"], "Checkout");
}

#[tokio::test]
async fn what_is_in_a_deleted_suite_moves_to_the_suite_above() {
    let fixture = TestwareFixture::new().await;
    let checkout = suite(&fixture, "Checkout", &Value::Null).await;
    let payment = suite(&fixture, "Payment", &checkout["id"]).await;
    let cards = suite(&fixture, "Cards", &payment["id"]).await;
    let case = fixture.create("cases", json!({"title": "Pay", "suiteId": payment["id"]})).await;
    let seen = fixture.events().await.len();
    assert_eq!(fixture.api.delete(&item_path("suites", &payment)).await.status, 204);
    assert_eq!(fixture.read(&item_path("cases", &case)).await["suiteId"], checkout["id"]);
    assert_eq!(fixture.read(&item_path("suites", &cards)).await["parentId"], checkout["id"]);
    assert_eq!(fixture.api.delete(&item_path("suites", &checkout)).await.status, 204);
    assert_eq!(fixture.read(&item_path("cases", &case)).await["suiteId"], Value::Null);
    assert_eq!(event_types(&fixture.since(seen).await), ["suite.deleted"; 2]);
}

#[tokio::test]
async fn a_copy_of_a_suite_has_its_active_cases_and_suites() {
    let fixture = TestwareFixture::new().await;
    let checkout = suite(&fixture, "Checkout", &Value::Null).await;
    let payment = suite(&fixture, "Payment", &checkout["id"]).await;
    let new =
        json!({"title": "Pay", "suiteId": payment["id"], "automationLinks": ["a.b"], "steps": [{"action": "Pay"}]});
    fixture.create("cases", new).await;
    fixture.create("cases", json!({"title": "Open the cart", "suiteId": checkout["id"]})).await;
    let old = fixture.create("cases", json!({"title": "Old", "suiteId": checkout["id"]})).await;
    fixture.change(&item_path("cases", &old), json!({"state": "archived"})).await;
    let seen = fixture.events().await.len();
    let copy = fixture.post_ok(&format!("{}/duplicate", item_path("suites", &checkout)), Value::Null).await;
    assert_eq!((&copy["key"], &copy["name"]), (&json!("WEB-U3"), &json!("Checkout")));
    assert_eq!(event_types(&fixture.since(seen).await), ["suite.duplicated"]);

    let inner = format!("{}?parent={}", fixture.of_project("suites"), copy["id"].as_str().unwrap());
    let inner = fixture.read(&inner).await["items"][0].clone();
    assert_eq!((&inner["key"], &inner["name"]), (&json!("WEB-U4"), &json!("Payment")));
    let cases = async |suite: &Value| {
        let list = format!("{}?suite={}", fixture.of_project("cases"), suite["id"].as_str().unwrap());
        fixture.read(&list).await["items"].clone()
    };
    let copied = cases(&inner).await;
    assert_eq!((copied.as_array().unwrap().len(), &copied[0]["title"]), (1, &json!("Pay")));
    assert_eq!((&copied[0]["key"], &copied[0]["steps"][0]["action"]), (&json!("WEB-C4"), &json!("Pay")));
    assert_eq!(copied[0]["automationLinks"], json!([]));
    let copied = cases(&copy).await;
    assert_eq!((copied.as_array().unwrap().len(), &copied[0]["title"]), (1, &json!("Open the cart")));
}

#[tokio::test]
async fn suites_that_are_moved_into_each_other_at_the_same_time_stay_a_tree() {
    let fixture = TestwareFixture::new().await;
    for _ in 0..3 {
        let one = suite(&fixture, "One", &Value::Null).await;
        let two = suite(&fixture, "Two", &Value::Null).await;
        let into = async |moved: &Value, above: &Value| {
            fixture.api.patch(&item_path("suites", moved), &json!({"parentId": above["id"]})).await.status
        };
        let (first, second) = tokio::join!(into(&one, &two), into(&two, &one));
        let mut statuses = [first, second];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
    }
}
