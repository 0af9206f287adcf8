//! The statuses of deliveries, as the API shows and filters them.

use std::time::Duration;

use app::model::delivery::{DeliveryQuery, DeliveryStatus, ManualAction};
use app::service::{Deliveries, Webhooks};
use axum::response::IntoResponse;
use http::StatusCode;

use crate::support::inbound::event as github_event;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

async fn subjects(fixture: &OutboundFixture, status: DeliveryStatus) -> Vec<String> {
    let query = DeliveryQuery { status: Some(status), ..DeliveryQuery::default() };
    let counted = fixture.state().count_deliveries(&fixture.ada, fixture.project, query.clone()).await.unwrap().count;
    let page = fixture.state().list_deliveries(&fixture.ada, fixture.project, query).await.unwrap();
    assert_eq!(counted as usize, page.items.len());
    assert!(page.items.iter().all(|delivery| delivery.status == status));
    page.items.into_iter().map(|delivery| delivery.subject.unwrap_or_default()).collect()
}

#[tokio::test]
async fn each_status_has_its_deliveries() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| match n {
        0 => StatusCode::OK,
        1 => StatusCode::BAD_GATEWAY,
        2 => StatusCode::NOT_FOUND,
        _ => StatusCode::GONE,
    };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for title in ["Delivered", "Failed", "Exhausted"] {
        fixture.issue(title).await;
        fixture.dispatch_idle().await;
    }
    assert_eq!(subjects(&fixture, DeliveryStatus::Failed).await, ["Failed"]);
    let failed = fixture.deliveries(webhook).await.remove(1).delivery;
    assert!(failed.next_attempt_at.is_some() && failed.finished_at.is_none());
    fixture.disable(webhook).await;
    fixture.issue("Held").await;
    fixture.dispatch_idle().await;
    assert_eq!(subjects(&fixture, DeliveryStatus::Delivered).await, ["Delivered"]);
    assert_eq!(subjects(&fixture, DeliveryStatus::Exhausted).await, ["Gone", "Exhausted"]);
    assert_eq!(subjects(&fixture, DeliveryStatus::Held).await, ["Held", "Failed"], "with what would be retried");
    assert!(subjects(&fixture, DeliveryStatus::Failed).await.is_empty());
    fixture.state().delete_webhook(&fixture.ada, webhook).await.unwrap();
    assert_eq!(subjects(&fixture, DeliveryStatus::Cancelled).await, ["Held", "Failed"]);
    assert!(subjects(&fixture, DeliveryStatus::Held).await.is_empty());
}

#[tokio::test]
async fn a_new_delivery_is_pending_until_its_first_attempt() {
    let fixture = OutboundFixture::start().await;
    let wait = || (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")]).into_response();
    let receiver = Receiver::answering(move |n| if n == 0 { wait() } else { StatusCode::OK.into_response() }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("Asked to wait").await;
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.issue("Not attempted").await;
    fixture.dispatch_idle().await;
    assert_eq!(subjects(&fixture, DeliveryStatus::Failed).await, ["Asked to wait"]);
    assert_eq!(subjects(&fixture, DeliveryStatus::Pending).await, ["Not attempted"]);
    let pending = fixture.deliveries(webhook).await.remove(0).delivery.id;
    fixture.state().change_delivery(&fixture.ada, pending, ManualAction::Cancel).await.unwrap();
    fixture.advance(Duration::from_secs(90));
    receiver.requests(2).await;
    fixture.dispatch_idle().await;
    assert_eq!(subjects(&fixture, DeliveryStatus::Cancelled).await, ["Not attempted"]);
    receiver.requests(2).await;
}

#[tokio::test]
async fn an_inbound_event_is_refused_not_exhausted() {
    let fixture = OutboundFixture::start().await;
    let github = fixture.server.github().await;
    let fixture = OutboundFixture { ada: github.owner.clone(), project: github.project, ..fixture };
    fixture.server.outcome(&github, "issues", github_event("opened", "One", 1)).await;
    assert_eq!(fixture.server.deliver(&github, "issues", "not json").await.0, 400);
    assert_eq!(subjects(&fixture, DeliveryStatus::Refused).await.len(), 1);
    assert_eq!(subjects(&fixture, DeliveryStatus::Delivered).await.len(), 1);
    assert!(subjects(&fixture, DeliveryStatus::Exhausted).await.is_empty());
}
