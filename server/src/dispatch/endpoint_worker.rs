//! The worker of one endpoint. It counts the due deliveries, takes a permit for each, claims as
//! many, and sends them. Its [`allowance`](super::concurrency::allowance) limits the requests in
//! flight, so an endpoint that hangs fills only its own share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::model::digest::DIGEST_EVENT;
use app::model::id::{EventId, WebhookId};
use futures::FutureExt;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::attempt::{self, AttemptOutcome};
use super::attempt_recorder::{ClaimOutcome, ClaimResult};
use super::concurrency::allowance::{Allowance, EndpointPace, allowance};
use super::concurrency::{EndpointPermits, LoadSignal, PermitPool, RESERVED_IN_FLIGHT_PER_ENDPOINT, SendPermit};
use super::delivery_queue::held::{self, DispatchMode};
use super::delivery_queue::{self, ClaimOrder, Claimed, NO_DIGESTS, PROJECT_REMOVED};
use super::endpoint::{Endpoint, LoadedEndpoint, load_endpoint, projects_of};
use super::local_trouble::{self, LocalTrouble, TroubleLog};
use super::retry::{self, RetryDecision};
use super::turns::Turns;
use crate::app_state::AppState;
use crate::crypto;
use crate::destinations::AttemptResult;
use crate::entity::event;
use crate::entity::webhook::Blocked;
use crate::events::{EventMessage, WEBHOOK_INACTIVE};
use crate::net::RouteMonitor;
use crate::storage::report_outage;

/// A paused endpoint is read again at least this often, so that the worker notices when a user ends
/// the pause early.
const REST_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// What all endpoint workers share.
#[derive(Clone)]
pub struct DispatchContext {
    /// The server's parts.
    pub state: AppState,
    /// The permits that all endpoints share.
    pub permits: PermitPool,
    /// Where results go.
    pub results: mpsc::Sender<ClaimResult>,
    /// The requests in flight.
    pub in_flight: TaskTracker,
    /// Ends the workers.
    pub stop: CancellationToken,
    /// Aborts the requests in flight.
    pub abort: CancellationToken,
    /// Detects that this machine has lost its network.
    pub routes: Arc<RouteMonitor>,
    /// Logs trouble of this machine.
    pub troubles: TroubleLog,
}

impl DispatchContext {
    /// The local trouble that made an attempt fail.
    fn local_trouble(&self, outcome: &AttemptOutcome, timeout: Duration) -> Option<LocalTrouble> {
        let reason = outcome.failure.as_ref()?;
        let is_network_lost = || self.routes.is_network_lost();
        let (elapsed, wall_elapsed) = (outcome.duration, outcome.wall_duration);
        let trouble = local_trouble::local_trouble(reason, timeout, elapsed, wall_elapsed, is_network_lost)?;
        self.troubles.note(trouble, &reason.to_string(), self.state.clock.instant());
        Some(trouble)
    }
}

/// The worker of one endpoint. Cheap to clone.
#[derive(Clone)]
pub struct EndpointWorker {
    webhook: WebhookId,
    permits: EndpointPermits,
    notify: Arc<Notify>,
    /// Whether the next held delivery waits until the results of requests in flight are recorded.
    waiting_for_result: Arc<AtomicBool>,
}

/// What a claimed delivery sends.
enum Content {
    /// An event.
    Event(EventId, Arc<EventMessage>),
    /// The event is no longer stored.
    Missing,
    /// The webhook no longer sends the events of its project.
    Ended,
}

/// The next step of a worker.
enum Step {
    /// Claim and send a delivery for each permit; `all` if these are all due deliveries.
    Send { permits: Vec<SendPermit>, all: bool },
    /// Check again when more may be sent.
    Wait(Wait),
    /// End: nothing is due.
    Idle,
}

/// What a worker waits for.
enum Wait {
    /// The end of a pause.
    Rest(Instant),
    /// The end of one of its own requests.
    Release,
    /// The same, or the next sweep: another endpoint may return a shared permit.
    Pool,
}

