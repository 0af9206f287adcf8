//! Searches in each list give the same results on SQLite and PostgreSQL.

use std::time::Duration;

use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use server::entity::issue;
use server::testware::case::table as test_case;
use server::testware::run::table as test_run;
use server::testware::session::table as test_session;
use url::form_urlencoded::byte_serialize;

use crate::support::TestServer;
use crate::support::api::Api;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::{event, issue_json};
use crate::testware::fixture::{TestwareFixture, item_path};

/// The lists with a search, and the field that each shows.
const LISTS: [(&str, &str); 4] = [("issues", "title"), ("cases", "title"), ("runs", "name"), ("sessions", "name")];

/// The names in `list` for a search, newest first.
async fn found(api: &Api, list: &str, field: &str, search: &str) -> Vec<String> {
    let search: String = byte_serialize(search.as_bytes()).collect();
    let reply = api.get(&format!("{list}?search={search}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let items = reply.json["items"].as_array().unwrap();
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

/// Creates an item in `list` with this name.
async fn create_named(fixture: &TestwareFixture, list: &str, field: &str, name: &str) -> Value {
    let mut body = json!({ field: name });
    if list == "runs" {
        body["caseIds"] = json!([fixture.case("Case").await["id"]]);
    }
    fixture.create(list, body).await
}

#[tokio::test]
async fn every_list_ignores_case_in_any_script() {
    let fixture = TestwareFixture::new().await;
    for (list, field) in LISTS {
        let names = ["Überweisung ÉCHEC", "Straße nach İzmir", "ΟΔΟΣ Доставка", "50%_done"];
        for name in names {
            create_named(&fixture, list, field, name).await;
        }
        let path = fixture.of_project(list);
        for (search, name) in [
            ("überweisung", names[0]),
            ("ÜBERWEISUNG", names[0]),
            ("éCHEC", names[0]),
            ("échec BERW", names[0]),
            ("e\u{301}chec", names[0]),
            ("straße", names[1]),
            ("STRASSE", names[1]),
            ("strasse", names[1]),
            ("STRAẞE", names[1]),
            ("izmir", names[1]),
            ("İZMİR", names[1]),
            ("IZMIR", names[1]),
            ("οδος", names[2]),
            ("οδοσ", names[2]),
            ("ДОСТАВКА", names[2]),
            ("доставка", names[2]),
            ("%", names[3]),
            ("0%_D", names[3]),
        ] {
            assert_eq!(found(&fixture.api, &path, field, search).await, [name], "{list}: {search}");
        }
        for search in
            ["uberweisung", "überweisung straße", "_berweisung", "%weisung", "0__done", "50\\%", "echecstraße"]
        {
            assert!(found(&fixture.api, &path, field, search).await.is_empty(), "{list}: {search}");
        }
    }
    fixture.server.stop().await;
}

#[tokio::test]
async fn a_renamed_item_is_found_by_its_new_name() {
    let fixture = TestwareFixture::new().await;
    for (list, field) in LISTS {
        let made = create_named(&fixture, list, field, "Überweisung").await;
        let path = fixture.of_project(list);
        fixture.change(&item_path(list, &made), json!({ field: "ÄNDERUNG" })).await;
        assert_eq!(found(&fixture.api, &path, field, "änderung").await, ["ÄNDERUNG"], "{list}");
        assert!(found(&fixture.api, &path, field, "überweisung").await.is_empty(), "{list}");
        // An item that is changed otherwise is still found by its name.
        if list == "runs" || list == "sessions" {
            fixture.change(&item_path(list, &made), json!({"state": "in_progress"})).await;
            fixture.post_ok(&format!("{}/complete", item_path(list, &made)), json!({})).await;
        }
        assert_eq!(found(&fixture.api, &path, field, "änderung").await, ["ÄNDERUNG"], "{list}");
        if list != "issues" {
            fixture.post_ok(&format!("{}/duplicate", item_path(list, &made)), json!({})).await;
            assert_eq!(found(&fixture.api, &path, field, "änderung").await, ["ÄNDERUNG"; 2], "{list}");
        }
        assert_eq!(fixture.api.delete(&item_path(list, &made)).await.status, 204);
        assert_eq!(found(&fixture.api, &path, field, "änderung").await.len(), usize::from(list != "issues"), "{list}");
    }
    fixture.server.stop().await;
}

#[tokio::test]
async fn an_issue_is_found_by_its_key() {
    let fixture = TestwareFixture::new().await;
    let path = fixture.of_project("issues");
    let made = fixture.create("issues", json!({"title": "Zahlung", "key": "Größe-42"})).await;
    assert_eq!(found(&fixture.api, &path, "title", "GRÖSSE-42 zahl").await, ["Zahlung"]);
    for search in ["zahlunggröße", "zahlung\ngröße-43"] {
        assert!(found(&fixture.api, &path, "title", search).await.is_empty(), "{search}");
    }
    fixture.change(&item_path("issues", &made), json!({"key": ""})).await;
    assert!(found(&fixture.api, &path, "title", "größe").await.is_empty());
    fixture.server.stop().await;
}

#[tokio::test]
async fn an_issue_is_found_by_its_latest_tracker_title() {
    let server = TestServer::start().await;
    let fake = FakeTracker::start([FakeResponse::json(&issue_json("ÜBERTRAG", 59))]).await;
    let github = server.github_with("secret", &fake.base, Some("ghp_token")).await;
    let api = server.api(&github.owner).await;
    let path = format!("/projects/{}/issues", github.project);
    let titles = async |search: &str| found(&api, &path, "title", search).await;
    assert_eq!(server.outcome(&github, "issues", event("opened", "Überweisung ÉCHEC", 10)).await, "created");
    assert_eq!(titles("éCHEC überweisung").await, ["Überweisung ÉCHEC"]);
    assert_eq!(titles("ACME/checkout#42").await, ["Überweisung ÉCHEC"]);
    assert_eq!(server.outcome(&github, "issues", event("edited", "ÄNDERUNG", 20)).await, "applied");
    assert_eq!(titles("änderung").await, ["ÄNDERUNG"]);
    assert!(titles("überweisung").await.is_empty());
    server.state.clock.advance(Duration::from_secs(1));
    crate::support::eventually("the issue is read", async || (titles("übertrag").await == ["ÜBERTRAG"]).then_some(()))
        .await;
    assert!(titles("änderung").await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn the_database_refuses_a_row_without_search_text() {
    let fixture = TestwareFixture::new().await;
    for (list, field) in LISTS {
        create_named(&fixture, list, field, "Überweisung").await;
    }
    let store = &fixture.server.state.store;
    let refusal = async |list: &str| {
        let list = list.to_owned();
        store
            .write(move |tx| {
                Box::pin(async move {
                    let db = tx.db();
                    match list.as_str() {
                        "issues" => update_as_read::<issue::Entity>(db).await,
                        "cases" => update_as_read::<test_case::Entity>(db).await,
                        "runs" => update_as_read::<test_run::Entity>(db).await,
                        _ => update_as_read::<test_session::Entity>(db).await,
                    }
                })
            })
            .await
            .unwrap_err()
            .to_string()
    };
    for (list, field) in LISTS {
        let refusal = refusal(list).await;
        assert!(refusal.to_lowercase().contains("null") && refusal.contains("search"), "{refusal}");
        assert_eq!(found(&fixture.api, &fixture.of_project(list), field, "überweisung").await, ["Überweisung"]);
    }
    fixture.server.stop().await;
}

/// Writes a row as it was read.
async fn update_as_read<E>(db: &impl sea_orm::ConnectionTrait) -> Result<(), sea_orm::DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let row = E::find().one(db).await?.ok_or_else(|| sea_orm::DbErr::RecordNotFound(String::new()))?;
    let all = sea_orm::ActiveModelTrait::reset_all(row.into_active_model());
    E::update(all).validate()?.exec_without_returning(db).await.map(drop)
}
