//! Deliveries that were cancelled, before or after a failed attempt.

use app::model::delivery::ManualAction;
use app::model::webhook::HeldDeliveriesAction;
use app::service::{Deliveries, Webhooks};
use http::StatusCode;

use super::{SECOND, count, start, titles};
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_cancelled_delivery_is_missed_only_if_it_was_never_attempted() {
    let answer = |n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::answering(answer).await);
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let cancel = async || {
        let newest = fixture.deliveries(webhook).await.remove(0).delivery.id;
        fixture.state().change_delivery(&fixture.ada, newest, ManualAction::Cancel).await.unwrap();
        fixture.advance(SECOND);
    };
    fixture.issue("Attempted").await;
    fixture.wait_for_attempts(webhook, 1).await;
    cancel().await;
    fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.issue("Held").await;
    cancel().await;
    fixture.state().activate_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    let api = fixture.server.api(&fixture.ada).await;
    assert_eq!(count(&api, webhook, "missed").await, 1);
    assert_eq!(count(&api, webhook, "failed").await, 1);
    start(&api, webhook, "failed").await;
    receiver.requests(2).await;
    fixture.dispatch_idle().await;
    start(&api, webhook, "missed").await;
    receiver.requests(3).await;
    fixture.dispatch_idle().await;
    assert_eq!(titles(&receiver), ["Attempted", "Attempted", "Held"]);
    for source in ["missed", "failed"] {
        assert_eq!(count(&api, webhook, source).await, 0, "{source}");
    }
}
