//! Slack's incoming webhooks, with a receiver in place of `hooks.slack.com`.

use std::time::Duration;

use app::error::Error;
use app::model::delivery::DeliveryStatus;
use app::model::destination::DestinationKind;
use app::model::webhook::{SendTest, UpdateWebhook, WebhookKind};
use app::service::Webhooks;
use axum::response::IntoResponse;
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use server::entity::{attempt, webhook, webhook_secret};

use crate::support::TestServer;
use crate::support::outbound::OutboundFixture;
use crate::support::platform::{Platform, TOKEN};

async fn start() -> Platform {
    Platform::start(DestinationKind::Slack).await
}

fn refusal<T>(result: app::error::Result<T>) -> String {
    let error: Error = result.map(drop).unwrap_err();
    error.of_field("url").unwrap().to_owned()
}

#[tokio::test]
async fn a_slack_url_is_encrypted_and_redacted() {
    let slack = start().await;
    let created = slack.webhook().await;
    assert_eq!(created.webhook.kind, WebhookKind::Destination(DestinationKind::Slack));
    assert!(created.reveal.is_none());
    assert_eq!(created.webhook.url, format!("{}/services/••••", slack.origin()));
    assert!(created.webhook.secrets.is_empty());

    let db = slack.fixture.state().store.read();
    let secrets = webhook_secret::Entity::find().filter(webhook_secret::Column::WebhookId.eq(created.webhook.id));
    assert_eq!(secrets.count(db).await.unwrap(), 0);
    let row = webhook::Entity::find_by_id(created.webhook.id).one(db).await.unwrap().unwrap();
    let sealed = row.url.unwrap();
    assert!(!sealed.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    let keys = &slack.fixture.state().keys;
    assert_eq!(keys.open_text(&webhook::url_aad(row.id), &sealed).unwrap(), slack.url());
}

#[tokio::test]
async fn a_slack_url_cannot_be_edited() {
    let slack = start().await;
    let id = slack.webhook().await.webhook.id;
    let (state, ada) = (slack.fixture.state(), &slack.fixture.ada);
    let other = || UpdateWebhook { url: Some("http://127.0.0.1:9/".into()), ..UpdateWebhook::default() };
    assert!(refusal(state.update_webhook(ada, id, other()).await).contains("change the destination"));
    let generic = slack.fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let to_slack = UpdateWebhook { url: Some(slack.url()), ..UpdateWebhook::default() };
    assert!(refusal(state.update_webhook(ada, generic, to_slack).await).contains("belongs to Slack"));
    let rename = UpdateWebhook { name: Some("#releases".into()), ..UpdateWebhook::default() };
    assert_eq!(state.update_webhook(ada, id, rename).await.unwrap().name, "#releases");
}

#[tokio::test]
async fn only_incoming_webhooks_of_slack_hosts_are_slack() {
    let slack = start().await;
    let feigned = slack.fixture.try_webhook("https://hooks.slack.com.nothing.invalid/services/x").await;
    assert!(refusal(feigned).contains("could not be resolved"));
    let workflow = slack.fixture.try_webhook(&format!("{}/workflows/T0/A0/1/x", slack.origin())).await;
    assert!(refusal(workflow).contains("/services/"));
    let strict = OutboundFixture::on(TestServer::start_strict().await).await;
    let plain = strict.try_webhook("http://hooks.slack.com/services/T0/B0/x").await;
    assert!(refusal(plain).starts_with("Use https"));
}

#[tokio::test]
async fn a_slack_message_is_unsigned_and_shown_as_sent() {
    let slack = start().await;
    let id = slack.webhook().await.webhook.id;
    slack.fixture.issue("Total <!channel> wrong").await;
    let [request] = &slack.receiver.requests(1).await[..] else { unreachable!() };
    assert_eq!(request.uri.path(), format!("/services/T0AB12/B0CD34/{TOKEN}"));
    assert_eq!(request.header("content-type"), "application/json");
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert!(!request.headers.contains_key(name), "{name}");
    }
    let message = request.json();
    assert_eq!(message["text"], "Issue created: Total &lt;!channel&gt; wrong (open)");

    let detail = slack.fixture.wait_for_attempts(id, 1).await;
    assert_eq!((detail.delivery.status, detail.delivery.status_code), (DeliveryStatus::Delivered, Some(200)));
    assert_eq!(detail.body.as_deref().map(str::as_bytes), Some(&request.body[..]));
    assert_eq!(detail.destination, format!("{}/services/••••", slack.origin()));
    let shown = serde_json::to_string(&detail).unwrap();
    assert!(!shown.contains("xoxSecretOfTheUrl"), "{shown}");

    let [attempt] = <[_; 1]>::try_from(detail.attempts).unwrap();
    assert_eq!(attempt.destination, Some(format!("{}/services/••••", slack.origin())));
    assert_eq!(attempt.request_body.as_deref().map(str::as_bytes), Some(&request.body[..]));
    let row = attempt::Entity::find_by_id(attempt.id).one(slack.fixture.state().store.read()).await.unwrap().unwrap();
    assert_eq!(row.request_body, attempt.request_body, "the message is stored, as it differs from the event");
}

