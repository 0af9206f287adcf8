//! Limits the number of open streams, in all and per user, and ends streams whose access was
//! revoked. Each open stream holds one slot.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::account::Credential;
use app::model::id::{ProjectId, UserId};
use tokio::sync::oneshot;

use crate::storage::Revoked;

/// The instance has as many open streams as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyStreams;

/// The right to keep one stream open. Dropping it frees the slot.
pub struct StreamSlot {
    slots: StreamSlots,
    user: UserId,
    number: u64,
    /// Resolves when a newer stream of the same user takes this slot, or when access was revoked.
    pub ended: oneshot::Receiver<()>,
}

/// Cheap to clone.
#[derive(Clone)]
pub(super) struct StreamSlots {
    max_streams: usize,
    max_per_user: usize,
    table: Arc<Mutex<SlotTable>>,
}

#[derive(Default)]
struct SlotTable {
    open: usize,
    last_number: u64,
    /// The oldest of a user first.
    by_user: HashMap<UserId, VecDeque<OpenStream>>,
}

struct OpenStream {
    number: u64,
    projects: Vec<ProjectId>,
    credential: Credential,
    end: oneshot::Sender<()>,
}

impl StreamSlots {
    pub fn new(max_streams: usize, max_per_user: usize) -> Self {
        Self { max_streams, max_per_user, table: Arc::default() }
    }

    fn table(&self) -> MutexGuard<'_, SlotTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn open(&self) -> usize {
        self.table().open
    }

    /// Takes a slot. A user at the limit loses the oldest stream.
    pub fn acquire(
        &self,
        user: UserId,
        projects: Vec<ProjectId>,
        credential: Credential,
    ) -> Result<StreamSlot, TooManyStreams> {
        let mut table = self.table();
        let open = table.by_user.get(&user).map_or(0, VecDeque::len);
        let replaces_oldest = open > 0 && open >= self.max_per_user;
        if table.open >= self.max_streams && !replaces_oldest {
            return Err(TooManyStreams);
        }
        table.last_number += 1;
        let number = table.last_number;
        let (end, ended) = oneshot::channel();
        let streams = table.by_user.entry(user).or_default();
        let oldest = if replaces_oldest { streams.pop_front() } else { None };
        streams.push_back(OpenStream { number, projects, credential, end });
        match oldest {
            Some(oldest) => oldest.end(),
            None => table.open += 1,
        }
        Ok(StreamSlot { slots: self.clone(), user, number, ended })
    }

    /// Ends the streams that depend on what was revoked.
    pub fn end(&self, revoked: &Revoked) {
        let mut table = self.table();
        let mut ending = Vec::new();
        table.by_user.retain(|user, streams| {
            let (ending_here, remaining) = std::mem::take(streams)
                .into_iter()
                .partition(|stream| revoked.ends(*user, &stream.projects, stream.credential));
            *streams = remaining;
            ending.extend::<VecDeque<OpenStream>>(ending_here);
            !streams.is_empty()
        });
        table.open -= ending.len();
        ending.into_iter().for_each(OpenStream::end);
    }
}

impl OpenStream {
    fn end(self) {
        // The stream may have ended at the same moment.
        let _ = self.end.send(());
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut table = self.slots.table();
        let Some(streams) = table.by_user.get_mut(&self.user) else { return };
        let Some(stream) = streams.iter().position(|stream| stream.number == self.number) else {
            // The stream was replaced or ended, which already freed the slot.
            return;
        };
        streams.remove(stream);
        if streams.is_empty() {
            table.by_user.remove(&self.user);
        }
        table.open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use app::model::account::TokenScope;
    use app::model::id::{BrowserSessionId, TokenId};
    use uuid::Uuid;

    use super::*;

    const ADA: UserId = UserId(Uuid::from_u128(1));
    const BOB: UserId = UserId(Uuid::from_u128(2));

    fn acquire(slots: &StreamSlots, user: UserId, project: u128) -> StreamSlot {
        acquire_with(slots, user, project, Credential::Internal)
    }

    fn acquire_with(slots: &StreamSlots, user: UserId, project: u128, credential: Credential) -> StreamSlot {
        slots.acquire(user, vec![ProjectId(Uuid::from_u128(project))], credential).ok().unwrap()
    }

    #[test]
    fn a_users_oldest_stream_is_replaced_at_the_limit() {
        let slots = StreamSlots::new(3, 2);
        let mut first = acquire(&slots, ADA, 1);
        let others = (acquire(&slots, ADA, 1), acquire(&slots, ADA, 1));
        assert!(first.ended.try_recv().is_ok());
        assert_eq!(slots.open(), 2);
        drop(first);
        assert_eq!(slots.open(), 2);
        let _bob = acquire(&slots, BOB, 1);
        assert_eq!(slots.acquire(BOB, vec![ProjectId(Uuid::nil())], Credential::Internal).err(), Some(TooManyStreams));
        drop(others);
        assert_eq!(slots.open(), 1);
    }

    #[test]
    fn removing_a_member_ends_only_their_streams() {
        let slots = StreamSlots::new(10, 5);
        let (mut ending_here, mut elsewhere, mut other) =
            (acquire(&slots, ADA, 1), acquire(&slots, ADA, 2), acquire(&slots, BOB, 1));
        slots.end(&Revoked::Member { project_id: ProjectId(Uuid::from_u128(1)), user_id: ADA });
        assert!(ending_here.ended.try_recv().is_ok());
        assert!(elsewhere.ended.try_recv().is_err() && other.ended.try_recv().is_err());
        assert_eq!(slots.open(), 2);
        drop(ending_here);
        assert_eq!(slots.open(), 2, "the slot was freed once");
        drop((elsewhere, other));
        assert_eq!(slots.open(), 0);
    }

    #[test]
    fn losing_one_project_ends_a_multi_project_stream() {
        let slots = StreamSlots::new(10, 5);
        let projects = [1, 2].map(|n| ProjectId(Uuid::from_u128(n)));
        let mut both = slots.acquire(ADA, projects.to_vec(), Credential::Internal).ok().unwrap();
        slots.end(&Revoked::Member { project_id: projects[1], user_id: ADA });
        assert!(both.ended.try_recv().is_ok());
        assert_eq!(slots.open(), 0);
    }

    #[test]
    fn a_revocation_ends_the_streams_that_depend_on_it() {
        let (session_id, token_id) = (BrowserSessionId(Uuid::from_u128(7)), TokenId(Uuid::from_u128(7)));
        let project_id = ProjectId(Uuid::from_u128(1));
        for (revoked, expected) in [
            (Revoked::User { user_id: ADA }, [true, true, true, false]),
            (Revoked::Session { session_id }, [true, false, false, false]),
            (Revoked::Token { token_id }, [false, true, false, false]),
            (Revoked::Project { project_id }, [true, false, true, true]),
        ] {
            let slots = StreamSlots::new(10, 5);
            let mut all = [
                acquire_with(&slots, ADA, 1, Credential::Session(session_id)),
                acquire_with(
                    &slots,
                    ADA,
                    2,
                    Credential::Token { id: token_id, scope: TokenScope::Read, project: None },
                ),
                acquire_with(&slots, ADA, 1, Credential::Internal),
                acquire(&slots, BOB, 1),
            ];
            slots.end(&revoked);
            let ended = all.each_mut().map(|slot| slot.ended.try_recv().is_ok());
            assert_eq!(ended, expected, "{revoked:?}");
            assert_eq!(slots.open(), expected.iter().filter(|ended| !**ended).count());
        }
    }
}
