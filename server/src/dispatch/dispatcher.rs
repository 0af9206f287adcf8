//! The loop that runs a worker for each endpoint with due deliveries. A lost notification is
//! harmless: the [`sweep`] finds such endpoints once a second.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use app::model::id::WebhookId;
use tokio::sync::mpsc;
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::attempt_recorder;
use super::concurrency::PermitPool;
use super::delivery_queue::{startup, sweep};
use super::endpoint_worker::{DispatchContext, EndpointWorker};
use super::local_trouble::TroubleLog;
use crate::app_state::AppState;
use crate::storage::report_outage;

/// How often workers that are no longer needed are dropped.
const FORGET_INTERVAL: Duration = Duration::from_secs(60);
/// The maximum number of results in the queue of the recorder. When it is full, requests keep their
/// permits.
const MAX_RESULTS: usize = 256;
/// How long requests in flight may continue at a shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends due deliveries until `shutdown`. Then it waits up to [`SHUTDOWN_TIMEOUT`] for requests in
/// flight, and releases the rest.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let starting = state.dispatch.activity().start_running();
    let (results, received) = mpsc::channel(MAX_RESULTS);
    let recording = tokio::spawn(attempt_recorder::run(state.clone(), received));
    let context = DispatchContext {
        state: state.clone(),
        permits: PermitPool::limited(state.descriptors.deliveries),
        results,
        in_flight: TaskTracker::new(),
        stop: shutdown.clone(),
        abort: CancellationToken::new(),
        routes: Arc::default(),
        troubles: TroubleLog::default(),
    };
    if let Err(error) = startup::release(&state).await {
        // They are due once their leases expire.
        report_outage(&error, "failed to release the deliveries of the previous process");
    }
    let sweeping = tokio::spawn(sweep::run(state, shutdown.clone()));
    let mut dispatcher = Dispatcher { context, workers: HashMap::new(), running: JoinSet::new() };
    drop(starting);
    dispatcher.run(&shutdown).await;
    dispatcher.end().await;
    if sweeping.await.is_err() {
        tracing::error!("queue sweep panicked");
    }
    if recording.await.is_err() {
        tracing::error!("attempt recorder panicked");
    }
}

struct Dispatcher {
    context: DispatchContext,
    /// The workers, each with its task if it runs.
    workers: HashMap<WebhookId, (EndpointWorker, Option<task::Id>)>,
    running: JoinSet<()>,
}

impl Dispatcher {
    async fn run(&mut self, shutdown: &CancellationToken) {
        let state = self.context.state.clone();
        let mut forget_at = state.clock.instant() + FORGET_INTERVAL;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = state.dispatch.notified() => state.dispatch.take().into_iter().for_each(|webhook| self.start(webhook)),
                Some(ended) = self.running.join_next_with_id() => self.ended(ended),
                () = state.clock.sleep_until(forget_at) => {
                    let now = state.clock.instant();
                    forget_at = now + FORGET_INTERVAL;
                    self.workers.retain(|_, (worker, task)| task.is_some() || !worker.can_be_forgotten(now));
                }
            }
        }
    }

    /// Starts the worker of an endpoint, or notifies it if it runs.
    fn start(&mut self, webhook: WebhookId) {
        let (worker, task) = self.workers.entry(webhook).or_insert_with(|| (EndpointWorker::new(webhook), None));
        if task.is_some() {
            worker.notify();
        } else {
            *task = Some(self.running.spawn(worker.clone().run(self.context.clone())).id());
        }
    }

    fn ended(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "endpoint worker panicked");
                error.id()
            }
        };
        let Some((&webhook, (worker, task))) = self.workers.iter_mut().find(|(_, (_, task))| *task == Some(id)) else {
            return;
        };
        *task = None;
        if worker.take_notification() {
            self.start(webhook);
        }
    }

    async fn end(mut self) {
        while self.running.join_next().await.is_some() {}
        let DispatchContext { state, in_flight, abort, .. } = &self.context;
        in_flight.close();
        if state.clock.timeout(SHUTDOWN_TIMEOUT, in_flight.wait()).await.is_none() {
            abort.cancel();
            in_flight.wait().await;
        }
    }
}
