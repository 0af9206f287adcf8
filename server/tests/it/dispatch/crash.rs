use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::issue::CreateIssue;
use app::service::{Deliveries, Issues};
use axum::response::IntoResponse;
use http::StatusCode;
use sea_orm::DbBackend;
use server::dispatch::delivery_queue::{self, ClaimOrder};

use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_claim_of_a_dead_process_is_sent_with_the_same_id() {
    let OutboundFixture { server, ada, project } = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let fixture = OutboundFixture { server, ada, project };
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let OutboundFixture { server, ada, project } = fixture;
    let mut claimed = Vec::new();
    let server = server
        .restart(async |state| {
            let new = CreateIssue { title: "It breaks".into(), ..CreateIssue::default() };
            state.create_issue(&ada, project, new).await.unwrap();
            claimed = delivery_queue::claim(state, webhook, ClaimOrder::Due, 10).await.unwrap();
            assert_eq!(claimed.len(), 1);
            assert!(
                delivery_queue::claim(state, webhook, ClaimOrder::Due, 10).await.unwrap().is_empty(),
                "claimed once"
            );
        })
        .await;
    // An embedded database belongs to one process, so that its claims are those of the dead one.
    if server.state.store.read().get_database_backend() != DbBackend::Sqlite {
        server.state.clock.advance(delivery_queue::LEASE_DURATION);
    }
    let fixture = OutboundFixture { server, ada, project };
    let delivered = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    let [request] = &receiver.requests(1).await[..] else { unreachable!() };
    assert_eq!(Some(request.header("webhook-id")), claimed[0].event_id.map(|id| id.to_string()).as_deref());
}

#[tokio::test]
async fn an_expired_claim_is_taken_over() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| {
        if n == 0 {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "30")]).into_response()
        } else {
            StatusCode::OK.into_response()
        }
    };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It pauses the endpoint").await;
    fixture.wait_for_attempts(webhook, 1).await;
    // This node leaves the next one alone for 30 seconds; another node claims it and dies.
    fixture.issue("It is claimed").await;
    let claimed = delivery_queue::claim(fixture.state(), webhook, ClaimOrder::Due, 100).await.unwrap();
    let [orphan] = &claimed[..] else { panic!("one delivery is due, not {}", claimed.len()) };
    let attempts = async || fixture.state().delivery(&fixture.ada, orphan.id).await.unwrap().delivery.attempt_count;
    let mut elapsed = Duration::ZERO;
    while attempts().await == 0 {
        fixture.dispatch_idle().await;
        fixture.advance(Duration::from_secs(5));
        elapsed += Duration::from_secs(5);
        assert!(elapsed < 3 * delivery_queue::LEASE_DURATION, "it is never taken over");
    }
    assert!(elapsed > delivery_queue::LEASE_DURATION, "it was taken over after {elapsed:?}, within the lease");
}

#[tokio::test]
async fn a_shutdown_waits_for_requests_in_flight() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.answered(1).await;
    let OutboundFixture { server, ada, project } = fixture;
    let clock = server.state.clock.clone();
    let stopping = tokio::spawn(server.restart(async |_| {}));
    let sender_side = async {
        // The clock moves on while the server waits for its five seconds.
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        loop {
            tick.tick().await;
            clock.advance(Duration::from_secs(1));
        }
    };
    let server = tokio::select! {
        server = stopping => server.unwrap(),
        () = sender_side => unreachable!(),
    };
    let fixture = OutboundFixture { server, ada, project };
    receiver.answered(2).await;
    assert_eq!(fixture.deliveries(webhook).await[0].delivery.attempt_count, 0);
}
