//! Buckets of durations. Five of them double the duration, so that a percentile is exact to 10 % however
//! long it is, and an hour has few buckets. Pure.

/// The bucket of failed attempts.
pub const FAILED_ATTEMPT: i32 = -1;
/// The bucket of deliveries without an attempt left.
pub const EXHAUSTED: i32 = -2;

const BUCKETS_PER_DOUBLING: f64 = 5.0;

/// The bucket of a duration.
#[must_use]
pub fn bucket_of(millis: u32) -> i32 {
    #[allow(clippy::cast_possible_truncation, reason = "at most 5 * 32")]
    {
        ((f64::from(millis) + 1.0).log2() * BUCKETS_PER_DOUBLING).floor() as i32
    }
}

/// The duration in the middle of a bucket.
#[must_use]
pub fn middle_of(bucket: i32) -> u32 {
    let millis = ((f64::from(bucket) + 0.5) / BUCKETS_PER_DOUBLING).exp2() - 1.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    {
        millis.round() as u32
    }
}

/// The duration that `percent` of the counted ones don't exceed; `None` if there are none. `counts` are
/// ascending buckets with their counts.
#[must_use]
pub fn percentile(counts: &[(i32, u64)], percent: u64) -> Option<u32> {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let rank = (total * percent).div_ceil(100).max(1);
    let mut seen = 0;
    let found = counts.iter().find(|(_, count)| {
        seen += count;
        seen >= rank
    });
    found.map(|(bucket, _)| middle_of(*bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_exact_to_a_tenth() {
        let mut last = 0;
        for millis in (0..2_000).chain((2_000..120_000).step_by(7)) {
            let bucket = bucket_of(millis);
            assert!(bucket >= last, "{millis}");
            last = bucket;
            let shown = middle_of(bucket);
            assert!(shown.abs_diff(millis) <= 1 || shown.abs_diff(millis) * 10 <= millis, "{millis}: {shown}");
        }
    }

    #[test]
    fn percentiles_are_ranks() {
        let counts = [(bucket_of(10), 95), (bucket_of(100), 4), (bucket_of(1000), 1)];
        let shown = |percent| percentile(&counts, percent);
        let near = |millis| Some(middle_of(bucket_of(millis)));
        assert_eq!((shown(50), shown(95)), (near(10), near(10)));
        assert_eq!((shown(96), shown(99), shown(100)), (near(100), near(100), near(1000)));
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[(bucket_of(1), 1)], 99), Some(1));
    }
}
