//! The waits of a tab before it opens the stream again.

/// The first wait, and the unit in which waits grow.
const FIRST_WAIT_MS: u32 = 500;
/// The longest wait during an outage. A page is live again within seconds after it.
pub const MAX_OUTAGE_WAIT_MS: u32 = 5_000;
/// The longest wait when the server refuses the stream although the user has access: it has too
/// many streams.
pub const MAX_BUSY_WAIT_MS: u32 = 30_000;
/// The longest wait without access.
pub const MAX_REFUSED_WAIT_MS: u32 = 60_000;

/// The wait after `failures` failures: 0.5 s, 1 s, 2 s ... `max_ms`. `random` (0 to 1) adds up to
/// half, so that the browsers don't all reconnect at once after a restart.
pub fn wait_ms(failures: u32, random: f64, max_ms: u32) -> u32 {
    let wait = FIRST_WAIT_MS.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(max_ms);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "random is within 0 and 1")]
    let jitter = (f64::from(wait) * 0.5 * random) as u32;
    wait + jitter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_maximum_with_jitter() {
        let waits = [1, 2, 3, 4, 5, 500].map(|failures| wait_ms(failures, 0.0, MAX_OUTAGE_WAIT_MS));
        assert_eq!(waits, [500, 1000, 2000, 4000, 5000, 5000]);
        assert_eq!(wait_ms(3, 1.0, MAX_OUTAGE_WAIT_MS), 3000);
        assert_eq!(wait_ms(500, 0.0, MAX_REFUSED_WAIT_MS), MAX_REFUSED_WAIT_MS);
    }
}
