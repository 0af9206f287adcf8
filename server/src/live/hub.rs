//! The hub: numbers changes, keeps the latest, and tells the open streams.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::id::{ProjectId, UserId};
use app::model::live::Change;
use tokio::sync::{broadcast, watch};

use super::Said;
use super::seats::{Refusal, Seat, Seats};

/// Changes that are kept for those who reconnect.
const RING: usize = 2048;
/// Changes that a slow stream may lag behind before it is told to read everything again.
const LAG: usize = 1024;

/// A change with its number.
#[derive(Clone, Debug)]
pub struct Sequenced {
    /// Ascending since the start of the server; by one, except after a loss.
    pub number: u64,
    /// What changed.
    pub change: Change,
}

/// What a reconnecting browser missed.
#[derive(Clone, Debug, Default)]
pub struct CatchUp {
    /// The changes since its last one, as far as they are kept.
    pub changes: Vec<Sequenced>,
    /// Whether some are no longer kept.
    pub missed: bool,
    /// The number of the latest change there is.
    pub latest: u64,
}

/// See the [module](super). Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    /// Tells one start of the server from another, so that numbers are not mixed up.
    epoch: String,
    seats: Seats,
    sender: broadcast::Sender<Sequenced>,
    gaps: watch::Sender<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    latest: u64,
    ring: VecDeque<Sequenced>,
}

impl Hub {
    /// A hub for `max_streams` streams in all and `max_per_user` of one user.
    #[must_use]
    pub fn new(epoch: String, max_streams: usize, max_per_user: usize) -> Self {
        let sender = broadcast::Sender::new(LAG);
        let gaps = watch::Sender::new(());
        let seats = Seats::new(max_streams, max_per_user);
        Self { shared: Arc::new(Shared { epoch, seats, sender, gaps, state: Mutex::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells this start of the server from every other, on every node.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.shared.epoch
    }

    /// Does what was said, here or on another node.
    pub fn hear(&self, said: Said) {
        match said {
            Said::Changed(change) => self.publish(change),
            Said::Removed { project_id, user_id } => self.end(project_id, user_id),
        }
    }

    /// Numbers a change, keeps it, and tells the open streams.
    pub fn publish(&self, change: Change) {
        let mut state = self.state();
        state.latest += 1;
        let change = Sequenced { number: state.latest, change };
        if state.ring.len() == RING {
            state.ring.pop_front();
        }
        state.ring.push_back(change.clone());
        // Sent under the lock, so that the order of the numbers is the order of the messages.
        // Without a receiver there is nobody to tell.
        let _ = self.shared.sender.send(change);
    }

    /// Says that changes were lost that nobody here knows: open streams have everything read
    /// again, and so have those that reconnect.
    pub fn missed(&self) {
        let mut state = self.state();
        // A number that nobody has seen yet and an empty ring: whoever comes back is behind it.
        state.latest += 1;
        state.ring.clear();
        self.shared.gaps.send_replace(());
    }

    /// Ends the open streams of a user of a project.
    pub fn end(&self, project: ProjectId, user: UserId) {
        self.shared.seats.end(project, user);
    }

    /// Subscribes, and tells what was missed since the message with the id `last_event_id`.
    #[must_use]
    pub fn subscribe(
        &self,
        project: ProjectId,
        last_event_id: Option<&str>,
    ) -> (broadcast::Receiver<Sequenced>, CatchUp) {
        let state = self.state();
        let receiver = self.shared.sender.subscribe();
        let mut catch_up = CatchUp { latest: state.latest, ..CatchUp::default() };
        let Some(last_event_id) = last_event_id else { return (receiver, catch_up) };
        let seen = last_event_id
            .rsplit_once('-')
            .filter(|(epoch, _)| *epoch == self.shared.epoch)
            .and_then(|(_, number)| number.parse::<u64>().ok());
        let oldest = state.ring.front().map_or(state.latest + 1, |change| change.number);
        match seen {
            Some(seen) if seen >= oldest - 1 => {
                let since = state.ring.iter().filter(|c| c.number > seen && c.change.project_id == project);
                catch_up.changes = since.cloned().collect();
            }
            _ => catch_up.missed = true,
        }
        (receiver, catch_up)
    }

    /// Changes whenever [`Hub::missed`] is called from now on.
    #[must_use]
    pub fn gaps(&self) -> watch::Receiver<()> {
        self.shared.gaps.subscribe()
    }

    /// The SSE id of a number.
    #[must_use]
    pub fn event_id(&self, number: u64) -> String {
        format!("{}-{number}", self.shared.epoch)
    }

    /// The SSE id of the latest change.
    #[must_use]
    pub fn latest_event_id(&self) -> String {
        self.event_id(self.state().latest)
    }

    /// How many streams are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.seats.open()
    }

    /// Takes a place for a stream of `user` that follows `project`. When the user has as many as
    /// one may have, the oldest gives way.
    ///
    /// # Errors
    /// [`Refusal::Full`] when the instance has no place left.
    pub fn sit(&self, user: UserId, project: ProjectId) -> Result<Seat, Refusal> {
        self.shared.seats.sit(user, project)
    }
}

#[cfg(test)]
mod tests {
    use app::model::id::IssueId;
    use app::model::live::What;
    use uuid::Uuid;

    use super::*;

    fn project(n: u128) -> ProjectId {
        ProjectId(Uuid::from_u128(n))
    }

    fn change(project_id: ProjectId) -> Change {
        Change { project_id, what: What::IssueUpdated { issue_id: IssueId(Uuid::nil()) } }
    }

    #[test]
    fn a_reconnecting_browser_gets_what_it_missed_of_its_project() {
        let hub = Hub::new("e1".into(), 10, 2);
        for n in [1, 1, 2, 1] {
            hub.publish(change(project(n)));
        }
        let (_, caught) = hub.subscribe(project(1), Some("e1-1"));
        assert_eq!(caught.changes.iter().map(|c| c.number).collect::<Vec<_>>(), [2, 4]);
        assert!(!caught.missed);
    }

    #[test]
    fn a_browser_of_an_earlier_start_or_too_far_behind_is_told_to_read_again() {
        let hub = Hub::new("e2".into(), 10, 2);
        for _ in 0..=RING + 1 {
            hub.publish(change(project(1)));
        }
        assert!(hub.subscribe(project(1), Some("e1-5")).1.missed);
        assert!(hub.subscribe(project(1), Some("e2-1")).1.missed);
        assert!(hub.subscribe(project(1), Some("nonsense")).1.missed);
        assert!(!hub.subscribe(project(1), Some("e2-2")).1.missed);
        assert!(!hub.subscribe(project(1), Some("e2-18446744073709551615")).1.missed, "made up, and harmless");
        assert!(!hub.subscribe(project(1), None).1.missed);
    }

    #[test]
    fn after_a_gap_everybody_reads_again_once() {
        let hub = Hub::new("e".into(), 10, 2);
        hub.publish(change(project(1)));
        let open = hub.gaps();
        assert!(!open.has_changed().unwrap());
        hub.missed();
        assert!(open.has_changed().unwrap() && !hub.gaps().has_changed().unwrap());
        let (_, caught) = hub.subscribe(project(1), Some("e-1"));
        assert!(caught.missed);
        assert!(!hub.subscribe(project(1), Some(&hub.event_id(caught.latest))).1.missed);
    }
}
