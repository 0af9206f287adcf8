//! Several nodes on one PostgreSQL: each tells the others what its browsers are told, by `NOTIFY`.
//!
//! What is durable goes to the own hub at once and waits in [`Nodes`] for a loop that sends it. It
//! is not sent inside the change: PostgreSQL commits transactions that notify one after the other.
//! What gathers while one notification is sent goes out together, so that a burst is few
//! statements. Another loop listens and hands what others say to the own hub.
//!
//! Notifications are not kept for who does not listen, so each loss must show. Whoever lost
//! something says `missed`, and every open stream has its browser read everything again: the
//! listener when it begins to listen anew, and when it is told what it can't read; the sender to
//! all others after a failure, when too much waits, and at its start, since an earlier run may have
//! been killed with something unsaid. Either loop so may be ended at any line.
//!
//! An embedded database has one process: nothing of this runs, and nothing waits.

use std::convert::Infallible;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, Executor, PgPool};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Hub;
use super::notice::{Notice, Said, pack};
use crate::core::Core;

/// The name that all nodes listen to.
const CHANNEL: &str = "testbell_live";
/// What may wait to be said. Whoever hears nothing but `missed` reads no more than for so many.
const WAITING: usize = 4096;
/// After this long without a word the listener's connection is tried: a firewall may have
/// forgotten it without telling anybody.
const QUIET: Duration = Duration::from_secs(60);
/// How long the database may take for that, and for what is said.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest wait before another try while the database is away.
const LONGEST: Duration = Duration::from_secs(30);

/// What the other nodes are to be told. Cheap to clone.
#[derive(Clone)]
pub struct Nodes {
    waiting: Arc<Mutex<Waiting>>,
    bell: Arc<Notify>,
}

#[derive(Default)]
struct Waiting {
    said: Vec<Said>,
    missed: bool,
}

impl Default for Nodes {
    /// Of an earlier run something may be unsaid.
    fn default() -> Self {
        let nodes = Self { waiting: Arc::default(), bell: Arc::default() };
        nodes.lost();
        nodes
    }
}

impl Nodes {
    /// Has the other nodes told. Neither blocks nor fails: what finds no room counts as missed.
    pub fn tell(&self, said: Said) {
        let mut waiting = self.lock();
        if waiting.said.len() < WAITING {
            waiting.said.push(said);
        } else {
            // Whoever reads everything again needs no single change.
            *waiting = Waiting { said: Vec::new(), missed: true };
        }
        self.bell.notify_one();
    }

    /// Has the other nodes told that something was lost.
    fn lost(&self) {
        self.lock().missed = true;
        self.bell.notify_one();
    }