#[tokio::test]
async fn errors_of_slack_are_explained() {
    for (status, body, words) in [
        (StatusCode::BAD_REQUEST, "invalid_payload", "Slack responded with 400 invalid_payload. "),
        (StatusCode::FORBIDDEN, "action_prohibited", "restricted who can post"),
        (StatusCode::NOT_FOUND, "no_service", "was removed or turned off in Slack"),
        (StatusCode::INTERNAL_SERVER_ERROR, "rollup_error", "internal error"),
        (StatusCode::BAD_GATEWAY, "<html>", "The endpoint responded with 502 Bad Gateway."),
    ] {
        let slack = Platform::answering(DestinationKind::Slack, move |_| (status, body)).await;
        let id = slack.webhook().await.webhook.id;
        slack.fixture.issue("It breaks").await;
        let detail = slack.fixture.wait_for_attempts(id, 1).await;
        assert!(detail.delivery.error.as_deref().unwrap().contains(words), "{:?}", detail.delivery.error);
        assert_eq!(detail.attempts[0].response_body.as_deref(), Some(body));
    }
}

#[tokio::test]
async fn messages_to_one_slack_webhook_are_a_second_apart() {
    let slack = start().await;
    slack.webhook().await;
    for n in 0..3 {
        slack.fixture.issue(&format!("Issue {n}")).await;
    }
    for sent in 1..3 {
        slack.receiver.requests(sent).await;
        slack.fixture.dispatch_idle().await;
        slack.fixture.advance(Duration::from_millis(900));
        slack.fixture.dispatch_idle().await;
        slack.receiver.requests(sent).await;
        slack.fixture.advance(Duration::from_millis(100));
    }
    slack.receiver.requests(3).await;
}

#[tokio::test]
async fn a_rate_limit_of_slack_pauses_the_webhook() {
    let slack = Platform::answering(DestinationKind::Slack, |n| match n {
        0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "30")], "").into_response(),
        _ => "ok".into_response(),
    })
    .await;
    slack.webhook().await;
    slack.fixture.issue("One").await;
    slack.receiver.requests(1).await;
    slack.fixture.dispatch_idle().await;
    slack.fixture.issue("Two").await;
    slack.fixture.advance(Duration::from_secs(29));
    slack.fixture.dispatch_idle().await;
    slack.receiver.requests(1).await;
    slack.fixture.advance(Duration::from_secs(1));
    slack.receiver.requests(2).await;
    slack.fixture.dispatch_idle().await;
    slack.fixture.advance(Duration::from_secs(1));
    slack.receiver.requests(3).await;
}

#[tokio::test]
async fn two_tests_of_a_slack_webhook_are_the_same_message() {
    let slack = start().await;
    let id = slack.webhook().await.webhook.id;
    for sent in 1..=2 {
        slack.fixture.state().test_webhook(&slack.fixture.ada, id, SendTest::default()).await.unwrap();
        slack.receiver.requests(sent).await;
        slack.fixture.dispatch_idle().await;
        slack.fixture.advance(Duration::from_secs(1));
    }
    let [first, second] = &slack.receiver.requests(2).await[..] else { unreachable!() };
    assert_eq!(first.body, second.body);
}
