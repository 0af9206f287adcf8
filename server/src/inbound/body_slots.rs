//! Memory for request bodies, shared fairly between senders.
//!
//! A body holds a slot of the smallest size that fits what has arrived so far; the declared length
//! reserves nothing. The slots of each size are limited in total, per webhook, per client network,
//! and per webhook and network together; each limit is at most half of the previous one. A body that
//! waits for a larger slot keeps the smaller one, and a body in the largest slot waits for nothing,
//! so that there is no deadlock.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::id::WebhookId;
use tokio::sync::oneshot;

use super::body::MAX_BODY_BYTES;
use crate::web::client_network;

/// The webhook and the client network of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodySource {
    webhook: WebhookId,
    network: IpAddr,
}

impl BodySource {
    /// The source of a body from this address.
    pub fn new(webhook: WebhookId, address: IpAddr) -> Self {
        Self { webhook, network: client_network(address) }
    }
}

/// A size of slots, and the limits on their number.
#[derive(Clone, Copy, Debug)]
pub struct SlotSize {
    /// The largest body that fits.
    pub max_bytes: usize,
    max_total: usize,
    max_per_webhook: usize,
    max_per_address: usize,
    max_per_source: usize,
}

/// At most 164 MiB in total.
const SIZES: [SlotSize; 3] = [
    SlotSize { max_bytes: 64 << 10, max_total: 512, max_per_webhook: 256, max_per_address: 256, max_per_source: 128 },
    SlotSize { max_bytes: 1 << 20, max_total: 32, max_per_webhook: 16, max_per_address: 16, max_per_source: 8 },
    SlotSize { max_bytes: MAX_BODY_BYTES, max_total: 4, max_per_webhook: 2, max_per_address: 2, max_per_source: 1 },
];

/// The slots of all sizes, smallest first.
pub struct BodySlots {
    sizes: Vec<Arc<Slots>>,
}

impl Default for BodySlots {
    fn default() -> Self {
        Self { sizes: SIZES.into_iter().map(|size| Arc::new(Slots { size, state: Mutex::default() })).collect() }
    }
}

impl BodySlots {
    /// In ascending size.
    pub fn sizes(&self) -> impl Iterator<Item = &Arc<Slots>> {
        self.sizes.iter()
    }
}

/// The slots of one size.
pub struct Slots {
    size: SlotSize,
    state: Mutex<SlotState>,
}

#[derive(Default)]
struct SlotState {
    total: usize,
    webhooks: HashMap<WebhookId, usize>,
    networks: HashMap<IpAddr, usize>,
    sources: HashMap<BodySource, usize>,
    /// First come, first served, except that a body never waits for another source's limit.
    waiting: VecDeque<(BodySource, oneshot::Sender<BodySlot>)>,
}

/// Memory for a body, released on drop.
pub struct BodySlot {
    slots: Arc<Slots>,
    source: BodySource,
}

impl BodySlot {
    /// The largest body that fits.
    pub fn max_bytes(&self) -> usize {
        self.slots.size.max_bytes
    }
}

impl Slots {
    /// Waits for a slot. Cancel-safe.
    pub async fn acquire(self: &Arc<Self>, source: BodySource) -> Option<BodySlot> {
        let granted = {
            let mut state = self.lock();
            if state.has_room(&self.size, &source) {
                state.take(source);
                return Some(BodySlot { slots: self.clone(), source });
            }
            let (grant, granted) = oneshot::channel();
            state.waiting.push_back((source, grant));
            granted
        };
        granted.await.ok()
    }

    fn release(self: &Arc<Self>, source: BodySource) {
        let granted = {
            let mut state = self.lock();
            state.release(source);
            state.grant(&self.size)
        };
        for (source, grant) in granted {
            // A waiter that is gone releases the slot by dropping it.
            let _ = grant.send(BodySlot { slots: self.clone(), source });
        }
    }

    fn lock(&self) -> MutexGuard<'_, SlotState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BodySlot {
    fn drop(&mut self) {
        self.slots.release(self.source);
    }
}

