//! The lane of one endpoint: it claims what is due, no more than it has room for, and sends it.
//! Each endpoint has its own share of what may be under way, and a smaller one while it fails:
//! an endpoint that hangs fills its share, and no other waits for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::model::id::{EventId, WebhookId};
use app::model::webhook::WebhookKind;
use bytes::Bytes;
use futures::FutureExt;
use http::StatusCode;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::backlog::{self, Gate};
use super::endpoint::{self, Endpoint};
use super::queue::{self, Claimed};
use super::record::{Came, Finished};
use super::retry::{self, Verdict};
use super::sender;
use crate::core::Core;
use crate::crypto;
use crate::entity::event;

/// Requests under way at one endpoint. A claim takes as many, and each claim waits for a commit:
/// with fewer, a busy endpoint would wait for the disk more than for its requests.
const SHARE: usize = 64;
/// What a request takes of the share while a backlog goes out in order, and at Slack: all of it.
const WHOLE_SHARE: u32 = 64;
const _: () = assert!(WHOLE_SHARE as usize == SHARE);
/// What a request takes of the share while the endpoint fails: then four are under way.
const COST_WHILE_FAILING: u32 = 16;
/// Failed attempts in a row from which on an endpoint counts as failing.
const FAILING: i32 = 3;

/// How far apart messages to a Slack webhook are at the least, as Slack asks for
/// (<https://docs.slack.dev/apis/web-api/rate-limits#overview>).
const SLACK_PAUSE: Duration = Duration::from_secs(1);
/// How long a Slack webhook is left alone at the most when it asks to be.
const SLACK_PAUSE_MAX: Duration = Duration::from_secs(60);

/// What all lanes share.
#[derive(Clone)]
pub struct Sending {
    /// The server's parts.
    pub core: Core,
    /// Requests under way in all.
    pub places: Arc<Semaphore>,
    /// Where results go.
    pub results: mpsc::Sender<Finished>,
    /// The requests under way.
    pub under_way: TaskTracker,
    /// Ends the lanes.
    pub stop: CancellationToken,
    /// Ends the requests under way.
    pub cut: CancellationToken,
}

/// The lane of one endpoint. Cheap to clone.
#[derive(Clone)]
pub struct Lane {
    webhook: WebhookId,
    share: Arc<Semaphore>,
    bell: Arc<Notify>,
    /// Whether the backlog waits for what is under way to be written.
    held_up: Arc<AtomicBool>,
}

/// The right to send one delivery; given back when dropped.
struct Place {
    of_share: OwnedSemaphorePermit,
    of_all: OwnedSemaphorePermit,
}

impl Lane {
    /// A lane with nothing under way.
    #[must_use]
    pub fn new(webhook: WebhookId) -> Self {
        Self { webhook, share: Arc::new(Semaphore::new(SHARE)), bell: Arc::default(), held_up: Arc::default() }
    }

    /// Says that something is due. It is heard also by a lane that is about to end.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Whether it was rung since it last looked.
    #[must_use]
    pub fn was_rung(&self) -> bool {
        self.bell.notified().now_or_never().is_some()
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.share.available_permits() == SHARE
    }