    fn take(&self) -> Waiting {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells and listens until `stop`; what is said until then is sent.
pub async fn run(core: Core, stop: CancellationToken) {
    let Some(nodes) = core.nodes.clone() else { return };
    tokio::select! {
        () = speak(&core, &nodes, &stop) => {}
        never = listen(&core) => match never {},
    }
}

async fn speak(core: &Core, nodes: &Nodes, stop: &CancellationToken) {
    let mut failures = 0;
    loop {
        let last = tokio::select! {
            () = nodes.bell.notified() => false,
            () = stop.cancelled() => true,
        };
        let sent = core.clock.timeout(PATIENCE, send(core, nodes.take())).await;
        match sent.unwrap_or_else(|| Err(DbErr::Custom("the database did not answer in time".to_owned()))) {
            Ok(()) => failures = 0,
            Err(error) => {
                tracing::warn!(%error, "the other nodes could not be told what changed");
                failures += 1;
                nodes.lost();
                // Until then what comes gathers.
                tokio::select! {
                    () = core.clock.sleep(backoff(failures)) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        if last {
            return;
        }
    }
}

async fn send(core: &Core, Waiting { said, missed }: Waiting) -> Result<(), DbErr> {
    let texts = pack(core.hub.epoch(), missed, &said).map_err(|error| DbErr::Json(error.to_string()))?;
    for text in texts {
        let values = [CHANNEL.into(), text.into()];
        let notify = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
        core.store.read().execute_raw(notify).await?;
    }
    Ok(())
}

async fn listen(core: &Core) -> Infallible {
    let pool = core.store.read().get_postgres_connection_pool();
    let mut failures = 0;
    loop {
        match hear(core, pool, &mut failures).await {
            Ok(()) => tracing::info!("the connection that listens to other nodes was lost"),
            Err(error) => {
                tracing::warn!(%error, "other nodes can't be heard");
                failures += 1;
                core.clock.sleep(backoff(failures)).await;
            }
        }
    }
}

/// Listens until the connection is lost.
async fn hear(core: &Core, pool: &PgPool, failures: &mut u32) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A loss must show, and who tries again is the loop.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    *failures = 0;
    // What others said until now was not heard.
    core.hub.missed();
    loop {
        tokio::select! {
            heard = listener.try_recv() => match heard? {
                Some(notification) => understand(&core.hub, notification.payload()),
                None => return Ok(()),
            },
            () = core.clock.sleep(QUIET) => {
                let Some(tried) = core.clock.timeout(PATIENCE, listener.execute("SELECT 1")).await else { return Ok(()) };
                tried?;
            }
        }
    }
}

fn understand(hub: &Hub, text: &str) {
    match serde_json::from_str::<Notice>(text) {
        Ok(notice) if notice.from == hub.epoch() => {}
        Ok(notice) => {
            if notice.missed {
                hub.missed();
            }
            notice.said.into_iter().for_each(|said| hub.hear(said));
        }
        Err(error) => {
            tracing::warn!(%error, "another node said what this one can't read");
            hub.missed();
        }
    }
}

/// Before the next try after so many failures: 1 s, 2 s, 4 s ... 30 s.
fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(5);
    Duration::from_secs(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use app::model::id::{IssueId, ProjectId};
    use app::model::live::{Change, What};
    use uuid::Uuid;

    use super::*;

    fn project() -> ProjectId {
        ProjectId(Uuid::from_u128(1))
    }

    fn changed() -> Said {
        Said::Changed(Change {
            project_id: project(),
            what: What::IssueUpdated { issue_id: IssueId(Uuid::from_u128(2)) },
        })
    }

    #[test]
    fn a_queue_that_overflows_says_that_something_was_missed_and_goes_on() {
        let nodes = Nodes::default();
        assert!(nodes.take().missed, "of an earlier run");
        (0..=WAITING).for_each(|_| nodes.tell(changed()));
        nodes.tell(changed());
        let Waiting { said, missed } = nodes.take();
        assert!(missed && said == [changed()]);
        assert!(!nodes.take().missed);
    }

    #[test]
    fn others_are_believed_the_own_is_ignored_and_what_is_unreadable_counts_as_missed() {
        let hub = Hub::new("own".into(), 10, 2);
        let (mut changes, _) = hub.subscribe(project(), None);
        let mut gaps = hub.gaps();
        let mut missed = || {
            let missed = gaps.has_changed().unwrap();
            gaps.mark_unchanged();
            missed
        };
        let say = |from, missed| pack(from, missed, &[changed()]).unwrap().remove(0);
        understand(&hub, &say("own", true));
        assert!(changes.try_recv().is_err() && !missed());
        understand(&hub, &say("other", false));
        assert!(changes.try_recv().is_ok() && !missed());
        understand(&hub, &say("other", true));
        assert!(changes.try_recv().is_ok() && missed());
        understand(&hub, "{}");
        assert!(changes.try_recv().is_err() && missed());
    }

    #[test]
    fn tries_grow_rare_while_the_database_is_away() {
        let waits = [1, 2, 3, 6, 7, u32::MAX].map(|failures| backoff(failures).as_secs());
        assert_eq!(waits, [1, 2, 4, 30, 30, 30]);
    }
}
