//! The places of the open streams: how many there may be, who gives way to a newer one, and whose
//! streams are ended.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::id::{ProjectId, UserId};
use tokio::sync::oneshot;

/// Why a stream is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The instance has as many as it may have.
    Full,
}

/// A place among the open streams, given back when dropped.
pub struct Seat {
    seats: Seats,
    user: UserId,
    number: u64,
    /// Resolves when a newer stream of the same user takes this place, or when the user may no
    /// longer read the project.
    pub ended: oneshot::Receiver<()>,
}

/// See the [module](self). Cheap to clone.
#[derive(Clone)]
pub(super) struct Seats {
    most: usize,
    most_per_user: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    open: usize,
    last_number: u64,
    /// The oldest of a user first.
    by_user: HashMap<UserId, VecDeque<Place>>,
}

struct Place {
    number: u64,
    project: ProjectId,
    end: oneshot::Sender<()>,
}

impl Seats {
    pub fn new(most: usize, most_per_user: usize) -> Self {
        Self { most, most_per_user, taken: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn open(&self) -> usize {
        self.taken().open
    }

    /// See [`Hub::sit`](super::Hub::sit).
    pub fn sit(&self, user: UserId, project: ProjectId) -> Result<Seat, Refusal> {
        let mut taken = self.taken();
        let own = taken.by_user.get(&user).map_or(0, VecDeque::len);
        let gives_way = own >= self.most_per_user;
        if taken.open >= self.most && !gives_way {
            return Err(Refusal::Full);
        }
        taken.last_number += 1;
        let number = taken.last_number;
        let (end, ended) = oneshot::channel();
        let places = taken.by_user.entry(user).or_default();
        let oldest = if gives_way { places.pop_front() } else { None };
        places.push_back(Place { number, project, end });
        match oldest {
            Some(oldest) => oldest.end(),
            None => taken.open += 1,
        }
        Ok(Seat { seats: self.clone(), user, number, ended })
    }

    /// See [`Hub::end`](super::Hub::end).
    pub fn end(&self, project: ProjectId, user: UserId) {
        let mut taken = self.taken();
        let Some(places) = taken.by_user.remove(&user) else { return };
        let (ending, staying): (VecDeque<_>, VecDeque<_>) =
            places.into_iter().partition(|place| place.project == project);
        taken.open -= ending.len();
        if !staying.is_empty() {
            taken.by_user.insert(user, staying);
        }
        ending.into_iter().for_each(Place::end);
    }
}

impl Place {
    fn end(self) {
        // Its stream may just have ended by itself.
        let _ = self.end.send(());
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        let Some(places) = taken.by_user.get_mut(&self.user) else { return };
        let Some(place) = places.iter().position(|place| place.number == self.number) else {
            // It gave way or was ended: its place has been handed on.
            return;
        };
        places.remove(place);
        if places.is_empty() {
            taken.by_user.remove(&self.user);
        }
        taken.open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ADA: UserId = UserId(Uuid::from_u128(1));
    const BOB: UserId = UserId(Uuid::from_u128(2));

    fn sit(seats: &Seats, user: UserId, project: u128) -> Seat {
        seats.sit(user, ProjectId(Uuid::from_u128(project))).ok().unwrap()
    }

    #[test]
    fn the_oldest_stream_of_a_user_gives_way_and_a_full_instance_refuses() {
        let seats = Seats::new(3, 2);
        let mut first = sit(&seats, ADA, 1);
        let others = (sit(&seats, ADA, 1), sit(&seats, ADA, 1));
        assert!(first.ended.try_recv().is_ok());
        assert_eq!(seats.open(), 2);
        drop(first);
        assert_eq!(seats.open(), 2);
        let _bob = sit(&seats, BOB, 1);
        assert_eq!(seats.sit(BOB, ProjectId(Uuid::nil())).err(), Some(Refusal::Full));
        drop(others);
        assert_eq!(seats.open(), 1);
    }

    #[test]
    fn the_streams_of_a_removed_member_end_and_no_other() {
        let seats = Seats::new(10, 5);
        let (mut gone, mut elsewhere, mut other) = (sit(&seats, ADA, 1), sit(&seats, ADA, 2), sit(&seats, BOB, 1));
        seats.end(ProjectId(Uuid::from_u128(1)), ADA);
        assert!(gone.ended.try_recv().is_ok());
        assert!(elsewhere.ended.try_recv().is_err() && other.ended.try_recv().is_err());
        assert_eq!(seats.open(), 2);
        drop(gone);
        assert_eq!(seats.open(), 2, "its place was given back once");
        drop((elsewhere, other));
        assert_eq!(seats.open(), 0);
    }
}
