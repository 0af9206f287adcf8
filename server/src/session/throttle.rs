//! Throttles password guessing. Apart from a lock it is pure: the caller passes the time,
//! which is monotonic: a step of the clock neither shortens nor lengthens a wait.
//!
//! Attempts are counted per account and address. An address also pays for each account that is
//! tried from it: guesses at one account don't lock out others behind the same address, and guesses
//! at many accounts are slowed down. The first attempts are free; each further one doubles the next
//! wait, up to a limit. An attempt counts as failed until it is known to be right, so that
//! concurrent attempts gain nothing. Attempts from other addresses are not delayed.
//!
//! Attempts at the current password of a signed-in user are counted per account only. Changes of
//! the email address are limited too, even with the right password, because each reveals whether an
//! address is taken.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::error::Error;
use app::model::id::UserId;
use tokio::time::Instant;

use crate::crypto::sha256;
use crate::web::client_network;

/// The free attempts: at one account, and the accounts tried from one address, which several users
/// may share.
const FREE_ATTEMPTS_PER_ACCOUNT: u32 = 5;
const FREE_ACCOUNTS_PER_ADDRESS: u32 = 30;
/// The maximum wait in seconds.
const MAX_WAIT_SECONDS: u64 = 15 * 60;
/// Everything is forgotten after this many seconds without an attempt. No wait is longer.
const FORGET_AFTER_SECONDS: u64 = 60 * 60;
/// The number of changes of one user's address before a wait of [`FORGET_AFTER_SECONDS`].
const MAX_ADDRESS_CHANGES: u32 = 5;
/// The maximum number of failed sign-ins per minute that a node writes to the audit log.
const MAX_RECORDS_PER_MINUTE: u32 = 60;
/// The maximum number of entries, so that memory is bounded. The oldest are dropped first.
const MAX_ENTRIES: usize = 20_000;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Account([u8; 32], IpAddr),
    Address(IpAddr),
    CurrentPassword(UserId),
    AddressChange(UserId),
}

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Instant,
    wait_until: Instant,
    /// Whether a wait was required since the last attempt.
    refused: bool,
}

/// A refused attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottledAttempt {
    /// The seconds to wait.
    pub retry_after: u32,
    /// Whether it is the first one that was refused during this wait.
    pub first: bool,
}

impl From<ThrottledAttempt> for Error {
    fn from(throttled: ThrottledAttempt) -> Self {
        Self::TooMany { retry_after: throttled.retry_after }
    }
}

#[derive(Default)]
pub struct Throttle {
    entries: Mutex<HashMap<Key, Entry>>,
    records: Mutex<Option<(Instant, u32)>>,
}

impl Throttle {
    /// Starts an attempt at an account, and counts it as failed for now.
    ///
    /// # Errors
    /// The time to wait. The attempt then doesn't count.
    pub fn begin(&self, now: Instant, email: &str, address: IpAddr) -> Result<(), ThrottledAttempt> {
        let mut entries = self.lock();
        let [(account, account_free), (address, address_free)] = keys(email, address);
        if let Some(throttled) = refuse(&mut entries, now, &[&account, &address]) {
            return Err(throttled);
        }
        let first_failure = count(&mut entries, now, account, true, |failures| wait_after(failures, account_free));
        count(&mut entries, now, address, first_failure, |failures| wait_after(failures, address_free));
        Ok(())
    }

    /// The attempt was right: resets the account, and its address no longer pays for it.
    pub fn succeeded(&self, email: &str, address: IpAddr) {
        let mut entries = self.lock();
        let [(account, _), (address, free)] = keys(email, address);
        let charged = entries.remove(&account).is_some();
        if let Some(entry) = entries.get_mut(&address).filter(|_| charged) {
            entry.failures = entry.failures.saturating_sub(1);
            entry.wait_until = entry.last + wait_after(entry.failures, free);
        }
    }

    /// Starts an attempt at the current password of a signed-in user, and counts it as failed for
    /// now.
    ///
    /// # Errors
    /// The time to wait. The attempt then doesn't count.
    pub fn begin_current_password(&self, now: Instant, user: UserId) -> Result<(), ThrottledAttempt> {
        self.begin_one(now, Key::CurrentPassword(user), |failures| wait_after(failures, FREE_ATTEMPTS_PER_ACCOUNT))
    }

    /// The attempt was right.
    pub fn current_password_succeeded(&self, user: UserId) {
        self.lock().remove(&Key::CurrentPassword(user));
    }

    /// Counts a change of a user's email address, whatever its result.
    ///
    /// # Errors
    /// The time to wait.
    pub fn begin_address_change(&self, now: Instant, user: UserId) -> Result<(), ThrottledAttempt> {
        self.begin_one(now, Key::AddressChange(user), wait_after_address_change)
    }

