use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::issue::CreateIssue;
use app::model::webhook::Held;
use app::service::{Deliveries, Issues, Webhooks};
use sea_orm::DbBackend;
use server::dispatch::queue;

use crate::support::outbound::Sender;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn what_was_claimed_by_a_process_that_is_gone_is_sent_with_the_same_id() {
    let Sender { server, ada, project } = Sender::start().await;
    let receiver = Receiver::start().await;
    let sender = Sender { server, ada, project };
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    let Sender { server, ada, project } = sender;
    let mut claimed = Vec::new();
    let server = server
        .restart(async |core| {
            let new = CreateIssue { title: "It breaks".into(), ..CreateIssue::default() };
            core.create_issue(&ada, project, new).await.unwrap();
            claimed = queue::claim(core, webhook, 10).await.unwrap();
            assert_eq!(claimed.len(), 1);
            assert!(queue::claim(core, webhook, 10).await.unwrap().is_empty(), "claimed once");
        })
        .await;
    // An embedded database belongs to one process, so that its claims are those of the dead one.
    if server.core.store.read().get_database_backend() != DbBackend::Sqlite {
        server.core.clock.advance(queue::LEASE);
    }
    let sender = Sender { server, ada, project };
    let delivered = sender.attempted(webhook, 1).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    let [request] = &receiver.requests(1).await[..] else { unreachable!() };
    assert_eq!(Some(request.header("webhook-id")), claimed[0].event_id.map(|id| id.to_string()).as_deref());
}

#[tokio::test]
async fn a_claim_whose_holder_is_gone_is_taken_over_when_its_lease_has_run_out() {
    let sender = Sender::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = sender.webhook(&receiver.url()).await.webhook.id;
    // The endpoint's share is taken: one delivery waits, and another node claims it and dies.
    for n in 0..65 {
        sender.issue(&format!("Issue {n}")).await;
    }
    receiver.answered(64).await;
    let claimed = queue::claim(sender.core(), webhook, 100).await.unwrap();
    let [orphan] = &claimed[..] else { panic!("one delivery waits, not {}", claimed.len()) };
    let attempts = async || sender.core().delivery(&sender.ada, orphan.id).await.unwrap().delivery.attempts;
    let mut elapsed = Duration::ZERO;
    while attempts().await == 0 {
        sender.settle().await;
        // So many that time out disable it; what was claimed elsewhere is none of that.
        let _ = sender.core().enable_webhook(&sender.ada, webhook, Held::Discard).await;
        sender.advance(Duration::from_secs(5));
        elapsed += Duration::from_secs(5);
        assert!(elapsed < 3 * queue::LEASE, "it is never taken over");
    }
    assert!(elapsed > queue::LEASE, "it was taken over after {elapsed:?}, within the lease");
}

#[tokio::test]
async fn a_shutdown_waits_for_a_request_under_way_and_then_makes_it_due_again() {
    let sender = Sender::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = sender.webhook(&receiver.url()).await.webhook.id;
    sender.issue("It breaks").await;
    receiver.answered(1).await;
    let Sender { server, ada, project } = sender;
    let clock = server.core.clock.clone();
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
    let sender = Sender { server, ada, project };
    receiver.answered(2).await;
    assert_eq!(sender.deliveries(webhook).await[0].delivery.attempts, 0);
}
