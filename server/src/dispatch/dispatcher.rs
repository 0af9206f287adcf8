//! The loop that starts lanes: for the endpoints it is told of, and, once a second, for those it
//! finds in the queue. It takes no input that could be lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use app::model::id::WebhookId;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lane::{Lane, Sending};
use super::{backlog, queue, record};
use crate::core::Core;
use crate::entity::delivery;

/// How often the queue is looked through for what nobody rang for: retries, expired leases, what
/// another node queued.
const SWEEP: Duration = Duration::from_secs(1);
/// The most endpoints that one sweep starts.
const SWEEP_MAX: u32 = 1024;
/// How often the queue is counted for the metrics.
const COUNT: Duration = Duration::from_secs(10);
/// Requests under way over all endpoints.
const PLACES: usize = 512;
/// Results that may wait to be written; then requests wait in their places.
const RESULTS: usize = 256;
/// How long requests under way may go on after the server was told to end.
const GRACE: Duration = Duration::from_secs(5);

/// Sends what is due until `shutdown`; then lets requests under way end for [`GRACE`] and makes
/// the rest due again.
pub async fn run(core: Core, shutdown: CancellationToken) {
    let (results, received) = mpsc::channel(RESULTS);
    let recording = tokio::spawn(record::run(core.clone(), received));
    let sending = Sending {
        core: core.clone(),
        places: Arc::new(Semaphore::new(PLACES)),
        results,
        under_way: TaskTracker::new(),
        stop: shutdown.clone(),
        cut: CancellationToken::new(),
    };
    if let Err(error) = release_left_behind(&core).await {
        // They are due once their leases have run out.
        tracing::error!(%error, "deliveries that were under way could not be released");
    }
    let mut dispatcher = Dispatcher { sending, lanes: HashMap::new(), running: JoinSet::new() };
    dispatcher.run(&shutdown).await;
    dispatcher.end().await;
    if recording.await.is_err() {
        tracing::error!("the results of the last requests could not be written");
    }
}

struct Dispatcher {
    sending: Sending,
    /// Those that run, by their tasks, or have something under way.
    lanes: HashMap<WebhookId, (Lane, Option<task::Id>)>,
    running: JoinSet<()>,
}

impl Dispatcher {
    async fn run(&mut self, shutdown: &CancellationToken) {
        let core = self.sending.core.clone();
        let (mut sweep_at, mut count_at) = (core.clock.now(), core.clock.now());
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = core.dispatch.rung() => core.dispatch.take().into_iter().for_each(|webhook| self.start(webhook)),
                Some(ended) = self.running.join_next_with_id() => self.ended(ended),
                () = core.clock.sleep_until(sweep_at) => {
                    sweep_at = core.clock.now() + SWEEP;
                    self.sweep(&mut count_at).await;
                }
            }
        }
    }

    /// Starts the lane of an endpoint, or tells it if it runs.
    fn start(&mut self, webhook: WebhookId) {
        let (lane, task) = self.lanes.entry(webhook).or_insert_with(|| (Lane::new(webhook), None));
        if task.is_some() {
            lane.ring();
        } else {
            *task = Some(self.running.spawn(lane.clone().run(self.sending.clone())).id());
        }
    }

    fn ended(&mut self, ended: Result<(task::Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a lane broke off");
                error.id()
            }
        };
        let Some((&webhook, (lane, task))) = self.lanes.iter_mut().find(|(_, (_, task))| *task == Some(id)) else {
            return;
        };
        *task = None;
        if lane.was_rung() {
            self.start(webhook);
        }
    }

    async fn sweep(&mut self, count_at: &mut DateTime<Utc>) {
        let core = &self.sending.core;
        let now = core.clock.now();
        if now >= *count_at {
            *count_at = now + COUNT;
            count(core).await;
        }
        self.lanes.retain(|_, (lane, task)| task.is_some() || !lane.is_idle());
        let db = core.store.read();
        for found in [queue::due(db, now, SWEEP_MAX).await, backlog::waiting(db, SWEEP_MAX).await] {
            match found {
                Ok(webhooks) => webhooks.into_iter().for_each(|webhook| self.start(webhook)),
                Err(error) => tracing::error!(%error, "the queue could not be read"),
            }
        }
    }

    async fn end(mut self) {
        while self.running.join_next().await.is_some() {}
        let Sending { core, under_way, cut, .. } = &self.sending;
        under_way.close();
        if core.clock.timeout(GRACE, under_way.wait()).await.is_none() {
            cut.cancel();
            under_way.wait().await;
        }
    }
}

/// An embedded database has one process: what is claimed at its start was left by a crash.
async fn release_left_behind(core: &Core) -> Result<(), DbErr> {
    let db = core.store.read();
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let end_of_leases = core.clock.now() + queue::LEASE;
    for webhook in queue::due(db, end_of_leases, u32::MAX).await? {
        queue::release_all(core, webhook).await?;
    }
    Ok(())
}

async fn count(core: &Core) {
    let waiting = delivery::Entity::find().filter(delivery::Column::NextAttemptAt.is_not_null());
    match waiting.count(core.store.read()).await {
        #[allow(clippy::cast_precision_loss, reason = "a gauge")]
        Ok(waiting) => metrics::gauge!("testbell_queue_depth").set(waiting as f64),
        Err(error) => tracing::error!(%error, "the queue could not be counted"),
    }
}
