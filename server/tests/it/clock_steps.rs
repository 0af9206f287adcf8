//! The time of day is set back by an hour, as an operator or NTP does. Nothing that was due waits
//! an hour longer.

use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::issue::CreateIssue;
use app::model::webhook::HeldDeliveriesAction;
use app::service::{Deliveries, Issues, Webhooks};
use axum::response::IntoResponse;
use chrono::TimeDelta;
use http::StatusCode;
use sea_orm::DbBackend;
use server::dispatch::delivery_queue::{self, ClaimOrder};
use server::operations::clock_skew;

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

const HOUR: TimeDelta = TimeDelta::hours(1);

#[tokio::test]
async fn retries_go_out_after_a_step_back() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n < 2 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    fixture.wait_for_attempts(webhook, 1).await;
    // One retry is scheduled before the step, and one after it.
    fixture.state().clock.step_wall(-HOUR);
    fixture.advance(Duration::from_secs(7));
    fixture.wait_for_attempts(webhook, 2).await;
    fixture.dispatch_idle().await;
    receiver.requests(2).await;
    fixture.advance(Duration::from_secs(7 * 60));
    let delivered = fixture.wait_for_attempts(webhook, 3).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    // The time of day and the real duration are shown.
    assert_eq!(delivered.delivery.finished_at, Some(fixture.state().clock.now()));
    assert!(delivered.attempts.iter().all(|attempt| attempt.duration_ms < 1000));
}

#[tokio::test]
async fn a_restart_after_a_step_back_delays_no_delivery() {
    let fixture = OutboundFixture::start().await;
    if fixture.state().store.read().get_database_backend() == DbBackend::Postgres {
        eprintln!("NOT RUN: with PostgreSQL the schedule is the database's time");
        return;
    }
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It is retried").await;
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.state().clock.step_wall(-HOUR);
    let OutboundFixture { server, ada, project } = fixture;
    let server = server
        .restart(async |state| {
            let new = CreateIssue { title: "It was not sent".into(), ..CreateIssue::default() };
            state.create_issue(&ada, project, new).await.unwrap();
        })
        .await;
    let fixture = OutboundFixture { server, ada, project };
    let sent = receiver.requests(2).await;
    assert_eq!(sent[1].json()["data"]["title"], "It was not sent");
    fixture.advance(Duration::from_secs(7));
    let sent = receiver.requests(3).await;
    assert_eq!(sent[2].json()["data"]["title"], "It is retried");
}

#[tokio::test]
async fn a_step_back_during_a_request_makes_no_pause_longer() {
    let fixture = OutboundFixture::start().await;
    let clock = fixture.state().clock.clone();
    let answer = move |n| {
        if n > 0 {
            return StatusCode::OK.into_response();
        }
        clock.step_wall(-TimeDelta::minutes(20));
        (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "2")]).into_response()
    };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It waits").await;
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.advance(Duration::from_secs(3));
    let delivered = fixture.wait_for_attempts(webhook, 2).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_pause_is_shown_by_the_time_of_day_after_a_step_back() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")])).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.state().clock.step_wall(-HOUR);
    fixture.issue("It waits").await;
    fixture.wait_for_attempts(webhook, 1).await;
    let end = fixture.state().clock.now() + Duration::from_secs(60);
    assert_eq!(fixture.card(webhook).await.paused_until, Some(end));
    fixture.advance(Duration::from_secs(60));
    assert_eq!(fixture.card(webhook).await.paused_until, None);
}

#[tokio::test]
async fn a_step_forward_and_back_makes_no_attempt_longer() {
    let fixture = OutboundFixture::start().await;
    let clock = fixture.state().clock.clone();
    let receiver = Receiver::slow(clock.clone(), Duration::from_secs(5)).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.requests(1).await;
    clock.step_wall(HOUR);
    clock.step_wall(-HOUR - HOUR);
    fixture.server.dispatch_idle(1).await;
    fixture.advance(Duration::from_secs(5));
    let delivered = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(delivered.attempts[0].duration_ms, 5000);
}

#[tokio::test]
async fn an_expired_lease_is_taken_over_after_a_step_back() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    for n in 0..5 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    receiver.answered(4).await;
    // Claimed by another node, which crashes.
    let claimed = delivery_queue::claim(fixture.state(), webhook, ClaimOrder::Due, 100).await.unwrap();
    let [orphan] = &claimed[..] else { panic!("one delivery waits, not {}", claimed.len()) };
    fixture.state().clock.step_wall(-HOUR);
    let mut elapsed = Duration::ZERO;
    let attempts = async || fixture.state().delivery(&fixture.ada, orphan.id).await.unwrap().delivery.attempt_count;
    while attempts().await == 0 {
        fixture.server.dispatch_waits().await;
        // Keep the webhook enabled in spite of the timeouts.
        let _ = fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Discard).await;
        fixture.advance(Duration::from_secs(5));
        elapsed += Duration::from_secs(5);
        assert!(elapsed < 3 * delivery_queue::LEASE_DURATION, "it is never taken over");
    }
    assert!(elapsed > delivery_queue::LEASE_DURATION, "it was taken over after {elapsed:?}, within the lease");
}

#[tokio::test]
async fn a_difference_from_the_databases_clock_is_measured() {
    let fixture = OutboundFixture::start().await;
    if fixture.state().store.read().get_database_backend() != DbBackend::Postgres {
        eprintln!("NOT RUN: an embedded database has no clock of its own; set TESTBELL_TEST_DATABASE_URL");
        return;
    }
    fixture.server.advance_to_system_time();
    let ahead = clock_skew::compare(fixture.state()).await.unwrap();
    assert!(ahead.abs() < TimeDelta::seconds(20), "{ahead}");
    fixture.state().clock.step_wall(-HOUR);
    let behind = clock_skew::compare(fixture.state()).await.unwrap();
    assert!((behind + HOUR).abs() < TimeDelta::seconds(20), "{behind}");
    fixture.advance(Duration::from_secs(60));
    eventually("the skew as a metric", async || {
        let metrics =
            fixture.server.http.get(fixture.server.url("/metrics")).send().await.unwrap().text().await.unwrap();
        metrics.contains("testbell_clock_skew_seconds").then_some(())
    })
    .await;
}