impl EndpointWorker {
    /// A worker without requests in flight.
    #[must_use]
    pub fn new(webhook: WebhookId) -> Self {
        Self {
            webhook,
            permits: EndpointPermits::default(),
            notify: Arc::default(),
            waiting_for_result: Arc::default(),
        }
    }

    /// Notifies the worker that something is due, even if it is about to end.
    pub fn notify(&self) {
        self.notify.notify_one();
    }

    /// Whether it was notified since the last call.
    #[must_use]
    pub fn take_notification(&self) -> bool {
        self.notify.notified().now_or_never().is_some()
    }

    /// Whether there are no requests in flight and nothing worth keeping.
    #[must_use]
    pub fn can_be_forgotten(&self, now: Instant) -> bool {
        self.permits.can_be_forgotten(now)
    }

    /// Sends until nothing more is due. A failure of the database ends it; the next sweep restarts
    /// it.
    pub async fn run(self, context: DispatchContext) {
        if let Err(error) = self.send_all(&context).await {
            report_outage(&error, "failed to claim deliveries");
        }
    }

    async fn send_all(&self, context: &DispatchContext) -> Result<(), DbErr> {
        let (state, clock) = (&context.state, &context.state.clock);
        loop {
            let work = state.dispatch.activity().start_running();
            // Clear the notification before reading state, so that a later one triggers another pass.
            let _ = self.take_notification();
            let loaded = load_endpoint(state, self.webhook).await?;
            if let Some(why) = loaded.deleted() {
                while !context.stop.is_cancelled() && delivery_queue::give_up_batch(state, self.webhook, why).await? {}
                return Ok(());
            }
            let turns = Turns::new(loaded.mode(clock.schedule_now()), &loaded.policy());
            let pace = EndpointPace {
                max_in_flight: if turns.mode == DispatchMode::OneAtATime { 1 } else { loaded.max_in_flight() },
                consecutive_failures: loaded.consecutive_failures(),
                learned_limit: self.permits.learned_limit(),
                rest_until: self.permits.rest_until(),
            };
            match self.next_step(context, turns, allowance(pace, clock.instant())).await? {
                Step::Send { permits, all } => {
                    let wanted = permits.len();
                    let claimed = self.send_batch(context, loaded, turns, permits).await?;
                    // If it was too early, the next pass waits.
                    let is_done = claimed.is_some_and(|claimed| all || claimed < wanted);
                    if is_done && !self.take_notification() {
                        return Ok(());
                    }
                }
                Step::Wait(wait) => {
                    drop(work);
                    if context.stop.run_until_cancelled(self.wait(context, wait)).await.is_none() {
                        return Ok(());
                    }
                }
                Step::Idle if self.take_notification() => {}
                Step::Idle => return Ok(()),
            }
            if context.stop.is_cancelled() {
                return Ok(());
            }
        }
    }

    async fn next_step(&self, context: &DispatchContext, turns: Turns, allowance: Allowance) -> Result<Step, DbErr> {
        if let Some(until) = allowance.rest_until {
            return Ok(Step::Wait(Wait::Rest(until)));
        }
        let free = allowance.max_in_flight.saturating_sub(self.permits.in_flight());
        if free == 0 {
            return Ok(Step::Wait(Wait::Release));
        }
        // A rate limit sends one at a time, but doesn't wait for its response.
        let free = if turns.is_limited() { 1 } else { free };
        let due = match turns.mode {
            DispatchMode::Parallel => {
                delivery_queue::count_due(&context.state, self.webhook, turns.order, free).await?
            }
            // Held deliveries are sent one by one; tests are sent by a user.
            DispatchMode::OneAtATime | DispatchMode::Paused | DispatchMode::Disabled => {
                free.min(RESERVED_IN_FLIGHT_PER_ENDPOINT)
            }
        };
        if due == 0 {
            return Ok(Step::Idle);
        }
        let now = context.state.clock.instant();
        let permits = self.permits.acquire(&context.permits, allowance.max_in_flight, due, now);
        if permits.is_empty() {
            return Ok(Step::Wait(Wait::Pool));
        }
        let all = turns.mode == DispatchMode::Parallel && due < free && permits.len() == due;
        Ok(Step::Send { permits, all })
    }