impl SlotState {
    fn has_room(&self, size: &SlotSize, source: &BodySource) -> bool {
        self.total < size.max_total
            && count(&self.webhooks, &source.webhook) < size.max_per_webhook
            && count(&self.networks, &source.network) < size.max_per_address
            && count(&self.sources, source) < size.max_per_source
    }

    fn take(&mut self, source: BodySource) {
        self.total += 1;
        *self.webhooks.entry(source.webhook).or_default() += 1;
        *self.networks.entry(source.network).or_default() += 1;
        *self.sources.entry(source).or_default() += 1;
    }

    fn release(&mut self, source: BodySource) {
        self.total = self.total.saturating_sub(1);
        subtract(&mut self.webhooks, source.webhook);
        subtract(&mut self.networks, source.network);
        subtract(&mut self.sources, source);
    }

    /// Takes slots for the waiters that now have room.
    fn grant(&mut self, size: &SlotSize) -> Vec<(BodySource, oneshot::Sender<BodySlot>)> {
        let mut granted = Vec::new();
        for (source, grant) in std::mem::take(&mut self.waiting) {
            if grant.is_closed() {
                continue;
            }
            if self.has_room(size, &source) {
                self.take(source);
                granted.push((source, grant));
            } else {
                self.waiting.push_back((source, grant));
            }
        }
        granted
    }
}

fn count<K: Hash + Eq>(counts: &HashMap<K, usize>, key: &K) -> usize {
    counts.get(key).copied().unwrap_or_default()
}

fn subtract<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use futures::FutureExt;

    use super::*;
    use crate::clock::Clock;
    use crate::ids::Ids;

    fn webhooks() -> [WebhookId; 2] {
        let ids = Ids::new(Clock::mock(DateTime::UNIX_EPOCH));
        [ids.next(), ids.next()]
    }

    fn try_acquire(slots: &Arc<Slots>, source: BodySource) -> Option<BodySlot> {
        slots.acquire(source).now_or_never().flatten()
    }

    #[test]
    fn a_source_leaves_room_for_all_others() {
        let [one, two] = webhooks();
        for slots in BodySlots::default().sizes() {
            let from = |webhook, last| BodySource::new(webhook, IpAddr::from([198, 51, 100, last]));
            let mut taken = Vec::new();
            while let Some(slot) = try_acquire(slots, from(one, 1)) {
                taken.push(slot);
            }
            assert_eq!(taken.len(), slots.size.max_per_source);
            let others = [from(one, 2), from(two, 1), from(two, 2)].map(|source| try_acquire(slots, source));
            assert!(others.iter().all(Option::is_some), "{:?}", slots.size);
            drop(others);
            // All networks of one webhook leave room for another webhook.
            for last in 2..100 {
                while let Some(slot) = try_acquire(slots, from(one, last)) {
                    taken.push(slot);
                }
            }
            assert_eq!(taken.len(), slots.size.max_per_webhook);
            assert!(try_acquire(slots, from(two, 101)).is_some());
            drop(taken);
            let state = slots.lock();
            assert_eq!((state.total, state.sources.len()), (0, 0));
        }
    }

    #[test]
    fn a_slot_goes_to_the_first_waiter() {
        let [one, two] = webhooks();
        let slots = BodySlots::default();
        let large = slots.sizes().last().unwrap();
        let source = BodySource::new(one, [198, 51, 100, 1].into());
        let first = try_acquire(large, source).unwrap();
        let mut cancelled = Box::pin(large.acquire(source));
        let mut second = Box::pin(large.acquire(source));
        let mut third = Box::pin(large.acquire(source));
        for waiting in [&mut cancelled, &mut second, &mut third] {
            assert!(waiting.now_or_never().is_none());
        }
        assert!(try_acquire(large, BodySource::new(two, [198, 51, 100, 1].into())).is_some());
        drop(cancelled);
        drop(first);
        let second = second.now_or_never().flatten();
        assert!(second.is_some() && (&mut third).now_or_never().is_none());
        drop(second);
        // Dropped after the slot was granted.
        drop(third);
        assert_eq!(large.lock().total, 0);
    }

    #[test]
    fn addresses_of_a_network_count_as_one() {
        let [webhook, _] = webhooks();
        let of = |address: &str| BodySource::new(webhook, address.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
