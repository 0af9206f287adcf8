//! What a delivery is about, for the link in the interface.

use serde_json::{Value, json};

use super::fixture::{TestwareFixture, item_path};

#[tokio::test]
async fn a_delivery_names_its_subject_until_that_is_deleted() {
    let fixture = TestwareFixture::new().await;
    for (what, name) in [("cases", "title"), ("runs", "name"), ("sessions", "name"), ("issues", "title")] {
        let created = fixture.create(what, json!({name: "Pay by card"})).await;
        let latest = fixture.read(&fixture.of_project("deliveries?limit=1")).await["items"][0].clone();
        let delivery = item_path("deliveries", &latest);
        assert_eq!(fixture.read(&delivery).await["subjectId"], created["id"], "{what}");
        let deleted = fixture.api.delete(&item_path(what, &created)).await;
        assert_eq!(deleted.status, 204, "{what}: {}", deleted.text);
        assert_eq!(fixture.read(&delivery).await["subjectId"], Value::Null, "{what}");
    }
}

#[tokio::test]
async fn a_test_event_has_no_subject() {
    let fixture = TestwareFixture::new().await;
    let webhook = fixture.read(&fixture.of_project("webhooks")).await["items"][0].clone();
    let test = fixture.post_ok(&format!("{}/test", item_path("webhooks", &webhook)), json!({})).await;
    assert_eq!(fixture.read(&item_path("deliveries", &test)).await["subjectId"], Value::Null);
}
