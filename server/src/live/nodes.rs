//! Live changes between several nodes on one PostgreSQL, sent by `NOTIFY`.
//!
//! A committed change goes to the node's own hub at once and waits in [`Nodes`] until the send loop
//! sends it. It is not sent inside the transaction, because PostgreSQL commits transactions that
//! notify one after the other. Messages that arrive while one notification is sent go out together,
//! so a burst takes few statements. A second loop listens and passes what other nodes send to the
//! hub.
//!
//! PostgreSQL doesn't keep notifications for a node that isn't listening, so every loss must be
//! reported: a batch or a hub says `missed`, and all browsers refetch. The listener does so when it
//! starts to listen and when it can't read a batch. The sender does so after a failure, when its
//! queue overflows, and at its start, because an earlier run may have been killed with messages in
//! its queue. Either loop may therefore be stopped at any point.
//!
//! An embedded database has one process, so none of this runs.

use std::convert::Infallible;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, Executor, PgPool};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Hub;
use super::node_message::{NodeBatch, NodeMessage, pack};
use crate::app_state::AppState;
use crate::storage::report_outage;

/// The PostgreSQL channel.
const CHANNEL: &str = "testbell_live";
/// A longer queue is replaced by `missed`: refetching costs browsers less.
const MAX_QUEUED_MESSAGES: usize = 4096;
/// The listener tests its connection after this long without a notification: a firewall may have
/// dropped it silently.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(60);
/// For that test, and for sending a queue.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest delay between retries while the database is unavailable.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// The queue of messages to other nodes. Cheap to clone.
#[derive(Clone)]
pub struct Nodes {
    queue: Arc<Mutex<NodeQueue>>,
    notify: Arc<Notify>,
}

#[derive(Default)]
struct NodeQueue {
    messages: Vec<NodeMessage>,
    missed: bool,
}

impl Default for Nodes {
    /// Reports a loss at first: an earlier run may have left messages unsent.
    fn default() -> Self {
        let nodes = Self { queue: Arc::default(), notify: Arc::default() };
        nodes.report_loss();
        nodes
    }
}

impl Nodes {
    /// Queues a message to the other nodes. Never blocks: an overflow counts as a loss.
    pub fn queue(&self, message: NodeMessage) {
        let mut queue = self.lock();
        if queue.messages.len() < MAX_QUEUED_MESSAGES {
            queue.messages.push(message);
        } else {
            // A browser that refetches needs no single change.
            *queue = NodeQueue { messages: Vec::new(), missed: true };
        }
        self.notify.notify_one();
    }

    /// Tells the other nodes that messages were lost.
    fn report_loss(&self) {
        self.lock().missed = true;
        self.notify.notify_one();
    }

