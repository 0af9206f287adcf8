use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

async fn sign_in(fixture: &TestwareFixture) -> Value {
    let steps = json!([{"action": "Open the shop", "expected": "It opens"}, {"action": "Sign in"}]);
    fixture.create("shared-steps", json!({"name": "Sign in", "steps": steps})).await
}

async fn case_with(fixture: &TestwareFixture, shared: &Value) -> Value {
    let steps = json!([{"sharedStepId": shared["id"]}, {"action": "Pay", "expected": "It is paid"}]);
    fixture.create("cases", json!({"title": "Pay by card", "steps": steps})).await
}

#[tokio::test]
async fn each_change_of_a_shared_step_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let shared = sign_in(&fixture).await;
    assert_eq!(shared["key"], "WEB-H1");
    let path = item_path("shared-steps", &shared);
    let renamed = json!({"name": "Sign in as a customer", "steps": [{"action": "Sign in"}]});
    fixture.change(&path, renamed.clone()).await;
    fixture.change(&path, renamed).await;
    let listed = format!("{}?search=customer", fixture.of_project("shared-steps"));
    assert_eq!(fixture.column(&listed, "key").await, ["WEB-H1"]);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);

    let events = fixture.events().await;
    assert_eq!(event_types(&events), ["created", "updated", "deleted"].map(|verb| format!("shared_step.{verb}")));
    let steps = json!([{"action": "Open the shop", "expected": "It opens"}, {"action": "Sign in", "expected": ""}]);
    assert_eq!((&events[0]["data"]["steps"], &events[0]["data"]["stepDetails"]), (&json!(2), &steps));
    assert_eq!(events[1]["data"]["changed"], json!(["name", "steps"]));
    assert_eq!(events[1]["data"]["changes"]["name"], json!({"from": "Sign in", "to": "Sign in as a customer"}));
}

#[tokio::test]
async fn the_events_of_a_case_contain_the_steps_of_its_shared_steps() {
    let fixture = TestwareFixture::new().await;
    let shared = sign_in(&fixture).await;
    let case = case_with(&fixture, &shared).await;
    assert_eq!(case["steps"][0]["sharedStepId"], shared["id"]);
    let data = &fixture.since(1).await[0]["data"];
    let actions: Vec<_> =
        data["stepDetails"].as_array().unwrap().iter().filter_map(|step| step["action"].as_str()).collect();
    assert_eq!((&data["steps"], actions), (&json!(3), vec!["Open the shop", "Sign in", "Pay"]));
}

#[tokio::test]
async fn the_cases_that_use_a_shared_step_are_found() {
    let fixture = TestwareFixture::new().await;
    let shared = sign_in(&fixture).await;
    let case = case_with(&fixture, &shared).await;
    fixture.case("Elsewhere").await;
    let using = format!("{}?sharedStep={}", fixture.of_project("cases"), shared["id"].as_str().unwrap());
    assert_eq!(fixture.column(&using, "key").await, ["WEB-C1"]);
    fixture.post_ok(&format!("{}/duplicate", item_path("cases", &case)), Value::Null).await;
    assert_eq!(fixture.column(&using, "key").await, ["WEB-C3", "WEB-C1"]);
    fixture.change(&item_path("cases", &case), json!({"steps": [{"action": "Pay"}]})).await;
    assert_eq!(fixture.column(&using, "key").await, ["WEB-C3"]);

    let suite = fixture.create("suites", json!({"name": "Checkout"})).await;
    let copy = fixture.read(&using).await["items"][0].take();
    fixture.change(&item_path("cases", &copy), json!({"suiteId": suite["id"]})).await;
    fixture.post_ok(&format!("{}/duplicate", item_path("suites", &suite)), Value::Null).await;
    assert_eq!(fixture.column(&using, "key").await, ["WEB-C4", "WEB-C3"]);
}

#[tokio::test]
async fn the_cases_of_a_deleted_shared_step_keep_its_steps() {
    let fixture = TestwareFixture::new().await;
    let shared = sign_in(&fixture).await;
    let case = case_with(&fixture, &shared).await;
    let seen = fixture.events().await.len();
    assert_eq!(fixture.api.delete(&item_path("shared-steps", &shared)).await.status, 204);
    let steps = fixture.read(&item_path("cases", &case)).await["steps"].take();
    let expected = json!([
        {"action": "Open the shop", "expected": "It opens"}, {"action": "Sign in", "expected": ""},
        {"action": "Pay", "expected": "It is paid"},
    ]);
    assert_eq!(steps, expected);
    assert_eq!(event_types(&fixture.since(seen).await), ["shared_step.deleted"]);
}

#[tokio::test]
async fn a_case_has_at_most_a_hundred_steps_with_those_of_shared_steps() {
    let fixture = TestwareFixture::new().await;
    let steps = |count: usize| (0..count).map(|n| json!({"action": format!("Step {n}")})).collect::<Vec<_>>();
    let shared = fixture.create("shared-steps", json!({"name": "Long", "steps": steps(60)})).await;
    let with = |own: usize| {
        let mut all = steps(own);
        all.push(json!({"sharedStepId": shared["id"]}));
        json!({"title": "Pay", "steps": all})
    };
    let refused = fixture.api.post(&fixture.of_project("cases"), &with(41)).await;
    assert_eq!(error_fields(&refused), ["steps"]);
    let case = fixture.create("cases", with(40)).await;
    let path = item_path("cases", &case);
    // It grows later, and is deleted. The case can still be saved.
    fixture.change(&item_path("shared-steps", &shared), json!({"steps": steps(70)})).await;
    assert_eq!(fixture.api.delete(&item_path("shared-steps", &shared)).await.status, 204);
    let mut now = fixture.read(&path).await["steps"].as_array().unwrap().clone();
    assert_eq!(now.len(), 110);
    now[0]["action"] = json!("Step zero");
    fixture.change(&path, json!({"steps": now})).await;
    now.push(json!({"action": "One more"}));
    assert_eq!(error_fields(&fixture.api.patch(&path, &json!({"steps": now})).await), ["steps"]);
}

#[tokio::test]
async fn a_case_uses_only_shared_steps_of_its_project() {
    let fixture = TestwareFixture::new().await;
    let shared = sign_in(&fixture).await;
    let case = case_with(&fixture, &shared).await;
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let steps = json!([{"action": "Sign in"}]);
    let foreign = json!({"name": "Foreign", "steps": steps});
    let foreign = fixture.post_ok(&format!("/projects/{other}/shared-steps"), foreign).await;
    let path = item_path("cases", &case);
    let refused = fixture.api.patch(&path, &json!({"steps": [{"sharedStepId": foreign["id"]}]})).await;
    assert_eq!(error_fields(&refused), ["steps"]);
    let both = json!({"steps": [{"sharedStepId": shared["id"], "action": "Sign in"}]});
    assert_eq!(error_fields(&fixture.api.patch(&path, &both).await), ["steps"]);
    let deleted = item_path("shared-steps", &shared);
    assert_eq!(fixture.api.delete(&deleted).await.status, 204);
    let refused = fixture.api.patch(&path, &json!({"steps": [{"sharedStepId": shared["id"]}]})).await;
    assert_eq!(error_fields(&refused), ["steps"]);
    for steps in [json!([]), json!([{"sharedStepId": shared["id"]}])] {
        let refused =
            fixture.api.post(&fixture.of_project("shared-steps"), &json!({"name": "x", "steps": steps})).await;
        assert_eq!(error_fields(&refused), ["steps"]);
    }
}
