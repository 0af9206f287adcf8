//! Slows down whoever guesses passwords. Pure but for a lock: time is given.
//!
//! Tries are counted for an account from an address, and for an address over all accounts. The
//! first few are free; each further one makes the next wait twice as long, up to a bound. A try
//! counts as failed until it is known to be right, so that many at once gain nothing. Whoever
//! signs in from elsewhere is not held up by somebody else's guesses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::crypto::sha256;

/// Tries that cost no wait: of one account, and of one address, which several people may share.
const FREE_OF_ACCOUNT: u32 = 5;
const FREE_OF_ADDRESS: u32 = 30;
/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// After this long without a try, in seconds, all is forgotten. Longer than the longest wait.
const FORGOTTEN: i64 = 60 * 60;
/// The most that is remembered, so that memory is bounded; those that were quiet the longest
/// make room.
const ENTRIES: usize = 20_000;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Account([u8; 32], IpAddr),
    Address(IpAddr),
}

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: DateTime<Utc>,
    wait_until: DateTime<Utc>,
}

/// See the [module](self).
#[derive(Default)]
pub struct Throttle {
    entries: Mutex<HashMap<Key, Entry>>,
}

impl Throttle {
    /// Begins a try at an account, and counts it as failed for now.
    ///
    /// # Errors
    /// The seconds to wait first; the try then counts for nothing.
    pub fn begin(&self, now: DateTime<Utc>, email: &str, address: IpAddr) -> Result<(), u32> {
        let mut entries = self.lock();
        let keys = keys(email, address);
        let wait = keys.iter().filter_map(|(key, _)| entries.get(key)).map(|entry| entry.wait_until - now).max();
        if let Some(wait) = wait.filter(|wait| *wait > TimeDelta::zero()) {
            return Err(u32::try_from(wait.num_seconds() + 1).unwrap_or(u32::MAX));
        }
        for (key, free) in keys {
            make_room(&mut entries, now, &key);
            let entry = entries.entry(key).or_insert(Entry { failures: 0, last: now, wait_until: now });
            if now - entry.last > TimeDelta::seconds(FORGOTTEN) {
                entry.failures = 0;
            }
            entry.failures += 1;
            entry.last = now;
            entry.wait_until = now + wait_after(entry.failures, free);
        }
        Ok(())
    }

    /// The try that was begun turned out to be right: the account starts afresh, and the address
    /// is given the try back.
    pub fn succeeded(&self, email: &str, address: IpAddr) {
        let mut entries = self.lock();
        let [(account, _), (address, free)] = keys(email, address);
        entries.remove(&account);
        if let Some(entry) = entries.get_mut(&address) {
            entry.failures = entry.failures.saturating_sub(1);
            entry.wait_until = entry.last + wait_after(entry.failures, free);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// With how many free tries each.
fn keys(email: &str, address: IpAddr) -> [(Key, u32); 2] {
    let address = network(address);
    // A hash: of one size however long the text is, and no list of addresses in memory.
    let account = sha256(email.trim().to_lowercase().as_bytes());
    [(Key::Account(account, address), FREE_OF_ACCOUNT), (Key::Address(address), FREE_OF_ADDRESS)]
}

/// One subscriber has a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn wait_after(failures: u32, free: u32) -> TimeDelta {
    let Some(over) = failures.checked_sub(free) else { return TimeDelta::zero() };
    let seconds = 1_i64.checked_shl(over).filter(|seconds| *seconds > 0).unwrap_or(LONGEST);
    TimeDelta::seconds(seconds.min(LONGEST))
}

fn make_room(entries: &mut HashMap<Key, Entry>, now: DateTime<Utc>, key: &Key) {
    if entries.len() < ENTRIES || entries.contains_key(key) {
        return;
    }
    entries.retain(|_, entry| now - entry.last <= TimeDelta::seconds(FORGOTTEN));
    if entries.len() >= ENTRIES {
        // A quarter at once, so that this is rare however many come.
        let mut times: Vec<_> = entries.values().map(|entry| entry.last).collect();
        let (_, newest_to_go, _) = times.select_nth_unstable(ENTRIES / 4);
        let (newest_to_go, mut left) = (*newest_to_go, ENTRIES / 4);
        entries.retain(|_, entry| {
            let goes = left > 0 && entry.last <= newest_to_go;
            left -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn the_wait_doubles_after_the_free_tries_and_is_bounded() {
        let throttle = Throttle::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..16 {
            let wait = throttle.begin(at(now), "a@b", HOME).err().unwrap_or(0);
            if wait > 0 {
                now += i64::from(wait);
                assert_eq!(throttle.begin(at(now), "a@b", HOME), Ok(()));
            }
            waits.push(wait);
        }
        assert_eq!(waits[..5], [0, 0, 0, 0, 0]);
        assert_eq!(waits[5..10], [2, 3, 5, 9, 17]);
        assert_eq!(waits[15], 901);
    }

    #[test]
    fn a_refused_try_does_not_make_the_wait_longer() {
        let throttle = Throttle::default();
        for _ in 0..FREE_OF_ACCOUNT {
            throttle.begin(at(0), "a@b", HOME).unwrap();
        }
        for _ in 0..100 {
            assert_eq!(throttle.begin(at(0), "A@b ", HOME), Err(2));
        }
    }

    #[test]
    fn somebody_elses_guesses_hold_up_neither_another_place_nor_another_account() {
        let throttle = Throttle::default();
        for _ in 0..FREE_OF_ACCOUNT {
            throttle.begin(at(0), "a@b", HOME).unwrap();
        }
        assert!(throttle.begin(at(0), "a@b", HOME).is_err());
        assert_eq!(throttle.begin(at(0), "a@b", ELSEWHERE), Ok(()));
        assert_eq!(throttle.begin(at(0), "c@d", HOME), Ok(()));
    }

    #[test]
    fn many_accounts_from_one_address_are_slowed_down_and_from_one_ipv6_network_too() {
        for network in [["192.0.2.9", "192.0.2.9"], ["2001:db8::1", "2001:db8::2:3"]] {
            let throttle = Throttle::default();
            let [first, second] = network.map(|address| address.parse().unwrap());
            for n in 0..FREE_OF_ADDRESS {
                throttle.begin(at(0), &format!("{n}@b"), first).unwrap();
            }
            assert!(throttle.begin(at(0), "new@b", second).is_err());
        }
    }

    #[test]
    fn the_right_password_and_an_hour_start_afresh() {
        let throttle = Throttle::default();
        for _ in 0..FREE_OF_ACCOUNT {
            throttle.begin(at(0), "a@b", HOME).unwrap();
        }
        throttle.succeeded("a@b", HOME);
        assert_eq!(throttle.begin(at(0), "a@b", HOME), Ok(()));
        for n in 0..FREE_OF_ACCOUNT {
            throttle.begin(at(10 + i64::from(n)), "c@d", HOME).unwrap();
        }
        assert_eq!(throttle.begin(at(20 + FORGOTTEN), "c@d", HOME), Ok(()));
        assert_eq!(throttle.begin(at(20 + FORGOTTEN), "c@d", HOME), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..u32::try_from(2 * ENTRIES).unwrap() {
            let address = IpAddr::V4(n.into());
            throttle.begin(at(i64::from(n / ENTRIES as u32)), "a@b", address).unwrap();
            assert!(throttle.lock().len() <= ENTRIES);
        }
        assert!(throttle.lock().len() > ENTRIES / 2);
    }
}