    fn take(&self) -> NodeQueue {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, NodeQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends and listens until `stop`. Messages queued until then are still sent.
pub async fn run(state: AppState, stop: CancellationToken) {
    let Some(nodes) = state.nodes.clone() else { return };
    tokio::select! {
        () = send_loop(&state, &nodes, &stop) => {}
        never = listen_loop(&state) => match never {},
    }
}

async fn send_loop(state: &AppState, nodes: &Nodes, stop: &CancellationToken) {
    let mut failures = 0;
    loop {
        let last = tokio::select! {
            () = nodes.notify.notified() => false,
            () = stop.cancelled() => true,
        };
        let sent = state.clock.timeout(DATABASE_TIMEOUT, send(state, nodes.take())).await;
        match sent.unwrap_or_else(|| Err(DbErr::Custom("the database did not respond in time".to_owned()))) {
            Ok(()) => failures = 0,
            Err(error) => {
                report_outage(&error, "failed to notify other nodes");
                failures += 1;
                nodes.report_loss();
                tokio::select! {
                    () = state.clock.sleep(backoff(failures)) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        if last {
            return;
        }
    }
}

async fn send(state: &AppState, NodeQueue { messages, missed }: NodeQueue) -> Result<(), DbErr> {
    let texts = pack(state.hub.epoch(), missed, &messages).map_err(|error| DbErr::Json(error.to_string()))?;
    for text in texts {
        let values = [CHANNEL.into(), text.into()];
        let notify = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
        state.store.read().execute_raw(notify).await?;
    }
    Ok(())
}

async fn listen_loop(state: &AppState) -> Infallible {
    let pool = state.store.read().get_postgres_connection_pool();
    let mut failures = 0;
    loop {
        match receive(state, pool, &mut failures).await {
            Ok(()) => tracing::info!("lost the connection that listens for node notifications"),
            Err(error) => {
                report_outage(
                    &DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
                    "failed to listen for node notifications",
                );
                failures += 1;
                state.clock.sleep(backoff(failures)).await;
            }
        }
    }
}

/// Listens until the connection is lost.
async fn receive(state: &AppState, pool: &PgPool, failures: &mut u32) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A reconnect would hide a loss. The loop retries.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    *failures = 0;
    // Earlier notifications were not received.
    state.hub.missed();
    state.store.note_change_elsewhere();
    loop {
        tokio::select! {
            received = listener.try_recv() => match received? {
                Some(notification) => {
                    if apply(&state.hub, notification.payload()) == Access::MayHaveChanged {
                        state.store.note_change_elsewhere();
                    }
                }
                None => return Ok(()),
            },
            () = state.clock.sleep(KEEP_ALIVE_INTERVAL) => {
                let Some(tested) = state.clock.timeout(DATABASE_TIMEOUT, listener.execute("SELECT 1")).await else { return Ok(()) };
                tested?;
            }
        }
    }
}

/// What a notification means for access.
#[derive(Debug, PartialEq, Eq)]
enum Access {
    Unchanged,
    MayHaveChanged,
}

fn apply(hub: &Hub, text: &str) -> Access {
    match serde_json::from_str::<NodeBatch>(text) {
        Ok(batch) if batch.from == hub.epoch() => Access::Unchanged,
        Ok(batch) => {
            if batch.missed {
                hub.missed();
            }
            let is_revocation = |message: &NodeMessage| matches!(message, NodeMessage::Revoked(_));
            let revokes = batch.messages.iter().any(is_revocation);
            batch.messages.into_iter().for_each(|message| hub.apply(message));
            if revokes || batch.missed { Access::MayHaveChanged } else { Access::Unchanged }
        }
        Err(error) => {
            tracing::warn!(%error, "failed to parse a message from another node");
            hub.missed();
            Access::MayHaveChanged
        }
    }
}

/// The delay after so many failures: 1 s, 2 s, 4 s ... 30 s.
fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(5);
    Duration::from_secs(1 << doublings).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use app::model::id::{IssueId, ProjectId};
    use app::model::live::{ChangeKind, ProjectChange};
    use uuid::Uuid;

    use super::*;
    use crate::clock::Clock;

    fn project() -> ProjectId {
        ProjectId(Uuid::from_u128(1))
    }

    fn changed() -> NodeMessage {
        NodeMessage::Changed(ProjectChange {
            project_id: project(),
            kind: ChangeKind::IssueUpdated { issue_id: IssueId(Uuid::from_u128(2)) },
        })
    }

    #[test]
    fn a_queue_that_overflows_reports_a_loss() {
        let nodes = Nodes::default();
        assert!(nodes.take().missed, "an earlier run may have lost messages");
        (0..=MAX_QUEUED_MESSAGES).for_each(|_| nodes.queue(changed()));
        nodes.queue(changed());
        let NodeQueue { messages, missed } = nodes.take();
        assert!(missed && messages == [changed()]);
        assert!(!nodes.take().missed);
    }

    #[test]
    fn unreadable_batches_count_as_missed_but_not_own() {
        let hub = Hub::new("own".into(), Clock::mock(chrono::DateTime::UNIX_EPOCH), 10, 2);
        let mut subscription = hub.subscribe(&[project()], None);
        let changes = &mut subscription.channels[0].1;
        let mut gap_signal = hub.gap_signal();
        let mut missed = || {
            let missed = gap_signal.has_changed().unwrap();
            gap_signal.mark_unchanged();
            missed
        };
        let say = |from, missed| pack(from, missed, &[changed()]).unwrap().remove(0);
        apply(&hub, &say("own", true));
        assert!(changes.try_recv().is_err() && !missed());
        apply(&hub, &say("other", false));
        assert!(changes.try_recv().is_ok() && !missed());
        apply(&hub, &say("other", true));
        assert!(changes.try_recv().is_ok() && missed());
        apply(&hub, "{}");
        assert!(changes.try_recv().is_err() && missed());
    }

    #[test]
    fn retry_delays_grow_up_to_the_maximum() {
        let waits = [1, 2, 3, 6, 7, u32::MAX].map(|failures| backoff(failures).as_secs());
        assert_eq!(waits, [1, 2, 4, 30, 30, 30]);
    }
}
