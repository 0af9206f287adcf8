//! The lane of one endpoint, step by step: no dispatcher runs, and what came of a request is
//! written when the test says so.

use std::sync::Arc;

use app::model::webhook::Held;
use app::service::Webhooks;
use http::StatusCode;
use server::core::Core;
use server::dispatch::lane::{Lane, Sending};
use server::dispatch::record::{self, Finished};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::eventually;
use crate::support::outbound::Sender;
use crate::support::receiver::Receiver;

fn sending(core: &Core) -> (Sending, mpsc::Receiver<Finished>) {
    let (results, finished) = mpsc::channel(8);
    let sending = Sending {
        core: core.clone(),
        places: Arc::new(Semaphore::new(64)),
        results,
        under_way: TaskTracker::new(),
        stop: CancellationToken::new(),
        cut: CancellationToken::new(),
    };
    (sending, finished)
}

async fn write(core: &Core, finished: Finished) {
    for finished in record::write(core, vec![finished]).await.unwrap() {
        finished.written.send(()).unwrap();
    }
}

#[tokio::test]
async fn a_backlog_that_was_held_up_goes_on_at_once_when_what_was_under_way_is_written() {
    let sender = Sender::start().await;
    let answer = |n| if n < 10 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let receiver = Receiver::answering(answer).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.disable(webhook).await;
    sender.issue("Held").await;
    let Sender { server, ada, .. } = sender;
    let without_dispatcher = async |core: &Core| {
        let (sending, mut finished) = sending(core);
        let lane = Lane::new(webhook);
        core.test_webhook(&ada, webhook).await.unwrap();
        lane.clone().run(sending.clone()).await;
        let under_way = finished.recv().await.unwrap();
        assert!(under_way.claimed.test, "of a disabled webhook only tests are sent");

        core.enable_webhook(&ada, webhook, Held::Send).await.unwrap();
        let _ = core.dispatch.take();
        lane.clone().run(sending.clone()).await;
        assert!(finished.try_recv().is_err(), "the backlog waits until the test is written");
        assert!(core.dispatch.take().is_empty());

        write(core, under_way).await;
        eventually("the endpoint's bell", async || core.dispatch.take().contains(&webhook).then_some(())).await;
        let goes_on = tokio::spawn(lane.run(sending));
        let oldest = finished.recv().await.unwrap();
        assert!(!oldest.claimed.test);
        write(core, oldest).await;
        goes_on.await.unwrap();
    };
    let server = server.restart(without_dispatcher).await;
    let requests = receiver.requests(12).await;
    assert_eq!(requests[11].json()["data"]["title"], "Held");
    server.stop().await;
}