    /// Sends until nothing more is due. Failures of the database end it; the next round of the
    /// dispatcher starts it again.
    pub async fn run(self, sending: Sending) {
        let slack = match endpoint::kind(&sending.core, self.webhook).await {
            Ok(kind) => kind == Some(WebhookKind::Slack),
            Err(error) => {
                tracing::error!(%error, webhook = %self.webhook, "an endpoint could not be read");
                return;
            }
        };
        // One at a time, so that the pause after it is one between all of them.
        let mut cost = if slack { WHOLE_SHARE } else { 1 };
        while let Some((gate, mut places)) = self.enter(&sending, cost).await {
            match self.send_batch(&sending, gate, &mut places).await {
                Ok(Some(consecutive_failures)) => {
                    if !slack {
                        cost = if consecutive_failures >= FAILING { COST_WHILE_FAILING } else { 1 };
                    }
                    let all_used = places.is_empty();
                    if !all_used && !self.was_rung() {
                        return;
                    }
                }
                Ok(None) if self.was_rung() => {}
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(%error, webhook = %self.webhook, "deliveries could not be claimed");
                    return;
                }
            }
        }
    }

    /// What may be sent, and places for it; `None` when the lane is to end.
    async fn enter(&self, sending: &Sending, cost: u32) -> Option<(Gate, Vec<Place>)> {
        // Whoever rings from here on may mean what the gate and the claim after it do not see.
        let _ = self.was_rung();
        let gate = match backlog::gate(sending.core.store.read(), self.webhook).await {
            Ok(gate) => gate,
            Err(error) => {
                tracing::error!(%error, webhook = %self.webhook, "an endpoint could not be read");
                return None;
            }
        };
        let cost = if gate == Gate::Backlog { WHOLE_SHARE } else { cost };
        Some((gate, self.places(sending, cost).await?))
    }

    /// As many places as are free, at least one; `None` when the lanes are to end.
    async fn places(&self, sending: &Sending, cost: u32) -> Option<Vec<Place>> {
        let first = async {
            let of_share = self.share.clone().acquire_many_owned(cost).await.ok()?;
            let of_all = sending.places.clone().acquire_owned().await.ok()?;
            Some(Place { of_share, of_all })
        };
        let first = sending.stop.run_until_cancelled(first).await??;
        let mut places = vec![first];
        while let Ok(of_share) = self.share.clone().try_acquire_many_owned(cost)
            && let Ok(of_all) = sending.places.clone().try_acquire_owned()
        {
            places.push(Place { of_share, of_all });
        }
        Some(places)
    }

    /// Claims a batch and starts to send it, taking a place for each delivery. Tells how many
    /// attempts have failed in a row, or `None` when nothing was due.
    async fn send_batch(&self, sending: &Sending, gate: Gate, places: &mut Vec<Place>) -> Result<Option<i32>, DbErr> {
        let core = &sending.core;
        let limit = u32::try_from(places.len()).unwrap_or(u32::MAX);
        let claimed = self.claim(core, gate, limit).await?;
        if claimed.is_empty() {
            return Ok(None);
        }
        let endpoint = Arc::new(Endpoint::read(core, self.webhook).await?);
        let bodies = bodies(core, &claimed).await?;
        for (claimed, place) in claimed.into_iter().zip(std::iter::from_fn(|| places.pop())) {
            let event = claimed.event_id.and_then(|id| Some((id, bodies.get(&id)?.clone())));
            let (sending, endpoint) = (sending.clone(), endpoint.clone());
            let tracker = sending.under_way.clone();
            let (written, is_written) = oneshot::channel();
            let lane = self.clone();
            tracker.spawn(async move {
                let came = sending.cut.run_until_cancelled(attempt(&sending.core, &claimed, &endpoint, event)).await;
                let came = came.unwrap_or(Came::Released);
                let pause = endpoint.pause(&came);
                // Nobody takes results any more once the process ends; the lease runs out.
                let _ = sending.results.send(Finished { claimed, came, written }).await;
                let mut is_written = Some(is_written);
                if gate == Gate::Backlog
                    && let Some(is_written) = is_written.take()
                {
                    // The next one waits for what came of this one, written or lost.
                    let _ = is_written.await;
                }
                let Place { of_share, of_all } = place;
                drop(of_all);
                if let Some(pause) = pause {
                    sending.stop.run_until_cancelled(sending.core.clock.sleep(pause)).await;
                }
                drop(of_share);
                if let Some(is_written) = is_written
                    && is_written.await.is_ok()
                    && lane.held_up.swap(false, Ordering::SeqCst)
                {
                    sending.core.dispatch.endpoint(lane.webhook);
                }
            });
        }
        Ok(Some(endpoint.consecutive_failures()))
    }
}

impl Lane {
    async fn claim(&self, core: &Core, gate: Gate, limit: u32) -> Result<Vec<Claimed>, DbErr> {
        if gate == Gate::Open {
            return queue::claim(core, self.webhook, limit).await;
        }
        let tests = backlog::claim_tests(core, self.webhook, limit).await?;
        match gate {
            _ if !tests.is_empty() => Ok(tests),
            Gate::Backlog => {
                // Noted first: what is under way may be written before this claim or after it.
                self.held_up.store(true, Ordering::SeqCst);
                let oldest = backlog::claim_oldest(core, self.webhook).await?;
                if oldest.is_some() {
                    self.held_up.store(false, Ordering::SeqCst);
                }
                Ok(oldest.into_iter().collect())
            }
            Gate::Open | Gate::Closed => {
                while backlog::hold_more(core, self.webhook).await? {}
                Ok(Vec::new())
            }
        }
    }
}

impl Endpoint {
    /// How long nothing more is sent after an attempt.
    fn pause(&self, came: &Came) -> Option<Duration> {
        match (self, came) {
            (Self::At { kind: WebhookKind::Slack, .. }, Came::Attempted(outcome, _)) => {
                let limited = outcome.status == Some(StatusCode::TOO_MANY_REQUESTS.as_u16());
                let asked = outcome.retry_after.filter(|_| limited).unwrap_or_default();
                Some(asked.clamp(SLACK_PAUSE, SLACK_PAUSE_MAX))
            }
            _ => None,
        }
    }
}

async fn attempt(core: &Core, claimed: &Claimed, endpoint: &Endpoint, event: Option<(EventId, Bytes)>) -> Came {
    if let Endpoint::Gone(why) = endpoint {
        return Came::GivenUp(why);
    }
    // Disabled since it was claimed.
    if endpoint.is_disabled() && !claimed.test {
        return Came::Held;
    }
    let Some((id, body)) = event else { return Came::GivenUp("The event is no longer stored.") };
    let outcome = sender::send(core, endpoint, id, body).await;
    let made = claimed.attempts.unsigned_abs() + 1;
    let chance = f64::from(u32::from_ne_bytes(crypto::fill())) / f64::from(u32::MAX);
    let verdict = match retry::judge(made, outcome.judged_status(), outcome.retry_after, chance) {
        // Whoever sent a test by hand looks at what came of it, and sends another.
        Verdict::Again(_) if claimed.test => Verdict::Failed,
        verdict => verdict,
    };
    Came::Attempted(Box::new(outcome), verdict)
}

/// The envelopes of a batch.
async fn bodies(core: &Core, claimed: &[Claimed]) -> Result<HashMap<EventId, Bytes>, DbErr> {
    let ids = claimed.iter().filter_map(|delivery| delivery.event_id);
    let events = event::Entity::find().filter(event::Column::Id.is_in(ids)).all(core.store.read()).await?;
    Ok(events.into_iter().map(|event| (event.id, event.body.into())).collect())
}
