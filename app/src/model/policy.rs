//! The policy of deliveries: attempts, retries, pauses and the health of webhooks. A webhook can have
//! [its own](super::delivery_policy) attempts, retries and thresholds. Services, the
//! dispatcher, pages and docs use these constants, so each number exists once.
//! `docs/health-and-retries.md` explains them.

use std::time::Duration;

/// The delays before the probes of a disabled webhook, if its policy says so, each after the previous one.
pub const RECOVERY_PROBES: [Duration; 4] = [
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(6 * 60 * 60),
];

/// A webhook is degraded after this many consecutive failed deliveries.
pub const DEGRADED_AFTER: u32 = 5;
/// An outbound webhook is disabled after this many consecutive failed deliveries.
pub const DISABLED_AFTER: u32 = 10;

/// The pauses after each failure while a webhook is degraded. The last one repeats.
pub const DEGRADED_PAUSES: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(30),
];

/// The time for an endpoint to respond.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The delays between the attempts of a delivery. The first attempt is made at once.
pub const RETRY_SCHEDULE: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
];

/// The maximum number of outbound webhooks of a project. Each change of the project writes a delivery for
/// each of them.
pub const MAX_WEBHOOKS_PER_PROJECT: u64 = 200;

/// The fraction by which a retry is earlier or later, so that retries spread out.
pub const RETRY_JITTER: f64 = 0.2;

/// The maximum number of requests in flight to one endpoint. A claim takes as many, and each claim
/// waits for a commit: with fewer, a busy endpoint would wait for the disk more than for its
/// requests.
pub const MAX_IN_FLIGHT_PER_ENDPOINT: usize = 64;

/// The pause of an endpoint that asks to wait without a duration.
pub const DEFAULT_ENDPOINT_PAUSE: Duration = Duration::from_secs(5);
/// The minimum pause that an endpoint can ask for.
pub const MIN_ENDPOINT_PAUSE: Duration = Duration::from_secs(1);
/// The maximum pause that an endpoint can ask for.
pub const MAX_ENDPOINT_PAUSE: Duration = Duration::from_secs(60 * 60);
/// A pause lasts at least this fraction (one in four) of all pauses since the last success, so that
/// an endpoint that keeps asking gets fewer and fewer requests.
pub const MIN_PAUSE_PART: u32 = 4;
/// Once the pauses since the last success exceed this total, a request to wait counts as a failure.
pub const MAX_TOTAL_PAUSE: Duration = sum(&RETRY_SCHEDULE);

const fn sum(durations: &[Duration]) -> Duration {
    let (mut total, mut index) = (Duration::ZERO, 0);
    while index < durations.len() {
        total = total.saturating_add(durations[index]);
        index += 1;
    }
    total
}

// An outage of less than a minute can't disable a webhook: from degraded to disabled, each failure
// is followed by a pause.
const _: () = assert!((DISABLED_AFTER - DEGRADED_AFTER) as usize == DEGRADED_PAUSES.len());
const _: () = assert!(sum(&DEGRADED_PAUSES).as_secs() >= 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_current_numbers() {
        let guide = include_str!("../../../docs/health-and-retries.md");
        let pauses: Vec<_> = DEGRADED_PAUSES.iter().map(|pause| pause.as_secs().to_string()).collect();
        for text in [
            format!("{DEGRADED_AFTER} consecutive failures"),
            format!("{DISABLED_AFTER} consecutive failures"),
            format!("{} seconds", pauses.join(", ")),
            format!("{} attempts", RETRY_SCHEDULE.len() + 1),
            format!("within {} seconds", ATTEMPT_TIMEOUT.as_secs()),
            format!("{} minutes", MAX_ENDPOINT_PAUSE.as_secs() / 60),
            format!("{} hours {} minutes", MAX_TOTAL_PAUSE.as_secs() / 3600, MAX_TOTAL_PAUSE.as_secs() % 3600 / 60),
        ] {
            assert!(guide.contains(&text), "{text}");
        }
    }
}
