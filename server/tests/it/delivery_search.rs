//! The search of the list of deliveries, by subject, ID and status code.

use app::model::id::DeliveryId;
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};
use server::entity::delivery;
use server::service::deliveries::search::MAX_SCANNED;
use url::form_urlencoded::byte_serialize;

use crate::support::api::Api;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// The subjects of the deliveries that a search finds, newest first.
async fn found(api: &Api, fixture: &OutboundFixture, query: &[(&str, &str)]) -> Vec<String> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let path = format!("/projects/{}/deliveries?{}", fixture.project, query.join("&"));
    let reply = api.get(&path).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let count = api.get(&path.replace("/deliveries?", "/deliveries/count?")).await.json["count"].as_u64();
    let items = reply.json["items"].as_array().unwrap();
    assert_eq!(count, u64::try_from(items.len()).ok(), "the count agrees");
    items.iter().map(|item| item["subject"].as_str().unwrap().to_owned()).collect()
}

async fn fixture_with(titles: &[&str]) -> (OutboundFixture, Receiver) {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::NOT_FOUND } else { StatusCode::OK }).await;
    fixture.webhook(&receiver.url("/")).await;
    for title in titles {
        fixture.issue(title).await;
        fixture.dispatch_idle().await;
    }
    (fixture, receiver)
}

#[tokio::test]
async fn a_search_finds_words_of_the_subject() {
    let titles = ["Überweisung ÉCHEC", "Straße nach İzmir", "50%_done", "Done by 50"];
    let (fixture, _receiver) = fixture_with(&titles).await;
    let api = fixture.server.api(&fixture.ada).await;
    for (search, names) in [
        ("überweisung", &titles[..1]),
        ("échec BERW", &titles[..1]),
        ("STRASSE izmir", &titles[1..2]),
        ("50%_", &titles[2..3]),
        ("%", &titles[2..3]),
        ("\\", &[]),
        ("nothing", &[]),
    ] {
        assert_eq!(found(&api, &fixture, &[("search", search)]).await, names, "{search}");
    }
    assert_eq!(found(&api, &fixture, &[("search", "done 50")]).await, [titles[3], titles[2]]);
    assert_eq!(found(&api, &fixture, &[("search", " ")]).await.len(), 4);
    let too_long = api.get(&format!("/projects/{}/deliveries?search={}", fixture.project, "x".repeat(201))).await;
    assert_eq!(too_long.status, 422, "{}", too_long.text);
}

#[tokio::test]
async fn a_search_finds_an_event_and_a_delivery_by_id() {
    let (fixture, receiver) = fixture_with(&["One", "Two"]).await;
    let api = fixture.server.api(&fixture.ada).await;
    let all = api.get(&format!("/projects/{}/deliveries", fixture.project)).await.json;
    let delivery = all["items"][0]["id"].as_str().unwrap();
    assert_eq!(found(&api, &fixture, &[("search", delivery)]).await, ["Two"]);
    let event = receiver.requests(2).await[0].header("webhook-id").to_owned();
    assert_eq!(found(&api, &fixture, &[("search", &format!(" {event} "))]).await, ["One"]);
    let other = OutboundFixture { project: fixture.server.project(&fixture.ada, "OTHER").await, ..fixture };
    assert!(found(&api, &other, &[("search", &event)]).await.is_empty(), "of another project");
}

#[tokio::test]
async fn deliveries_are_filtered_by_status_code() {
    let (fixture, _receiver) = fixture_with(&["Not found", "Fine", "Fine, too"]).await;
    let api = fixture.server.api(&fixture.ada).await;
    assert_eq!(found(&api, &fixture, &[("statusCode", "404")]).await, ["Not found"]);
    assert_eq!(found(&api, &fixture, &[("statusCode", "200"), ("search", "too")]).await, ["Fine, too"]);
    assert!(found(&api, &fixture, &[("statusCode", "500")]).await.is_empty());
    let wrong = api.get(&format!("/projects/{}/deliveries?statusCode=x", fixture.project)).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
}

#[tokio::test]
async fn rows_without_a_folded_subject_are_found() {
    let (fixture, _receiver) = fixture_with(&["Card Payment"]).await;
    let api = fixture.server.api(&fixture.ada).await;
    let old = delivery::ActiveModel { subject_search: Set(None), ..Default::default() };
    let update = delivery::Entity::update_many().set(old);
    fixture.server.insert(move |db| Box::pin(async move { update.exec(db).await.map(drop) })).await;
    assert_eq!(found(&api, &fixture, &[("search", "PAYMENT card")]).await, ["Card Payment"]);
}

#[tokio::test]
async fn a_search_covers_the_newest_hundred_thousand() {
    let (fixture, _receiver) = fixture_with(&["Needle"]).await;
    let api = fixture.server.api(&fixture.ada).await;
    let first = delivery::Entity::find().order_by_asc(delivery::Column::Id).one(fixture.state().store.read()).await;
    let first = first.unwrap().unwrap();
    let ids: Vec<DeliveryId> = (0..MAX_SCANNED).map(|_| fixture.state().ids.next()).collect();
    let mut newer: Vec<_> = ids.chunks(500).map(<[_]>::to_vec).collect();
    let insert = async |ids: Vec<DeliveryId>| {
        let rows: Vec<_> = ids
            .into_iter()
            .map(|id| {
                let row = delivery::Model {
                    id,
                    event_type: "case.created".into(),
                    subject_search: Some("hay".into()),
                    ..first.clone()
                };
                row.into_active_model().reset_all()
            })
            .collect();
        let insert = delivery::Entity::insert_many(rows);
        fixture
            .server
            .insert(move |db| Box::pin(async move { insert.exec_without_returning(db).await.map(drop) }))
            .await;
    };
    let held_back = newer.pop().unwrap();
    for ids in newer {
        insert(ids).await;
    }
    assert_eq!(found(&api, &fixture, &[("search", "needle")]).await, ["Needle"]);
    insert(held_back).await;
    assert!(found(&api, &fixture, &[("search", "needle")]).await.is_empty());
    assert_eq!(found(&api, &fixture, &[("search", "needle"), ("event", "issue.created")]).await, ["Needle"]);
}