    async fn wait(&self, context: &DispatchContext, wait: Wait) {
        let clock = &context.state.clock;
        match wait {
            Wait::Rest(until) => clock.sleep_until(until.min(clock.instant() + REST_CHECK_INTERVAL)).await,
            Wait::Release => self.permits.released().await,
            Wait::Pool => {
                tokio::select! {
                    () = self.permits.released() => {}
                    () = self.notify.notified() => {}
                }
            }
        }
    }

    /// Claims a delivery for each permit and starts sending. Returns how many it claimed; `None` if the rate limit
    /// allows none yet.
    async fn send_batch(
        &self,
        context: &DispatchContext,
        loaded: LoadedEndpoint,
        turns: Turns,
        permits: Vec<SendPermit>,
    ) -> Result<Option<usize>, DbErr> {
        let state = &context.state;
        let Some(turn) = turns.take(state, self.webhook, &self.permits).await? else { return Ok(None) };
        let limit = u32::try_from(permits.len()).unwrap_or(u32::MAX);
        let claimed = self.claim(state, turns, limit).await?;
        let count = claimed.len();
        if count == 0 {
            turn.unused(state, self.webhook).await?;
            return Ok(Some(0));
        }
        turn.used(state, &self.permits);
        // Return permits without a delivery before reading the events.
        let permits: Vec<_> = permits.into_iter().take(count).collect();
        let loaded = loaded.at_claim(state, &claimed).await?;
        let messages = messages(state, &claimed).await?;
        let projects = claimed.iter().flat_map(|claimed| projects_of(claimed, &messages)).collect();
        let ended = loaded.ended_projects(state, projects).await?;
        let endpoint = Arc::new(loaded.open(state));
        for (claimed, permit) in claimed.into_iter().zip(permits) {
            let event = claimed.event_id.and_then(|id| Some((id, messages.get(&id)?.clone())));
            let content = match projects_of(&claimed, &messages).iter().any(|project| ended.contains(project)) {
                true => Content::Ended,
                false => event.map_or(Content::Missing, |(id, message)| Content::Event(id, message)),
            };
            let (worker, context, endpoint) = (self.clone(), context.clone(), endpoint.clone());
            let span = tracing::info_span!("delivery", delivery = %claimed.id, webhook = %self.webhook);
            let (tracker, work) = (context.in_flight.clone(), state.dispatch.activity().start_sending());
            let sending = async move {
                worker.send_one(&context, &endpoint, turns, permit, (claimed, content)).await;
                drop(work);
            };
            tracker.spawn(sending.instrument(span));
        }
        Ok(Some(count))
    }

    async fn send_one(
        &self,
        context: &DispatchContext,
        endpoint: &Endpoint,
        turns: Turns,
        permit: SendPermit,
        (claimed, content): (Claimed, Content),
    ) {
        let clock = &context.state.clock;
        let outcome = context.abort.run_until_cancelled(attempt_claimed(context, &claimed, endpoint, content)).await;
        let outcome = outcome.unwrap_or(ClaimOutcome::Released);
        if let ClaimOutcome::Attempted(outcome, _) = &outcome {
            permit.learn(LoadSignal::from_attempt(outcome.result == AttemptResult::Success, outcome.duration));
        }
        let pause = match &outcome {
            // It is held again, because nothing newer may be sent before it.
            ClaimOutcome::Postponed(_, delay) if claimed.was_held => Some(*delay),
            ClaimOutcome::Attempted(..) => endpoint.min_interval(),
            _ => None,
        };
        if let Some(pause) = pause {
            self.permits.rest(clock.instant() + pause);
        }
        let (written, is_written) = oneshot::channel();
        // Nobody receives results once the process ends. The lease expires.
        let _ = context.results.send(ClaimResult { claimed, outcome, written }).await;
        let is_one_at_a_time = turns.mode == DispatchMode::OneAtATime;
        // Keep the permit until the result is recorded or lost if the next delivery depends on it.
        let permit = Some(permit).filter(|_| is_one_at_a_time);
        let is_written = is_written.await.is_ok();
        drop(permit);
        let is_awaited = is_written && !is_one_at_a_time && self.waiting_for_result.swap(false, Ordering::SeqCst);
        // The next one of the subject has waited for it.
        if is_awaited || is_written && turns.order == ClaimOrder::BySubject {
            context.state.dispatch.notify(self.webhook);
        }
    }