    fn begin_one(&self, now: Instant, key: Key, wait: impl Fn(u32) -> Duration) -> Result<(), ThrottledAttempt> {
        let mut entries = self.lock();
        if let Some(throttled) = refuse(&mut entries, now, &[&key]) {
            return Err(throttled);
        }
        count(&mut entries, now, key, true, wait);
        Ok(())
    }

    /// Whether another failed sign-in is written to the audit log, so that an attack from many
    /// addresses can't fill it.
    pub fn may_record(&self, now: Instant) -> bool {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = records.filter(|(began, _)| now - *began < Duration::from_secs(60)).unwrap_or((now, 0));
        *records = Some((began, count.saturating_add(1)));
        if count == MAX_RECORDS_PER_MINUTE {
            tracing::warn!("too many failed sign-ins: further ones in this minute appear only in the metrics");
        }
        count < MAX_RECORDS_PER_MINUTE
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses an attempt while one of the keys waits.
fn refuse(entries: &mut HashMap<Key, Entry>, now: Instant, keys: &[&Key]) -> Option<ThrottledAttempt> {
    let mut longest = Duration::ZERO;
    let mut first = true;
    for &key in keys {
        if let Some(entry) = entries.get_mut(key).filter(|entry| entry.wait_until > now) {
            longest = longest.max(entry.wait_until - now);
            first &= !entry.refused;
            entry.refused = true;
        }
    }
    let retry_after = u32::try_from(longest.as_secs() + 1).unwrap_or(u32::MAX);
    (longest > Duration::ZERO).then_some(ThrottledAttempt { retry_after, first })
}

/// Records an attempt, and counts it as a failure if requested. Returns whether it is the first
/// failure.
fn count(
    entries: &mut HashMap<Key, Entry>,
    now: Instant,
    key: Key,
    failed: bool,
    wait: impl Fn(u32) -> Duration,
) -> bool {
    make_room(entries, now, &key);
    let entry = entries.entry(key).or_insert(Entry { failures: 0, last: now, wait_until: now, refused: false });
    if now - entry.last >= Duration::from_secs(FORGET_AFTER_SECONDS) {
        entry.failures = 0;
    }
    let first_failure = entry.failures == 0;
    entry.last = now;
    if failed {
        entry.failures += 1;
        entry.wait_until = now + wait(entry.failures);
        entry.refused = false;
    }
    first_failure
}

/// With the number of free attempts for each.
fn keys(email: &str, address: IpAddr) -> [(Key, u32); 2] {
    let address = client_network(address);
    // A hash has a fixed size, and no email addresses stay in memory.
    let account = sha256(email.trim().to_lowercase().as_bytes());
    [(Key::Account(account, address), FREE_ATTEMPTS_PER_ACCOUNT), (Key::Address(address), FREE_ACCOUNTS_PER_ADDRESS)]
}

fn wait_after(failures: u32, free: u32) -> Duration {
    let Some(over) = failures.checked_sub(free) else { return Duration::ZERO };
    let seconds = 1_u64.checked_shl(over).unwrap_or(MAX_WAIT_SECONDS);
    Duration::from_secs(seconds.min(MAX_WAIT_SECONDS))
}

fn wait_after_address_change(changes: u32) -> Duration {
    if changes < MAX_ADDRESS_CHANGES { Duration::ZERO } else { Duration::from_secs(FORGET_AFTER_SECONDS) }
}

fn make_room(entries: &mut HashMap<Key, Entry>, now: Instant, key: &Key) {
    if entries.len() < MAX_ENTRIES || entries.contains_key(key) {
        return;
    }
    entries.retain(|_, entry| now - entry.last <= Duration::from_secs(FORGET_AFTER_SECONDS));
    if entries.len() >= MAX_ENTRIES {
        // A quarter at once, so that this is rare.
        let mut times: Vec<_> = entries.values().map(|entry| entry.last).collect();
        let (_, newest_to_go, _) = times.select_nth_unstable(MAX_ENTRIES / 4);
        let (newest_to_go, mut left) = (*newest_to_go, MAX_ENTRIES / 4);
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

    fn at(seconds: u64) -> Instant {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        *START + Duration::from_secs(seconds)
    }

    #[test]
    fn the_wait_doubles_after_the_free_attempts() {
        let throttle = Throttle::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..16 {
            let wait = throttle.begin(at(now), "a@b", HOME).err().map_or(0, |throttled| throttled.retry_after);
            if wait > 0 {
                now += u64::from(wait);
                assert_eq!(throttle.begin(at(now), "a@b", HOME), Ok(()));
            }
            waits.push(wait);
        }
        assert_eq!(waits[..5], [0, 0, 0, 0, 0]);
        assert_eq!(waits[5..10], [2, 3, 5, 9, 17]);
        assert_eq!(waits[15], 901);
    }

    #[test]
    fn a_refused_attempt_does_not_extend_the_wait() {
        let throttle = Throttle::default();
        for _ in 0..FREE_ATTEMPTS_PER_ACCOUNT {
            throttle.begin(at(0), "a@b", HOME).unwrap();
        }
        for n in 0..100 {
            let expected = ThrottledAttempt { retry_after: 2, first: n == 0 };
            assert_eq!(throttle.begin(at(0), "A@b ", HOME), Err(expected));
        }
    }

    #[test]
    fn guesses_delay_no_other_address_or_account() {
        let throttle = Throttle::default();
        for _ in 0..FREE_ATTEMPTS_PER_ACCOUNT {
            throttle.begin(at(0), "a@b", HOME).unwrap();
        }
        assert!(throttle.begin(at(0), "a@b", HOME).is_err());
        assert_eq!(throttle.begin(at(0), "a@b", ELSEWHERE), Ok(()));
        assert_eq!(throttle.begin(at(0), "c@d", HOME), Ok(()));
    }

    #[test]
    fn guesses_at_one_account_do_not_delay_another() {
        let throttle = Throttle::default();
        let mut now = 0;
        for _ in 0..2 * FREE_ACCOUNTS_PER_ADDRESS {
            while let Err(throttled) = throttle.begin(at(now), "a@b", HOME) {
                now += u64::from(throttled.retry_after);
            }
            assert_eq!(throttle.begin(at(now), "c@d", HOME), Ok(()));
            throttle.succeeded("c@d", HOME);
        }
    }

    #[test]
    fn an_address_is_charged_again_after_a_success() {
        let throttle = Throttle::default();
        for n in 0..FREE_ACCOUNTS_PER_ADDRESS {
            throttle.begin(at(0), &format!("{n}@b"), HOME).unwrap();
        }
        assert!(throttle.begin(at(0), "new@b", HOME).is_err());
        // A right password returns only its own charge.
        throttle.succeeded("0@b", HOME);
        throttle.succeeded("0@b", HOME);
        assert_eq!(throttle.begin(at(0), "new@b", HOME), Ok(()));
        assert!(throttle.begin(at(0), "newer@b", HOME).is_err());
    }

    #[test]
    fn recorded_failures_per_minute_are_limited() {
        let throttle = Throttle::default();
        let recorded = |second: u64| (0..100).filter(|_| throttle.may_record(at(second))).count();
        assert_eq!((recorded(0), recorded(59), recorded(60)), (60, 0, 60));
    }

    #[test]
    fn attempts_at_many_accounts_from_one_network_wait() {
        for network in [["192.0.2.9", "192.0.2.9"], ["2001:db8::1", "2001:db8::2:3"]] {
            let throttle = Throttle::default();
            let [first, second] = network.map(|address| address.parse().unwrap());
            for n in 0..FREE_ACCOUNTS_PER_ADDRESS {
                throttle.begin(at(0), &format!("{n}@b"), first).unwrap();
            }
            assert!(throttle.begin(at(0), "new@b", second).is_err());
        }
    }

    #[test]
    fn the_right_password_or_an_hour_resets_the_wait() {
        let throttle = Throttle::default();
        for _ in 0..FREE_ATTEMPTS_PER_ACCOUNT {
            throttle.begin(at(0), "a@b", HOME).unwrap();
        }
        throttle.succeeded("a@b", HOME);
        assert_eq!(throttle.begin(at(0), "a@b", HOME), Ok(()));
        for n in 0..FREE_ATTEMPTS_PER_ACCOUNT {
            throttle.begin(at(10 + u64::from(n)), "c@d", HOME).unwrap();
        }
        assert_eq!(throttle.begin(at(20 + FORGET_AFTER_SECONDS), "c@d", HOME), Ok(()));
        assert_eq!(throttle.begin(at(20 + FORGET_AFTER_SECONDS), "c@d", HOME), Ok(()));
    }

    #[test]
    fn the_number_of_entries_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..u32::try_from(2 * MAX_ENTRIES).unwrap() {
            let address = IpAddr::V4(n.into());
            throttle.begin(at(u64::from(n / MAX_ENTRIES as u32)), "a@b", address).unwrap();
            assert!(throttle.lock().len() <= MAX_ENTRIES);
        }
        assert!(throttle.lock().len() > MAX_ENTRIES / 2);
    }
}
