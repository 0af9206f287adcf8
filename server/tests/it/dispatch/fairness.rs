use std::collections::HashSet;
use std::time::Duration;

use app::model::policy::DEGRADED_PAUSES;

use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

const ENDPOINTS: usize = 20;

#[tokio::test]
async fn a_healthy_endpoint_does_not_wait_for_forty_others() {
    let fixture = OutboundFixture::start().await;
    let mut hanging = RawReceiver::hanging().await;
    let slow = Receiver::slow(fixture.state().clock.clone(), Duration::from_secs(9)).await;
    let healthy = Receiver::start().await;
    for n in 0..ENDPOINTS {
        fixture.webhook(&hanging.url()).await;
        fixture.webhook(&slow.url(&format!("/{n}"))).await;
    }
    fixture.webhook(&healthy.url("/")).await;
    // More for the failing endpoints than there are permits.
    for n in 0..30 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    // The clock doesn't advance, so none of the other requests has ended.
    let received = healthy.requests(30).await;
    let ids: HashSet<_> = received.iter().map(|request| request.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 30);
    hanging.answered(4 * ENDPOINTS).await;
    fixture.server.dispatch_idle(8 * ENDPOINTS).await;
    assert_eq!(hanging.requests_so_far(), 4 * ENDPOINTS, "an endpoint that nothing is known of gets four");
    assert_eq!(slow.requests_so_far().len(), 4 * ENDPOINTS);
}

#[tokio::test]
async fn an_endpoint_that_times_out_gets_fewer_requests() {
    let fixture = OutboundFixture::start().await;
    let mut hanging = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&hanging.url()).await.webhook.id;
    for n in 0..12 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    let mut in_all = 0;
    for (in_flight, failures) in [(4, 4), (2, 5)] {
        in_all += in_flight;
        hanging.answered(in_all).await;
        fixture.server.dispatch_idle(in_flight).await;
        assert_eq!(hanging.requests_so_far(), in_all);
        fixture.advance(Duration::from_secs(10));
        fixture.wait_for_card(webhook, "the failures", |card| card.consecutive_failures >= failures).await;
    }
    // It is degraded now. After a pause it gets one request at a time.
    fixture.advance(DEGRADED_PAUSES[0] + Duration::from_secs(1));
    hanging.answered(in_all + 1).await;
    fixture.server.dispatch_idle(1).await;
    assert_eq!(hanging.requests_so_far(), in_all + 1);
}

#[tokio::test]
async fn deliveries_to_slow_endpoints_arrive_within_a_minute() {
    const ENDPOINTS: usize = 10;
    let fixture = OutboundFixture::start().await;
    let slow = Receiver::slow(fixture.state().clock.clone(), Duration::from_secs(9)).await;
    for n in 0..ENDPOINTS {
        fixture.webhook(&slow.url(&format!("/{n}"))).await;
    }
    for n in 0..40 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    // After 9, 18 and 27 seconds; the number in flight doubles each time.
    for of_each in [4, 12, 28] {
        slow.wait_for_at_least(of_each * ENDPOINTS).await;
        fixture.advance(Duration::from_secs(9));
    }
    slow.requests(40 * ENDPOINTS).await;
}

#[tokio::test]
async fn deliveries_to_many_endpoints_all_arrive_once() {
    let fixture = OutboundFixture::start().await;
    let mut receivers = Vec::new();
    for _ in 0..12 {
        let receiver = Receiver::start().await;
        fixture.webhook(&receiver.url("/")).await;
        receivers.push(receiver);
    }
    for n in 0..50 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    for receiver in &receivers {
        let received = receiver.requests(50).await;
        let ids: HashSet<_> = received.iter().map(|request| request.header("webhook-id").to_owned()).collect();
        assert_eq!(ids.len(), 50);
    }
}
