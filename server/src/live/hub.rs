//! The hub: numbers changes, keeps the latest, counts the open streams.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::id::{ProjectId, UserId};
use app::model::live::Change;
use tokio::sync::{broadcast, oneshot};

/// Changes that are kept for those who reconnect.
const RING: usize = 2048;
/// Changes that a slow stream may lag behind before it is told to read everything again.
const LAG: usize = 1024;

/// A change with its number.
#[derive(Clone, Debug)]
pub struct Sequenced {
    /// Ascending by one from 1 since the start of the server.
    pub number: u64,
    /// What changed.
    pub change: Change,
}

/// Why a stream is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The instance has as many as it may have.
    Full,
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

/// A place among the open streams, given back when dropped.
pub struct Seat {
    hub: Hub,
    user: UserId,
    number: u64,
    /// Resolves when a newer stream of the same user takes this place.
    pub displaced: oneshot::Receiver<()>,
}

/// See the [module](super). Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    /// Tells one start of the server from another, so that numbers are not mixed up.
    epoch: String,
    max_streams: usize,
    max_per_user: usize,
    sender: broadcast::Sender<Sequenced>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    latest: u64,
    ring: VecDeque<Sequenced>,
    open: usize,
    seats: u64,
    by_user: HashMap<UserId, VecDeque<(u64, oneshot::Sender<()>)>>,
}

impl Hub {
    /// A hub for `max_streams` streams in all and `max_per_user` of one user.
    #[must_use]
    pub fn new(epoch: String, max_streams: usize, max_per_user: usize) -> Self {
        let sender = broadcast::Sender::new(LAG);
        Self { shared: Arc::new(Shared { epoch, max_streams, max_per_user, sender, state: Mutex::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
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
            Some(seen) if seen + 1 >= oldest => {
                let since = state.ring.iter().filter(|c| c.number > seen && c.change.project_id == project);
                catch_up.changes = since.cloned().collect();
            }
            _ => catch_up.missed = true,
        }
        (receiver, catch_up)
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
        self.state().open
    }

    /// Takes a place for a stream of `user`. When the user has as many as one may have, the
    /// oldest gives way.
    ///
    /// # Errors
    /// [`Refusal::Full`] when the instance has no place left.
    pub fn sit(&self, user: UserId) -> Result<Seat, Refusal> {
        let mut state = self.state();
        let own = state.by_user.get(&user).map_or(0, VecDeque::len);
        let gives_way = own >= self.shared.max_per_user;
        if state.open >= self.shared.max_streams && !gives_way {
            return Err(Refusal::Full);
        }
        state.seats += 1;
        let number = state.seats;
        let (displace, displaced) = oneshot::channel();
        let seats = state.by_user.entry(user).or_default();
        if gives_way && let Some((_, oldest)) = seats.pop_front() {
            // Its stream may just have ended by itself.
            let _ = oldest.send(());
        } else {
            state.open += 1;
        }
        state.by_user.entry(user).or_default().push_back((number, displace));
        Ok(Seat { hub: self.clone(), user, number, displaced })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        let Some(seats) = state.by_user.get_mut(&self.user) else { return };
        let Some(place) = seats.iter().position(|(number, _)| *number == self.number) else {
            // It gave way: its place has been handed on.
            return;
        };
        seats.remove(place);
        if seats.is_empty() {
            state.by_user.remove(&self.user);
        }
        state.open -= 1;
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
        assert!(!hub.subscribe(project(1), None).1.missed);
    }

    #[test]
    fn the_oldest_stream_of_a_user_gives_way_and_a_full_instance_refuses() {
        let hub = Hub::new("e".into(), 3, 2);
        let [ada, bob] = [UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2))];
        let mut first = hub.sit(ada).ok().unwrap();
        let second = hub.sit(ada).ok().unwrap();
        let third = hub.sit(ada).ok().unwrap();
        assert!(first.displaced.try_recv().is_ok());
        assert_eq!(hub.open(), 2);
        drop(first);
        assert_eq!(hub.open(), 2);
        let _bob = hub.sit(bob).ok().unwrap();
        assert_eq!(hub.sit(bob).err(), Some(Refusal::Full));
        drop((second, third));
        assert_eq!(hub.open(), 1);
    }
}
