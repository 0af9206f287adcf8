//! The worker of one endpoint, step by step: no dispatcher runs, and the test decides when a result
//! is recorded.

use std::sync::Arc;
use std::time::Duration;

use app::model::issue::CreateIssue;
use app::model::webhook::{HeldDeliveriesAction, SendTest, UpdateWebhook};
use app::service::{Issues, Webhooks};
use http::StatusCode;
use server::app_state::AppState;
use server::dispatch::attempt_recorder::{self, ClaimResult};
use server::dispatch::concurrency::PermitPool;
use server::dispatch::delivery_queue::{self, ClaimOrder};
use server::dispatch::endpoint::{Endpoint, load_endpoint};
use server::dispatch::endpoint_worker::{DispatchContext, EndpointWorker};
use server::dispatch::local_trouble::TroubleLog;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

fn sending(state: &AppState) -> (DispatchContext, mpsc::Receiver<ClaimResult>) {
    let (results, finished) = mpsc::channel(8);
    let sending = DispatchContext {
        state: state.clone(),
        permits: PermitPool::default(),
        results,
        in_flight: TaskTracker::new(),
        stop: CancellationToken::new(),
        abort: CancellationToken::new(),
        routes: Arc::default(),
        troubles: TroubleLog::default(),
    };
    (sending, finished)
}

async fn write(state: &AppState, finished: ClaimResult) {
    for finished in attempt_recorder::write(state, vec![finished]).await.unwrap() {
        finished.written.send(()).unwrap();
    }
}

#[tokio::test]
async fn held_deliveries_go_on_once_a_result_is_recorded() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| if n == 0 { StatusCode::GONE } else { StatusCode::OK };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    fixture.issue("Held").await;
    let OutboundFixture { server, ada, .. } = fixture;
    let without_dispatcher = async |state: &AppState| {
        let (sending, mut finished) = sending(state);
        let worker = EndpointWorker::new(webhook);
        state.test_webhook(&ada, webhook, SendTest::default()).await.unwrap();
        worker.clone().run(sending.clone()).await;
        let in_flight = finished.recv().await.unwrap();
        assert!(in_flight.claimed.test, "of a disabled webhook only tests are sent");

        state.enable_webhook(&ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
        let _ = state.dispatch.take();
        worker.clone().run(sending.clone()).await;
        assert!(finished.try_recv().is_err(), "held deliveries wait until the test is recorded");
        assert!(state.dispatch.take().is_empty());

        write(state, in_flight).await;
        eventually("a notification of the endpoint", async || state.dispatch.take().contains(&webhook).then_some(()))
            .await;
        let goes_on = tokio::spawn(worker.run(sending));
        let oldest = finished.recv().await.unwrap();
        assert!(!oldest.claimed.test);
        write(state, oldest).await;
        goes_on.await.unwrap();
    };
    let server = server.restart(without_dispatcher).await;
    let requests = receiver.requests(3).await;
    assert_eq!(requests[2].json()["data"]["title"], "Held");
    server.stop().await;
}

#[tokio::test]
async fn a_url_changed_before_the_claim_is_used() {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/old").await.webhook.id;
    let OutboundFixture { server, ada, project, .. } = fixture;
    let without_dispatcher = async |state: &AppState| {
        let new = CreateIssue { title: "Queued before the webhook is read".into(), ..CreateIssue::default() };
        state.create_issue(&ada, project, new).await.unwrap();
        state.clock.advance(Duration::from_secs(1));
        let loaded = load_endpoint(state, webhook).await.unwrap();
        let change = UpdateWebhook { url: Some("http://127.0.0.1:9/new".into()), ..UpdateWebhook::default() };
        state.update_webhook(&ada, webhook, change).await.unwrap();
        let claimed = delivery_queue::claim(state, webhook, ClaimOrder::Due, 1).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let endpoint = loaded.at_claim(state, &claimed).await.unwrap().open(state);
        let Endpoint::Ready(ready) = endpoint else { panic!("no endpoint") };
        assert_eq!(ready.url.path(), "/new");
    };
    server.restart(without_dispatcher).await.stop().await;
}