    async fn claim(&self, state: &AppState, turns: Turns, limit: u32) -> Result<Vec<Claimed>, DbErr> {
        let mode = turns.mode;
        if mode == DispatchMode::Parallel && !turns.is_limited() {
            return delivery_queue::claim(state, self.webhook, turns.order, limit).await;
        }
        let tests = held::claim_tests(state, self.webhook, limit).await?;
        match mode {
            _ if !tests.is_empty() => Ok(tests),
            DispatchMode::Parallel => delivery_queue::claim(state, self.webhook, turns.order, limit).await,
            DispatchMode::OneAtATime => {
                // Set it first, because results may be recorded before or after this claim.
                self.waiting_for_result.store(true, Ordering::SeqCst);
                let oldest = held::claim_oldest(state, self.webhook).await?;
                if oldest.is_some() {
                    self.waiting_for_result.store(false, Ordering::SeqCst);
                }
                Ok(oldest.into_iter().collect())
            }
            DispatchMode::Paused => Ok(Vec::new()),
            DispatchMode::Disabled => {
                while held::hold_more(state, self.webhook).await? {}
                Ok(held::claim_probe(state, self.webhook).await?.into_iter().collect())
            }
        }
    }
}

async fn attempt_claimed(
    context: &DispatchContext,
    claimed: &Claimed,
    endpoint: &Endpoint,
    content: Content,
) -> ClaimOutcome {
    if let Endpoint::Deleted(why) = endpoint {
        return ClaimOutcome::Cancelled(why);
    }
    // It was disabled or deactivated after the claim.
    match endpoint.blocked() {
        Some(Blocked::Held) if !claimed.test && !claimed.is_probe => return ClaimOutcome::Held,
        Some(Blocked::Dropped) if !claimed.test => return ClaimOutcome::Cancelled(WEBHOOK_INACTIVE),
        _ => {}
    }
    let (id, message) = match content {
        Content::Event(id, message) => (id, message),
        Content::Missing => return ClaimOutcome::GivenUp("The event is no longer stored."),
        Content::Ended => return ClaimOutcome::Cancelled(PROJECT_REMOVED),
    };
    if claimed.event_type == DIGEST_EVENT && !endpoint.has_digests() {
        return ClaimOutcome::Cancelled(NO_DIGESTS);
    }
    let outcome = attempt::send(&context.state, endpoint, claimed.id, (id, &message)).await;
    let jitter = f64::from(u32::from_ne_bytes(crypto::random_bytes())) / f64::from(u32::MAX);
    let policy = endpoint.policy();
    if let Some(trouble) = context.local_trouble(&outcome, policy.timeout()) {
        return ClaimOutcome::Postponed(trouble, local_trouble::retry_delay(jitter));
    }
    let made = (claimed.attempts - claimed.paused_attempts).unsigned_abs() + 1;
    let decision = match retry::decide(&policy, made, &outcome.result, jitter) {
        // The user who sent a test sees its result, and can send another one.
        RetryDecision::RetryAfter(_) if claimed.test => RetryDecision::Failed,
        decision => decision,
    };
    ClaimOutcome::Attempted(Box::new(outcome), decision)
}

/// The events of a batch.
async fn messages(state: &AppState, claimed: &[Claimed]) -> Result<HashMap<EventId, Arc<EventMessage>>, DbErr> {
    let ids = claimed.iter().filter_map(|delivery| delivery.event_id);
    let stored = event::Entity::find().filter(event::Column::Id.is_in(ids)).filter(event::Column::ErasedAt.is_null());
    let events = stored.all(state.store.read()).await?;
    Ok(events.into_iter().map(|event| (event.id, Arc::new(EventMessage::new(event.body.into())))).collect())
}
