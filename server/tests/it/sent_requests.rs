//! A stored attempt doesn't change, whatever happens to the webhook.

use app::model::delivery::{Attempt, DeliveryDetail};
use app::model::id::WebhookId;
use app::model::project::UpdateProject;
use app::model::webhook::{RotateWebhook, UpdateWebhook};
use app::service::{Deliveries, Projects, Webhooks};
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use server::entity::attempt;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// A webhook with one delivery to `/old`.
async fn delivered(fixture: &OutboundFixture, receiver: &Receiver) -> (WebhookId, DeliveryDetail) {
    let webhook = fixture.webhook(&receiver.url("/old?token=s3cret")).await.webhook.id;
    fixture.issue("It breaks").await;
    (webhook, fixture.wait_for_attempts(webhook, 1).await)
}

async fn move_to(fixture: &OutboundFixture, webhook: WebhookId, url: String) {
    let change = UpdateWebhook { url: Some(url), name: Some("Renamed".into()), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
}

fn drawer(fixture: &OutboundFixture, detail: &DeliveryDetail) -> String {
    format!("/projects/{}/settings/webhooks?tab=deliveries&delivery={}", fixture.project, detail.delivery.id)
}

#[tokio::test]
async fn a_past_attempt_keeps_its_destination_headers_and_body() {
    let fixture = OutboundFixture::start().await;
    let (receiver, other) = (Receiver::start().await, Receiver::start().await);
    let (webhook, before) = delivered(&fixture, &receiver).await;
    let [sent] = <[_; 1]>::try_from(receiver.requests(1).await).unwrap();

    move_to(&fixture, webhook, other.url("/new")).await;
    fixture.state().rotate_webhook(&fixture.ada, webhook, RotateWebhook::default()).await.unwrap();
    let rename = UpdateProject { key: None, name: Some("Renamed".into()) };
    fixture.state().update_project(&fixture.ada, fixture.project, rename).await.unwrap();

    let api = fixture.server.api(&fixture.ada).await;
    let shown = api.get(&format!("/deliveries/{}", before.delivery.id)).await;
    let old = receiver.url("/old?token=••••");
    assert_eq!(shown.json["destination"], old, "{}", shown.text);
    assert_eq!(shown.json["body"].as_str().map(str::as_bytes), Some(&sent.body[..]));
    let attempt: Attempt = serde_json::from_value(shown.json["attempts"][0].clone()).unwrap();
    assert_eq!(attempt.destination, Some(old.clone()));
    assert_eq!(attempt.request_body.as_deref().map(str::as_bytes), Some(&sent.body[..]));
    let signature = attempt.request_headers.iter().find(|header| header.name == "webhook-signature").unwrap();
    assert_eq!(signature.value, sent.header("webhook-signature"));
    assert!(!shown.text.contains("s3cret"));

    let page = fixture.server.page(&fixture.ada, &drawer(&fixture, &before)).await;
    assert!(page.contains(&old) && page.contains(&format!("POST {old}")), "the drawer shows where it went");
    assert!(!page.contains(&other.url("/new")) && !page.contains("was made before Testbell stored"));
    assert!(!page.contains("s3cret"));
    let row = attempt::Entity::find_by_id(attempt.id).one(fixture.state().store.read()).await.unwrap().unwrap();
    assert_eq!(row.request_body, None, "the event is stored once");
}

#[tokio::test]
async fn each_attempt_names_its_own_destination() {
    let fixture = OutboundFixture::start().await;
    let failing = Receiver::answering(|_| StatusCode::BAD_GATEWAY).await;
    let healthy = Receiver::start().await;
    let (webhook, before) = delivered(&fixture, &failing).await;
    move_to(&fixture, webhook, healthy.url("/new")).await;
    fixture.advance(std::time::Duration::from_secs(10));
    let detail = fixture.wait_for_attempts(webhook, 2).await;
    let destinations: Vec<_> = detail.attempts.iter().filter_map(|attempt| attempt.destination.clone()).collect();
    assert_eq!(destinations, [failing.url("/old?token=••••"), healthy.url("/new")]);
    assert_eq!(detail.destination, healthy.url("/new"), "where the latest one went");
    let page = fixture.server.page(&fixture.ada, &drawer(&fixture, &before)).await;
    assert!(destinations.iter().all(|destination| page.contains(destination)));
}

#[tokio::test]
async fn an_attempt_without_stored_request_says_so() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let (webhook, before) = delivered(&fixture, &receiver).await;
    let delivery = before.delivery.id;
    let as_before = attempt::ActiveModel { destination: Set(None), ..Default::default() };
    fixture
        .server
        .insert(move |db| {
            Box::pin(async move {
                let update = attempt::Entity::update_many().set(as_before);
                update.filter(attempt::Column::DeliveryId.eq(delivery)).exec(db).await.map(drop)
            })
        })
        .await;
    move_to(&fixture, webhook, receiver.url("/new")).await;
    let detail = fixture.state().delivery(&fixture.ada, delivery).await.unwrap();
    assert_eq!((detail.attempts[0].destination.clone(), detail.destination), (None, receiver.url("/new")));
    assert_eq!(detail.attempts[0].request_body, before.attempts[0].request_body, "the event is the body");
    let page = fixture.server.page(&fixture.ada, &drawer(&fixture, &before)).await;
    assert!(page.contains("was made before requests were stored"));
}
