use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

async fn field(fixture: &TestwareFixture, name: &str, kind: &str, options: &[&str]) -> String {
    let new = json!({"name": name, "type": kind, "options": options});
    fixture.create("custom-fields", new).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_change_of_a_custom_field_is_an_event() {
    let fixture = TestwareFixture::new().await;
    let browser = json!({"name": "Browser", "type": "choice", "options": ["Chrome", " ", "Chrome", "Firefox"]});
    let browser = fixture.create("custom-fields", browser).await;
    assert_eq!((&browser["key"], &browser["options"]), (&json!("WEB-F1"), &json!(["Chrome", "Firefox"])));
    let path = item_path("custom-fields", &browser);
    fixture.change(&path, json!({"name": "Web browser", "options": ["Safari"]})).await;
    fixture.change(&path, json!({"name": "Web browser"})).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);
    let events = fixture.events().await;
    assert_eq!(event_types(&events), ["created", "updated", "deleted"].map(|verb| format!("custom_field.{verb}")));
    assert_eq!(events[1]["data"]["changed"], json!(["name", "options"]));
}

#[tokio::test]
async fn a_case_has_a_value_of_each_type() {
    let fixture = TestwareFixture::new().await;
    let text = field(&fixture, "Requirement", "text", &[]).await;
    let number = field(&fixture, "Minutes", "number", &[]).await;
    let choice = field(&fixture, "Browser", "choice", &["Chrome", "Firefox"]).await;
    let date = field(&fixture, "Valid until", "date", &[]).await;
    let checkbox = field(&fixture, "Automated", "checkbox", &[]).await;
    let person = field(&fixture, "Owner", "person", &[]).await;
    let seen = fixture.events().await.len();
    let values = json!({
        &text: "REQ-1", &number: 2.5, &choice: "Firefox", &date: "2026-12-24", &checkbox: false, &person: fixture.ada.id,
    });
    let case = fixture.create("cases", json!({"title": "Pay", "customFields": values})).await;
    let shown: Vec<_> = case["customFields"].as_array().unwrap().iter().map(|it| (&it["name"], &it["text"])).collect();
    let expected = [
        ("Requirement", "REQ-1"),
        ("Minutes", "2.5"),
        ("Browser", "Firefox"),
        ("Valid until", "2026-12-24"),
        ("Automated", "No"),
        ("Owner", "Ada"),
    ];
    assert_eq!(
        shown,
        expected.map(|(name, text)| (json!(name), json!(text))).iter().map(|(a, b)| (a, b)).collect::<Vec<_>>()
    );
    assert_eq!((&case["customFields"][1]["value"], &case["customFields"][4]["value"]), (&json!(2.5), &json!(false)));

    let path = item_path("cases", &case);
    let changed = fixture.change(&path, json!({"customFields": {&number: 3, &text: null}})).await;
    assert_eq!(changed["customFields"].as_array().unwrap().len(), 5);
    fixture.change(&path, json!({"customFields": {&number: 3}})).await;
    let listed = fixture.read(&fixture.of_project("cases")).await;
    assert_eq!(listed["items"][0]["customFields"], changed["customFields"]);
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["case.created", "case.updated"]);
    assert_eq!(events[0]["data"]["customFields"], case["customFields"]);
    let change = &events[1]["data"]["changes"]["customFields"];
    assert_eq!((&change["from"]["Requirement"], &change["to"]["Requirement"]), (&json!("REQ-1"), &Value::Null));
    assert_eq!((&change["from"]["Minutes"], &change["to"]["Minutes"]), (&json!(2.5), &json!(3.0)));
}

