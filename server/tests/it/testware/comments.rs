use app::model::people::Role;
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, error_fields, event_types, item_path};

async fn comment(fixture: &TestwareFixture, item: &Value, text: &str) -> Value {
    fixture.create("comments", json!({"itemId": item["id"], "text": text})).await
}

async fn list(fixture: &TestwareFixture, item: &Value) -> String {
    format!("{}?item={}", fixture.of_project("comments"), item["id"].as_str().unwrap())
}

#[tokio::test]
async fn every_item_has_comments_newest_first() {
    let fixture = TestwareFixture::new().await;
    let mut items = Vec::new();
    for (what, field) in [
        ("cases", "title"),
        ("runs", "name"),
        ("sessions", "name"),
        ("milestones", "name"),
        ("plans", "name"),
        ("suites", "name"),
        ("issues", "title"),
    ] {
        items.push(fixture.create(what, json!({field: "Checkout"})).await);
    }
    for item in &items {
        let first = comment(&fixture, item, "**First**").await;
        assert_eq!((&first["itemId"], &first["author"]), (&item["id"], &json!("Ada")));
        assert_eq!((&first["textHtml"], &first["editable"]), (&json!("<p><strong>First</strong></p>\n"), &json!(true)));
        comment(&fixture, item, "Second").await;
        assert_eq!(fixture.column(&list(&fixture, item).await, "text").await, ["Second", "**First**"]);
    }
    assert_eq!(fixture.api.all(&list(&fixture, &items[0]).await, 1).await.len(), 2);
    assert_eq!(fixture.api.all(&fixture.of_project("comments"), 3).await.len(), 2 * items.len());
}

#[tokio::test]
async fn a_mention_is_an_event_once_for_each_member() {
    let fixture = TestwareFixture::new().await;
    let grace = fixture.server.user("Grace Hopper", false).await;
    fixture.server.join(fixture.project, &grace, Role::Member).await;
    fixture.server.user("Stranger", false).await;
    let (run, _) = fixture.run(&["Pay"]).await;
    let seen = fixture.events().await.len();
    let text = "@grace hopper and @Ada: see a@Ada, @Stranger. Again @Grace Hopper.";
    let added = comment(&fixture, &run, text).await;
    let events = fixture.since(seen).await;
    assert_eq!(event_types(&events), ["user.mentioned"; 2]);
    let data = &events[0]["data"];
    assert_eq!((&data["id"], &data["name"]), (&json!(grace.id), &json!("Grace Hopper")));
    assert_eq!(data["comment"], json!({"id": added["id"], "text": text}));
    let item = json!({"type": "test_run", "id": run["id"], "key": "WEB-R1", "title": "Release 1"});
    assert_eq!(data["item"], item);
    assert!(data["link"].as_str().unwrap().ends_with(&item_path("runs", &run)), "{}", data["link"]);
    assert_eq!(events[1]["data"]["name"], "Ada");

    let path = item_path("comments", &added);
    fixture.change(&path, json!({"text": "@Ada only"})).await;
    assert_eq!(fixture.since(seen).await.len(), 2, "Ada was mentioned before");
    fixture.change(&path, json!({"text": "@Grace Hopper, after all"})).await;
    assert_eq!(fixture.since(seen).await.len(), 3, "the comment before did not mention her");
}

#[tokio::test]
async fn only_the_author_and_admins_change_a_comment() {
    let fixture = TestwareFixture::new().await;
    let (grace, bob) = (fixture.server.user("Grace", false).await, fixture.server.user("Bob", false).await);
    for user in [&grace, &bob] {
        fixture.server.join(fixture.project, user, Role::Member).await;
    }
    let case = fixture.case("Pay").await;
    let (of_grace, of_bob) = (fixture.server.api(&grace).await, fixture.server.api(&bob).await);
    let new = json!({"itemId": case["id"], "text": "Mine"});
    let added = of_grace.post(&fixture.of_project("comments"), &new).await.json;
    let path = item_path("comments", &added);
    let listed = of_bob.get(&list(&fixture, &case).await).await.json;
    assert_eq!(listed["items"][0]["editable"], false);
    assert_eq!(of_bob.patch(&path, &json!({"text": "His"})).await.status, 403);
    assert_eq!(of_bob.delete(&path).await.status, 403);
    let changed = of_grace.patch(&path, &json!({"text": "Still mine"})).await;
    assert_eq!((changed.status, &changed.json["text"]), (200, &json!("Still mine")));
    assert!(changed.json["updatedAt"].is_string());
    // Ada is an admin.
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(of_grace.patch(&path, &json!({"text": "Gone"})).await.status, 404);
}

#[tokio::test]
async fn a_comment_needs_a_text_and_an_item_of_the_project() {
    let fixture = TestwareFixture::new().await;
    let case = fixture.case("Pay").await;
    for text in ["", " \n "] {
        let reply =
            fixture.api.post(&fixture.of_project("comments"), &json!({"itemId": case["id"], "text": text})).await;
        assert_eq!(error_fields(&reply), ["text"]);
    }
    let other = fixture.server.project(&fixture.ada, "APP").await;
    let foreign = fixture.post_ok(&format!("/projects/{other}/cases"), json!({"title": "Elsewhere"})).await;
    let deleted = fixture.case("Deleted").await;
    assert_eq!(fixture.api.delete(&item_path("cases", &deleted)).await.status, 204);
    let result = "res_00000000000000000000000001";
    for item in [foreign["id"].as_str().unwrap(), deleted["id"].as_str().unwrap(), result] {
        let reply = fixture.api.post(&fixture.of_project("comments"), &json!({"itemId": item, "text": "x"})).await;
        assert_eq!(reply.status, 404, "{item}");
        assert_eq!(fixture.api.get(&format!("{}?item={item}", fixture.of_project("comments"))).await.status, 404);
    }
}
