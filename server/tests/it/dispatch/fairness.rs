use std::collections::HashSet;

use crate::support::outbound::Sender;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn an_endpoint_that_hangs_takes_no_more_than_its_share_and_delays_no_other() {
    let sender = Sender::start().await;
    let mut hanging = RawReceiver::hanging().await;
    let healthy = Receiver::start().await;
    sender.webhook(&hanging.url()).await;
    sender.webhook(&healthy.url("/")).await;
    for n in 0..90 {
        sender.issue(&format!("Issue {n}")).await;
    }
    // The clock stands still: not one of the hanging requests has ended.
    let received = healthy.requests(90).await;
    let ids: HashSet<_> = received.iter().map(|request| request.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 90);
    hanging.answered(64).await;
    sender.settle().await;
    assert_eq!(hanging.so_far(), 64);
}

#[tokio::test]
async fn deliveries_to_many_endpoints_all_arrive_once() {
    let sender = Sender::start().await;
    let mut receivers = Vec::new();
    for _ in 0..12 {
        let receiver = Receiver::start().await;
        sender.webhook(&receiver.url("/")).await;
        receivers.push(receiver);
    }
    for n in 0..50 {
        sender.issue(&format!("Issue {n}")).await;
    }
    for receiver in &receivers {
        let received = receiver.requests(50).await;
        let ids: HashSet<_> = received.iter().map(|request| request.header("webhook-id").to_owned()).collect();
        assert_eq!(ids.len(), 50);
    }
}