#[tokio::test]
async fn a_value_of_another_type_is_refused() {
    let fixture = TestwareFixture::new().await;
    let case = fixture.case("Pay").await;
    let path = item_path("cases", &case);
    let other = fixture.server.user("Ben", false).await.id.to_string();
    let cases = [
        ("text", json!(1), "Field text: Use a text."),
        ("number", json!("many"), "Field number: Use a number."),
        ("choice", json!("Opera"), "Field choice: Choose one of: Chrome."),
        ("date", json!("24.12.2026"), "Field date: Use a date, e.g. 2026-12-24."),
        ("checkbox", json!("yes"), "Field checkbox: Use true or false."),
        ("person", json!(other), "Field person: Choose a member of the project."),
        ("person", json!("Ada"), "Field person: Use the ID of a member."),
    ];
    for (kind, value, message) in cases {
        let options: &[&str] = if kind == "choice" { &["Chrome"] } else { &[] };
        let listed = fixture.read(&fixture.of_project("custom-fields")).await;
        let known = listed["items"].as_array().unwrap().iter().find(|it| it["type"] == kind).cloned();
        let id = match known {
            Some(field) => field["id"].as_str().unwrap().to_owned(),
            None => field(&fixture, &format!("Field {kind}"), kind, options).await,
        };
        let reply = fixture.api.patch(&path, &json!({"customFields": {id: value}})).await;
        assert_eq!(error_fields(&reply), ["customFields"]);
        assert_eq!(reply.json["errors"]["customFields"].to_string().trim_matches(&['"', '[', ']'][..]), message);
    }
    let elsewhere = fixture.server.project(&fixture.ada, "APP").await;
    let foreign =
        fixture.post_ok(&format!("/projects/{elsewhere}/custom-fields"), json!({"name": "x", "type": "text"})).await;
    let reply = fixture.api.patch(&path, &json!({"customFields": {foreign["id"].as_str().unwrap(): "x"}})).await;
    assert_eq!(error_fields(&reply), ["customFields"]);
    for value in [json!([1]), json!({"a": 1})] {
        let reply = fixture.api.patch(&path, &json!({"customFields": {foreign["id"].as_str().unwrap(): value}})).await;
        assert_eq!(reply.status, 422, "{}", reply.text);
    }
}

#[tokio::test]
async fn the_names_of_custom_fields_are_unique_and_only_choices_have_options() {
    let fixture = TestwareFixture::new().await;
    field(&fixture, "Browser", "choice", &["Chrome"]).await;
    let path = fixture.of_project("custom-fields");
    let refused = async |new: Value| fixture.api.post(&path, &new).await;
    assert_eq!(error_fields(&refused(json!({"name": "bRowser", "type": "text"})).await), ["name"]);
    assert_eq!(error_fields(&refused(json!({"name": "OS", "type": "choice"})).await), ["options"]);
    assert_eq!(error_fields(&refused(json!({"name": "OS", "type": "text", "options": ["Linux"]})).await), ["options"]);
    assert_eq!(refused(json!({"name": "OS", "type": "color"})).await.status, 422);
}

#[tokio::test]
async fn copies_of_cases_have_the_values_and_a_deleted_field_takes_them_away() {
    let fixture = TestwareFixture::new().await;
    let browser = field(&fixture, "Browser", "choice", &["Chrome"]).await;
    let suite = fixture.create("suites", json!({"name": "Checkout"})).await;
    let case = json!({"title": "Pay", "suiteId": suite["id"], "customFields": {&browser: "Chrome"}});
    let case = fixture.create("cases", case).await;
    let copy = fixture.post_ok(&format!("{}/duplicate", item_path("cases", &case)), Value::Null).await;
    assert_eq!(copy["customFields"], case["customFields"]);
    fixture.post_ok(&format!("{}/duplicate", item_path("suites", &suite)), Value::Null).await;
    let cases = fixture.read(&fixture.of_project("cases")).await;
    let cases = cases["items"].as_array().unwrap();
    assert!(cases.len() == 4 && cases.iter().all(|it| it["customFields"] == case["customFields"]), "{cases:?}");
    // An option that is gone stays where it was chosen.
    fixture.change(&format!("/custom-fields/{browser}"), json!({"options": ["Firefox"]})).await;
    let renamed = fixture.change(&item_path("cases", &case), json!({"customFields": {&browser: "Chrome"}})).await;
    assert_eq!(renamed["customFields"], case["customFields"]);
    assert_eq!(fixture.api.delete(&format!("/custom-fields/{browser}")).await.status, 204);
    assert_eq!(fixture.read(&item_path("cases", &copy)).await["customFields"], json!([]));
}
